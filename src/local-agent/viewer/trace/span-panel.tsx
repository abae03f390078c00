// Everything that is known of one span: what failed, what it did, its tags, events, links and logs. Tags that only tracers and
// Agents read (`_dd.…`) are folded away.

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { termOf } from '../../search/query-text'
import { micros } from '../base/format'
import { traceHref, tracesHref } from '../base/route'
import { useLoaded } from '../base/use-loaded'
import { LogRow } from '../logs/log-row'
import { CopyButton } from '../parts/copy-button'
import { Failure } from '../parts/empty'
import { Icon } from '../parts/icon'
import { Service } from '../parts/service'
import type { SpanError, SpanEvent, SpanLink, WholeSpan } from '../wire'
import { RichText } from './rich-text'
import type { TraceView } from './trace-view'

const ERROR_TAGS = new Set(['error.type', 'error.message', 'error.stack', 'error.msg'])
/** Shown in their own ways. */
const OTHER_TAGS = new Set(['events', '_dd.span_links'])
const INTERNAL = /^_dd\.|^_sampling_priority|^_top_level|^_sample_rate|^runtime-id$|^process_id$|^language$/

export function SpanPanel({ view }: { view: TraceView }): JSX.Element {
  const model = view.model.value
  const { id, revision } = model.skeleton
  const row = view.selected.value
  const { value: span, error } = useLoaded<WholeSpan>(
    `/api/traces/${id}/spans/${view.selectedId.value}?revision=${revision}`,
  )
  const [part, setPart] = useState('')
  if (error && !span) return <Failure error={error} />
  const title = model.resource(row) || model.name(row)
  const tags = span ? Object.entries({ ...span.meta, ...span.metrics }).sort(([a], [b]) => (a < b ? -1 : 1)) : []
  const shown = tags.filter(([key]) => !ERROR_TAGS.has(key) && !OTHER_TAGS.has(key))
  const wanted = shown.filter(
    ([key, value]) => part === '' || `${key}:${value}`.toLowerCase().includes(part.toLowerCase()),
  )
  const internal = wanted.filter(([key]) => INTERNAL.test(key))
  const ordinary = wanted.filter(([key]) => !INTERNAL.test(key))
  const { events = [], links = [], logs = [] } = span ?? {}
  const parent = model.parent[row] ?? -1
  return (
    <article class="span-panel">
      <p class="kind">
        <Service name={model.service(row)} />
        <span class="dim">{model.name(row)}</span>
      </p>
      <div class="what">
        <RichText text={title} isCode />
        <CopyButton text={title} label="Copy resource" isQuiet />
      </div>
      <dl class="facts">
        <div>
          <dt>Duration</dt>
          <dd>{micros(model.end[row]! - model.start[row]!)}</dd>
        </div>
        <div>
          <dt>Itself</dt>
          <dd>{micros(model.self[row]!)}</dd>
        </div>
        <div>
          <dt>Start</dt>
          <dd>+{micros(model.start[row]!)}</dd>
        </div>
      </dl>
      {span !== undefined && span.error !== 0 && <ErrorBox error={span.error} />}
      <section>
        <h3>
          Tags <span class="dim number">{shown.length}</span>
          <input
            type="text"
            class="small"
            aria-label="Filter tags"
            placeholder="Filter"
            value={part}
            onInput={({ currentTarget }) => setPart(currentTarget.value)}
            onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
          />
          <CopyButton
            text={() => JSON.stringify(Object.fromEntries(shown), undefined, 2)}
            label="Copy all tags as JSON"
            isQuiet
          />
        </h3>
        <TagTable tags={ordinary} />
        {internal.length > 0 && (
          <details open={part !== ''}>
            <summary>Internal tags ({internal.length})</summary>
            <TagTable tags={internal} />
          </details>
        )}
      </section>
      {events.length > 0 && <Events events={events} startMs={model.skeleton.start + model.start[row]! / 1000} />}
      {links.length > 0 && <Links links={links} />}
      {logs.length > 0 && (
        <section>
          <h3>
            Logs <span class="dim number">{logs.length}</span>
          </h3>
          {logs.map((line) => (
            <LogRow key={line.id} line={line} isInTrace />
          ))}
        </section>
      )}
      <p class="ids dim">
        span <code>{view.selectedId.value}</code>
        <CopyButton text={view.selectedId.value} label="Copy span id" isQuiet />
        {parent >= 0 && (
          <button type="button" class="link" onClick={() => view.select(parent)}>
            to its parent
          </button>
        )}
      </p>
    </article>
  )
}

