// The spans of a trace as a table, or in groups that do the same, with what each took itself: for "what is this trace spending
// its time on".

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { micros, number, percent } from '../base/format'
import { param, setParams } from '../base/route'
import { Grid, type Sorting, sorted } from '../parts/grid'
import { Service } from '../parts/service'
import type { TraceModel } from './trace-model'
import type { TraceView } from './trace-view'

const ROW_HEIGHT = 28

interface Line {
  readonly key: string
  readonly rows: readonly number[]
  readonly service: string
  readonly resource: string
  readonly name: string
  readonly count: number
  readonly errors: number
  /** Microseconds. */
  readonly start: number
  readonly total: number
  readonly self: number
}

const COLUMNS = [
  ['what', 'Resource', undefined],
  ['who', 'Service', (line: Line) => line.service],
  ['many', 'Spans', (line: Line) => line.count],
  ['bad', 'Errors', (line: Line) => line.errors],
  ['at', 'Start', (line: Line) => line.start],
  ['total', 'Total', (line: Line) => line.total],
  ['self', 'Self', (line: Line) => line.self],
] as const

const GROUPINGS = [
  ['resource', 'by resource'],
  ['service', 'by service'],
  ['none', 'each span'],
] as const

export function SpanTable({ view }: { view: TraceView }): JSX.Element {
  const grouping = param('by') || 'resource'
  const sort = useSignal<Sorting>({ column: 'self', isDown: true })
  const model = view.model.value
  const matches = view.matchSet.value
  const lines = useMemo(() => linesOf(model, grouping), [model, grouping])
  const { column, isDown } = sort.value
  const shown = useMemo(() => {
    const key = COLUMNS.find(([name]) => name === column)?.[2] ?? ((line: Line) => line.resource)
    const matching = matches.size === 0 ? lines : lines.filter(({ rows }) => rows.some((row) => matches.has(row)))
    return sorted(matching, key, isDown)
  }, [lines, column, isDown, matches])
  const most = shown.reduce((max, line) => Math.max(max, line.self), 1)
  const all = lines.reduce((sum, line) => sum + line.self, 0) || 1
  const selected = shown.findIndex(({ rows }) => rows.includes(view.selected.value))

  return (
    <div class="span-table">
      <div class="segments" role="radiogroup" aria-label="Grouped">
        {GROUPINGS.map(([name, title]) => (
          <button
            key={name}
            type="button"
            role="radio"
            aria-checked={grouping === name}
            onClick={() => setParams({ by: name === 'resource' ? '' : name })}
          >
            {title}
          </button>
        ))}
      </div>
      <Grid
        label="Spans"
        rowClass="line-row"
        columns={COLUMNS}
        sort={sort}
        count={shown.length}
        rowHeight={ROW_HEIGHT}
        selected={selected}
        row={(index) => {
          const line = shown[index]
          return (
            line && (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys, not its rows
              <div
                key={line.key}
                class={`line-row ${line.errors > 0 ? 'failed' : ''}`}
                role="row"
                tabIndex={-1}
                aria-selected={index === selected}
                onClick={() => view.select(longestOf(model, line.rows), true)}
              >
                <span class="what" role="gridcell" title={line.resource}>
                  <span class="title">{line.resource}</span>
                  {line.name !== '' && line.name !== line.resource && <span class="name">{line.name}</span>}
                </span>
                <span class="who" role="gridcell">
                  <Service name={line.service} />
                </span>
                <span class="many" role="gridcell">
                  {number(line.count)}
                </span>
                <span class={`bad ${line.errors > 0 ? 'some' : ''}`} role="gridcell">
                  {line.errors > 0 ? number(line.errors) : ''}
                </span>
                <span class="at" role="gridcell">
                  +{micros(line.start)}
                </span>
                <span class="total" role="gridcell">
                  {micros(line.total)}
                </span>
                <span class="self" role="gridcell" title={percent(line.self / all)}>
                  {micros(line.self)}
                  <span class="bar">
                    <i style={{ width: `${(line.self / most) * 100}%` }} />
                  </span>
                </span>
              </div>
            )
          )
        }}
      />
    </div>
  )
}

function longestOf(model: TraceModel, rows: readonly number[]): number {
  const time = (row: number): number => model.end[row]! - model.start[row]!
  return rows.reduce((longest, row) => (time(row) > time(longest) ? row : longest), rows[0] ?? 0)
}

export function linesOf(model: TraceModel, grouping: string): Line[] {
  const groups = new Map<string, number[]>()
  for (let row = 0; row < model.count; row++) {
    const key =
      grouping === 'service'
        ? model.service(row)
        : grouping === 'none'
          ? (model.ids[row] ?? '')
          : `${model.service(row)}\n${model.name(row)}\n${model.resource(row)}`
    const rows = groups.get(key)
    if (rows) rows.push(row)
    else groups.set(key, [row])
  }
  return [...groups].map(([key, rows]) => {
    const first = rows[0] ?? 0
    let [errors, total, self, start] = [0, 0, 0, Number.POSITIVE_INFINITY]
    for (const row of rows) {
      errors += Number(model.isError(row))
      total += model.end[row]! - model.start[row]!
      self += model.self[row]!
      start = Math.min(start, model.start[row]!)
    }
    const isService = grouping === 'service'
    const resource = isService ? model.service(first) : grouping === 'none' ? model.title(first) : model.resource(first)
    const name = isService ? '' : model.name(first)
    return { key, rows, service: model.service(first), resource, name, count: rows.length, errors, start, total, self }
  })
}
