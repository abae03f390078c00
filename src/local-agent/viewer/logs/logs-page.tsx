// What programs print under `dog run`, and the logs of OTLP, as it comes: the latest at the bottom, as in a terminal.

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { address } from '../base/address'
import { number } from '../base/format'
import { stepKeys, useKeys } from '../base/keys'
import { onLive } from '../base/live'
import { go, param, setParams, traceHref } from '../base/route'
import { useLoaded } from '../base/use-loaded'
import { Command, Empty, Failure } from '../parts/empty'
import { Grid } from '../parts/grid'
import { SearchBox } from '../parts/search-box'
import type { LogLine } from '../wire'
import { LogRow, levelOf } from './log-row'

const ROW_HEIGHT = 22
/** As many as one scrolls through; the agent keeps more. */
const LIMIT = 1000
const LEVELS = ['error', 'warn', 'info', 'debug'] as const

export function LogsPage(): JSX.Element {
  const query = param('q')
  const hidden = param('hide').split(',')
  const scroller = useRef<HTMLDivElement>(null)
  const isAtEnd = useSignal(true)
  const selected = useSignal(-1)
  const { value, error, refresh } = useLoaded<{ logs: readonly LogLine[] }>(
    address('/api/logs', { query, limit: LIMIT }),
  )
  useEffect(() => onLive('log', refresh), [query])

  const all = [...(value?.logs ?? [])].sort((a, b) => a.time - b.time || Number(a.id) - Number(b.id))
  const lines = all.filter((line) => !hidden.includes(levelOf(line)))
  useLayoutEffect(() => {
    const element = scroller.current
    if (element && isAtEnd.peek()) element.scrollTop = element.scrollHeight
  }, [lines.length, lines.at(-1)?.id])
  const select = (index: number): void => {
    selected.value = Math.max(0, Math.min(lines.length - 1, index))
  }
  useKeys({
    ...stepKeys((by) => select(selected.peek() + by)),
    End: () => select(lines.length - 1),
    Home: () => select(0),
    Enter: () => {
      const line = lines[selected.peek()]
      return line?.traceId ? go(traceHref(line.traceId, line.spanId)) : false
    },
  })
  const isNew = value !== undefined && all.length === 0 && query === ''
  return (
    <div class="page">
      <div class="toolbar">
        <SearchBox
          value={query}
          label="Search logs"
          placeholder="Words of the message, service:web, level:error"
          error={error}
          onQuery={(q) => setParams({ q })}
          onLeave={() => scroller.current?.focus()}
        />
        <fieldset class="levels" aria-label="Levels">
          {LEVELS.map((level) => (
            <button
              key={level}
              type="button"
              class={`button ${level}`}
              aria-pressed={!hidden.includes(level)}
              onClick={() =>
                setParams({
                  hide: (hidden.includes(level) ? hidden.filter((one) => one !== level) : [...hidden, level])
                    .filter(Boolean)
                    .join(','),
                })
              }
            >
              {level} <span class="number dim">{number(all.filter((line) => levelOf(line) === level).length)}</span>
            </button>
          ))}
        </fieldset>
      </div>
      {isNew ? (
        <Empty title="No logs yet">
          <p>Let the agent start your program, and what it prints appears here, tied to the spans it was printed in:</p>
          <Command text="npx dog run -- node app.js" />
          <p class="dim">
            Logs over OTLP come to <code>{location.origin}/v1/logs</code>.
          </p>
        </Empty>
      ) : error && value === undefined && error.status !== 400 ? (
        <Failure error={error} />
      ) : (
        <Grid
          class="logs"
          label="Logs"
          scroller={scroller}
          count={lines.length}
          rowHeight={ROW_HEIGHT}
          selected={selected.value}
          onScrolled={(top) => {
            const element = scroller.current
            isAtEnd.value = element === null || top + element.clientHeight >= element.scrollHeight - ROW_HEIGHT
          }}
          row={(index) => {
            const line = lines[index]
            return (
              line && (
                <div key={line.id} class={index === selected.value ? 'chosen' : ''} role="presentation">
                  <LogRow line={line} />
                </div>
              )
            )
          }}
        />
      )}
      {!isAtEnd.value && (
        <button
          type="button"
          class="pill low"
          onClick={() => scroller.current?.scrollTo({ top: scroller.current.scrollHeight })}
        >
          To the latest
        </button>
      )}
    </div>
  )
}
