// One row of the waterfall: a span's place in the tree, its name, and its bar on the time axis.

import type { JSX } from 'preact'
import { micros } from '../base/format'
import { colourClass } from '../base/service-colour'
import { Icon } from '../parts/icon'
import type { TraceModel } from './trace-model'
import type { TraceView, Window } from './trace-view'

const INDENT_PX = 14
/** Deeper ones stand below each other: the names need the width. */
const MAX_INDENTS = 16

interface SpanRowProps {
  readonly view: TraceView
  readonly model: TraceModel
  readonly row: number
  readonly window: Window
  readonly isSelected: boolean
  readonly isFolded: boolean
  readonly isMatch: boolean
}

export function SpanRow({ view, model, row, window, isSelected, isFolded, isMatch }: SpanRowProps): JSX.Element {
  const depth = model.depth[row]!
  const start = model.start[row]!
  const end = model.end[row]!
  const name = model.name(row)
  const title = model.title(row)
  const service = model.service(row)
  const hasChildren = model.hasChildren(row)
  const isError = model.isError(row)
  const parent = model.parent[row]!
  const isOtherService = parent < 0 || model.service(parent) !== service
  const length = window.to - window.from
  const left = ((start - window.from) / length) * 100
  const right = ((end - window.from) / length) * 100
  const isInSight = right >= 0 && left <= 100
  const time = micros(end - start)
  const shown = { left: Math.max(0, left), right: Math.min(100, right) }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys, not its rows
    <div
      id={`span-${model.ids[row]}`}
      class={`span-row ${colourClass(service)} ${isError ? 'failed' : ''} ${isMatch ? 'match' : ''}`}
      role="row"
      tabIndex={-1}
      aria-level={depth + 1}
      aria-expanded={hasChildren ? !isFolded : undefined}
      aria-selected={isSelected}
      onClick={() => view.select(row, true)}
      onDblClick={() => view.lookAtSpan(row)}
    >
      <div class="tree" role="gridcell">
        <span class="indent" style={{ width: `${Math.min(depth, MAX_INDENTS) * INDENT_PX}px` }} />
        {hasChildren ? (
          <button
            type="button"
            class={`fold ${isFolded ? '' : 'open'}`}
            tabIndex={-1}
            aria-label={isFolded ? 'Unfold' : 'Fold'}
            onClick={(event) => {
              event.stopPropagation()
              view.fold(row, !isFolded)
            }}
          >
            {isFolded ? <span class="hidden-count">{model.descendants(row)}</span> : <Icon name="chevron" />}
          </button>
        ) : (
          <span class="leaf" />
        )}
        {isOtherService && <b class="service">{service}</b>}
        <span class="resource">{title}</span>
        {title !== name && <span class="name">{name}</span>}
        <span class="narrow-time number">{time}</span>
      </div>
      <div class="lane" role="gridcell" aria-label={`${time}, starts after ${micros(start)}`}>
        {isInSight ? (
          <>
            <i class="bar" style={{ left: `${shown.left}%`, width: `${shown.right - shown.left}%` }} />
            {view.showsCritical.value &&
              model.critical.get(row)?.map((part) => {
                const from = Math.max(0, ((part.start - window.from) / length) * 100)
                const to = Math.min(100, ((part.end - window.from) / length) * 100)
                return (
                  to >= from && <i key={part.start} class="wait" style={{ left: `${from}%`, width: `${to - from}%` }} />
                )
              })}
            <span class={`time number ${shown.right > 88 && shown.left < 12 ? 'on' : ''}`} style={timePlace(shown)}>
              {time}
            </span>
          </>
        ) : (
          <span class={`away ${right < 0 ? 'earlier' : 'later'}`}>{right < 0 ? '‹' : '›'}</span>
        )}
      </div>
    </div>
  )
}

/** Behind the bar; in front of it where the lane ends; on its end where it takes the whole lane. */
function timePlace({ left, right }: { left: number; right: number }): Record<string, string> {
  if (right <= 88) return { left: `${right}%` }
  return { right: `${100 - (left >= 12 ? left : right)}%` }
}
