// Two traces side by side: what only one of them does, and what takes longer in the other.

import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { address } from '../base/address'
import { clock, count, duration, micros, millis } from '../base/format'
import { useKeys } from '../base/keys'
import { go, href, param, setParams, traceHref } from '../base/route'
import { useLoaded } from '../base/use-loaded'
import { Empty, Failure } from '../parts/empty'
import { type Column, Grid } from '../parts/grid'
import { Service } from '../parts/service'
import type { ComparedRow, Comparison, Summary } from '../wire'

const ROW_HEIGHT = 26
const INDENT_PX = 14

const COLUMNS: readonly Column[] = [
  ['what', 'Span'],
  ['a', 'A'],
  ['b', 'B'],
  ['diff', 'B − A'],
]

const SIGNS = { same: '', added: '+', removed: '−', slower: '↑', faster: '↓' } as const

export function ComparePage({ a, b }: { a: string; b: string }): JSX.Element {
  const { value, error } = useLoaded<Comparison>(a === '' || b === '' ? undefined : address('/api/compare', { a, b }))
  const isOnlyChanged = param('only') === 'changed'
  const rows = useMemo(
    () => (value?.rows ?? []).filter(({ change }) => !isOnlyChanged || change !== 'same'),
    [value, isOnlyChanged],
  )
  useKeys({ Escape: () => go(traceHref(a)), s: () => go(href(`compare/${b}/${a}`)) })
  if (a === '' || b === '') {
    return (
      <Empty title="Two traces to compare">
        <p>Open a trace, press Compare in its head, and choose the other one from the list.</p>
        <a class="button" href="#/traces">
          All traces
        </a>
      </Empty>
    )
  }
  if (value === undefined) return error ? <Failure error={error} /> : <div class="loading" aria-busy="true" />
  const changed = value.rows.filter(({ change }) => change !== 'same').length
  const most = Math.max(1, ...value.rows.map(({ durationA, durationB }) => Math.max(durationA, durationB)))
  return (
    <div class="page compare">
      <div class="sides">
        <Side letter="A" summary={value.a} />
        <Side letter="B" summary={value.b} other={value.a} />
      </div>
      <div class="toolbar">
        <span class="dim">{count(changed, 'difference')}</span>
        <button
          type="button"
          class="button"
          aria-pressed={isOnlyChanged}
          onClick={() => setParams({ only: isOnlyChanged ? '' : 'changed' })}
        >
          Only differences
        </button>
        <a class="button" href={href(`compare/${b}/${a}`)} title="Swap (s)">
          Swap
        </a>
      </div>
      <Grid
        label="Differences"
        rowClass="diff-row"
        columns={COLUMNS}
        count={rows.length}
        rowHeight={ROW_HEIGHT}
        row={(index) => {
          const row = rows[index]
          return row && <DiffRow key={`${index}`} row={row} most={most} />
        }}
      />
    </div>
  )
}

function Side({ letter, summary, other }: { letter: string; summary: Summary; other?: Summary }): JSX.Element {
  const ns = Number(summary.duration)
  const factor = other === undefined ? 0 : ns / Math.max(1, Number(other.duration))
  return (
    <a class="side" href={traceHref(summary.id)}>
      <b class="letter">{letter}</b>
      <span>
        <Service name={summary.service} /> <b>{summary.title}</b>
        <br />
        <span class="dim number">
          {clock(millis(summary.start))} · {duration(ns)}
          {factor > 0 && ` (${factor.toFixed(2)}×)`} · {count(summary.spanCount, 'span')}
          {summary.errorCount > 0 && <span class="bad"> · {count(summary.errorCount, 'error')}</span>}
        </span>
      </span>
    </a>
  )
}

function DiffRow({ row, most }: { row: ComparedRow; most: number }): JSX.Element {
  const { depth, service, name, resource, change, countA, countB, durationA, durationB } = row
  const difference = durationB - durationA
  return (
    <div class={`diff-row ${change}`} role="row">
      <span
        class="what"
        role="gridcell"
        style={{ paddingLeft: `${Math.min(depth, 16) * INDENT_PX + 8}px` }}
        title={resource}
      >
        <span class="sign" title={change}>
          {SIGNS[change]}
        </span>
        <Service name={service} />
        <span class="title">{resource || name}</span>
        {Math.max(countA, countB) > 1 && (
          <span class="dim number">{countA === countB ? `×${countA}` : `×${countA} → ×${countB}`}</span>
        )}
      </span>
      <span class="a" role="gridcell">
        {countA > 0 ? micros(durationA) : ''}
        <i style={{ width: `${(durationA / most) * 100}%` }} />
      </span>
      <span class="b" role="gridcell">
        {countB > 0 ? micros(durationB) : ''}
        <i style={{ width: `${(durationB / most) * 100}%` }} />
      </span>
      <span class="diff" role="gridcell">
        {change === 'same' ? '' : `${difference < 0 ? '−' : '+'}${micros(Math.abs(difference))}`}
      </span>
    </div>
  )
}
