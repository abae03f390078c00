// The runs that the agent has kept in its file, to be looked at again.

import type { JSX } from 'preact'
import { clockSeconds, count, day } from '../base/format'
import { run as shown, showRun } from '../base/run'
import { useLoaded } from '../base/use-loaded'

interface Run {
  readonly id: number
  /** Milliseconds since the Unix epoch. */
  readonly start: number
  readonly traces: number
  readonly isCurrent: boolean
}

export function RunsCard(): JSX.Element | null {
  const { value } = useLoaded<{ readonly runs: readonly Run[] }>('/api/runs')
  if (!value?.runs.length) return null
  return (
    <section class="card">
      <h2>Runs</h2>
      <dl>
        {value.runs.map(({ id, start, traces, isCurrent }) => {
          const name = isCurrent ? '' : String(id)
          return (
            <div key={id}>
              <dt>
                {name === shown ? (
                  `${day(start)} ${clockSeconds(start)}`
                ) : (
                  <button type="button" class="link" onClick={() => showRun(name)}>
                    {day(start)} {clockSeconds(start)}
                  </button>
                )}
              </dt>
              <dd class="number">{isCurrent ? 'now' : count(traces, 'trace')}</dd>
            </div>
          )
        })}
      </dl>
    </section>
  )
}
