// One line of the list of traces.

import type { JSX } from 'preact'
import { clock, count, day, duration } from '../base/format'
import { colourClass } from '../base/service-colour'
import type { Column } from '../parts/grid'
import { Service } from '../parts/service'
import type { Row } from './trace-feed'

export const TRACE_COLUMNS: readonly Column[] = [
  ['when', 'Time'],
  ['who', 'Service'],
  ['what', 'Resource'],
  ['state', 'Status'],
  ['long', 'Duration'],
  ['many', 'Spans'],
]

/** Of the services beside the root's. */
const MAX_DOTS = 5

interface TraceRowProps {
  readonly row: Row
  readonly index: number
  /** Nanoseconds of the longest trace of the list. */
  readonly slowest: number
  readonly href: string
  readonly isSelected: boolean
  readonly onOpen: () => void
}

export function TraceRow({ row, index, slowest, href, isSelected, onOpen }: TraceRowProps): JSX.Element {
  const { id, at, ns, name, title, service, services, spanCount, errorCount, statusCode } = row
  const others = services.filter((one) => one !== service)
  return (
    <div
      id={`trace-${id}`}
      class={`trace-row ${errorCount > 0 ? 'failed' : ''}`}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 1}
      aria-selected={isSelected}
    >
      <span class="when" role="gridcell" title={`${day(at)} ${clock(at)}`}>
        {clock(at)}
      </span>
      <span class="who" role="gridcell">
        <Service name={service} />
      </span>
      <span class="what" role="gridcell">
        <a class="title" href={href} tabIndex={-1} onClick={onOpen}>
          {title}
        </a>
        {name !== title && <span class="name">{name}</span>}
        {others.length > 0 && (
          <span class="dots" title={others.join('\n')}>
            {others.slice(0, MAX_DOTS).map((one) => (
              <i key={one} class={colourClass(one)} />
            ))}
            {others.length > MAX_DOTS && `+${others.length - MAX_DOTS}`}
          </span>
        )}
      </span>
      <span class="state" role="gridcell">
        {statusCode !== '' && <span class={`code c${statusCode[0]}`}>{statusCode}</span>}
        {errorCount > 0 && (
          <span class="errors" title={count(errorCount, 'error')}>
            {statusCode === ''
              ? row.status === 'ok'
                ? count(errorCount, 'error')
                : 'error'
              : errorCount > 1
                ? `×${errorCount}`
                : ''}
          </span>
        )}
      </span>
      <span class="long" role="gridcell">
        <span class="number">{duration(ns)}</span>
        <span class="bar">
          <i class={colourClass(service)} style={{ width: `${barShare(ns, slowest) * 100}%` }} />
        </span>
      </span>
      <span class="many" role="gridcell">
        {spanCount}
      </span>
    </div>
  )
}

/** Durations differ by orders of magnitude, so the bar grows with their logarithm, from a tenth of a millisecond on. */
function barShare(ns: number, slowest: number): number {
  const size = (time: number): number => Math.log10(1 + time / 1e5)
  return slowest === 0 ? 0 : Math.max(0.03, size(ns) / size(slowest))
}