function ErrorBox({ error }: { error: SpanError }): JSX.Element {
  const { message, stack } = error
  const type = error.type || 'Error'
  const title = message === '' ? type : `${type}: ${message}`
  // Node puts type and message in front of a stack; they are shown above it.
  const lines = stack.startsWith(`${title}\n`) ? stack.slice(title.length + 1) : stack
  return (
    <section class="error-box">
      <h3>
        <span>{type}</span>
        <CopyButton text={stack === '' ? title : stack} label="Copy the error" isQuiet />
      </h3>
      {message !== '' && <p>{message}</p>}
      {lines !== '' && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long stack is scrolled by keys
        <pre tabIndex={0}>
          {lines.split('\n').map((line, index) => (
            <span key={index} class={/node_modules|\(?node:/.test(line) ? 'foreign' : ''}>
              {line.trimStart()}
              {'\n'}
            </span>
          ))}
        </pre>
      )}
    </section>
  )
}

function TagTable({ tags }: { tags: readonly (readonly [string, string | number])[] }): JSX.Element {
  return (
    <dl class="tags">
      {tags.map(([key, value]) => (
        <div key={key}>
          <dt title={key}>{key}</dt>
          <dd>
            <RichText text={String(value)} />
          </dd>
          <span class="tag-actions">
            <a
              class="quiet-button"
              href={tracesHref(termOf(`@${key}`, String(value)))}
              aria-label={`Traces with this ${key}`}
              title={`Traces with this ${key}`}
            >
              <Icon name="filter" />
            </a>
            <CopyButton text={String(value)} label={`Copy ${key}`} isQuiet />
          </span>
        </div>
      ))}
    </dl>
  )
}

function Events({ events, startMs }: { events: readonly SpanEvent[]; startMs: number }): JSX.Element {
  return (
    <section>
      <h3>
        Events <span class="dim number">{events.length}</span>
      </h3>
      {events.map((event, index) => {
        const at = Number(event.time_unix_nano ?? 0) / 1e6 - startMs
        return (
          <div key={index} class="event">
            <b>{event.name}</b>{' '}
            {event.time_unix_nano !== undefined && <span class="dim number">+{micros(Math.max(0, at * 1000))}</span>}
            <TagTable tags={attributes(event.attributes)} />
          </div>
        )
      })}
    </section>
  )
}

function Links({ links }: { links: readonly SpanLink[] }): JSX.Element {
  return (
    <section>
      <h3>
        Links <span class="dim number">{links.length}</span>
      </h3>
      {links.map(({ trace_id = '', span_id = '', isHere, attributes: given }, index) => (
        <div key={index} class="event">
          {isHere ? (
            <a href={traceHref(trace_id, idInDecimal(span_id))}>
              <code>{trace_id}</code>
            </a>
          ) : (
            <code title="This trace is not here, or not any more">{trace_id}</code>
          )}
          <TagTable tags={attributes(given)} />
        </div>
      ))}
    </section>
  )
}

/** Links have ids as hex digits, spans as decimal ones. */
function idInDecimal(hex: string): string {
  return /^[0-9a-f]{1,16}$/i.test(hex) ? String(BigInt(`0x${hex}`)) : hex
}

function attributes(given: Readonly<Record<string, unknown>> | undefined): [string, string][] {
  return Object.entries(given ?? {}).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
}
