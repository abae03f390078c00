// How the traces of the list are spread over time: bars of all, with the failed ones in red.

import type { JSX } from 'preact'
import { clockSeconds, count } from '../base/format'
import type { Row } from './trace-feed'

const BARS = 90

export function Activity({ rows }: { rows: readonly Row[] }): JSX.Element | null {
  const last = rows[0]?.at
  const first = rows.at(-1)?.at
  if (first === undefined || last === undefined || last - first < 1) return null
  const step = (last - first) / BARS
  const all = new Array<number>(BARS).fill(0)
  const failed = new Array<number>(BARS).fill(0)
  for (const { at, errorCount } of rows) {
    const bar = Math.min(BARS - 1, Math.floor((at - first) / step))
    all[bar]!++
    if (errorCount > 0) failed[bar]!++
  }
  const most = Math.max(...all)
  const failures = failed.reduce((sum, one) => sum + one, 0)
  return (
    <div class="activity">
      <svg
        viewBox={`0 0 ${BARS} 1`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${count(rows.length, 'trace')}, ${failures} with errors, from ${clockSeconds(first)} to ${clockSeconds(last)}`}
      >
        {all.map((value, bar) => {
          const height = value === 0 ? 0 : 0.12 + 0.88 * (value / most)
          const bad = (height * (failed[bar] ?? 0)) / (value || 1)
          return (
            <g key={bar}>
              <rect class="all" x={bar + 0.12} width={0.76} y={1 - height} height={height - bad} />
              <rect class="bad" x={bar + 0.12} width={0.76} y={1 - bad} height={bad} />
            </g>
          )
        })}
      </svg>
      <span>{clockSeconds(first)}</span>
      <span>{clockSeconds(last)}</span>
    </div>
  )
}
