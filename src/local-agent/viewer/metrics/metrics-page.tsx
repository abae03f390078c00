// Every metric that came, live, with its tags; and what came beside them: events, checks, and lines that were not understood.

import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { address } from '../base/address'
import { clock, count, number } from '../base/format'
import { onLive } from '../base/live'
import { param, setParams } from '../base/route'
import { useLoaded } from '../base/use-loaded'
import { Command, Empty, Failure } from '../parts/empty'
import { SearchBox } from '../parts/search-box'
import type { MetricNote, RejectedLine, Series } from '../wire'
import { SHOWN_WINDOWS } from './chart-scale'
import { SeriesChart } from './series-chart'

/** Charts at once; a filter finds the others. */
const MAX_CHARTS = 60
const ASKED_SERIES = 500
/** Where the agent says nothing of metrics in its live stream, as often as a window takes shape. */
const ASK_MS = 5000

/** What clients of DogStatsD say of themselves, nearly always zeros: it comes last. */
const isOfClient = ({ name }: Series): boolean => name.startsWith('datadog.')

export function MetricsPage(): JSX.Element {
  const query = param('q')
  const tab = param('tab') || 'charts'
  // The agent looks for a part of a name; tags are looked at here.
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const metrics = useLoaded<{ series: readonly Series[]; counters?: { rejectedLines?: number } }>(
    address('/api/metrics', { limit: ASKED_SERIES, windows: SHOWN_WINDOWS }),
  )
  const events = useLoaded<{ events: readonly MetricNote[] }>('/api/metrics/events?limit=100')
  const checks = useLoaded<{ checks: readonly MetricNote[] }>('/api/metrics/checks?limit=100')
  const rejected = useLoaded<{ rejected: readonly RejectedLine[] }>('/api/metrics/rejected')
  useEffect(() => {
    const refresh = (): void => {
      for (const one of [metrics, events, checks, rejected]) one.refresh()
    }
    const stop = onLive('metric', refresh)
    const timer = setInterval(() => document.hidden || refresh(), ASK_MS)
    return () => {
      stop()
      clearInterval(timer)
    }
  }, [])

  const all = metrics.value?.series ?? []
  const wanted = all
    .filter(({ name, tags, type, host }) =>
      words.every((word) => `${name} ${type} ${host} ${tags.join(' ')}`.toLowerCase().includes(word)),
    )
    .sort(
      (a, b) =>
        Number(isOfClient(a)) - Number(isOfClient(b)) ||
        (a.name < b.name ? -1 : a.name > b.name ? 1 : a.tags.join() < b.tags.join() ? -1 : 1),
    )
  const notes = events.value?.events ?? []
  const tabs: readonly (readonly [string, string, number])[] = [
    ['charts', 'Metrics', all.length],
    ['events', 'Events', notes.length],
    ['checks', 'Checks', checks.value?.checks.length ?? 0],
    ['rejected', 'Not understood', rejected.value?.rejected.length ?? 0],
  ]
  return (
    <div class="page scrolls">
      <div class="toolbar">
        <div class="tabs" role="tablist" aria-label="Metrics">
          {tabs.map(([name, title, many]) => (
            <button
              key={name}
              type="button"
              role="tab"
              aria-selected={tab === name}
              onClick={() => setParams({ tab: name === 'charts' ? '' : name })}
            >
              {title} <span class="number dim">{number(many)}</span>
            </button>
          ))}
        </div>
        {tab === 'charts' && (
          <SearchBox
            value={query}
            label="Filter metrics"
            placeholder="Part of a name or a tag"
            onQuery={(q) => setParams({ q })}
          />
        )}
      </div>
      {metrics.value === undefined ? (
        metrics.error ? (
          <Failure error={metrics.error} />
        ) : (
          <div class="loading" aria-busy="true" />
        )
      ) : tab === 'events' ? (
        <Notes notes={notes} none="No events yet" />
      ) : tab === 'checks' ? (
        <Notes notes={checks.value?.checks ?? []} none="No service checks yet" />
      ) : tab === 'rejected' ? (
        <Rejected lines={rejected.value?.rejected ?? []} />
      ) : all.length === 0 ? (
        <NoMetrics />
      ) : wanted.length === 0 ? (
        <Empty title="No metric matches">
          <p>Of {count(all.length, 'series')} none has all of these words in its name or tags.</p>
        </Empty>
      ) : (
        <>
          <div class="charts">
            {wanted.slice(0, MAX_CHARTS).map((series) => (
              <Card
                key={`${series.source} ${series.type} ${series.name} ${series.host} ${series.tags.join()}`}
                series={series}
                events={notes}
              />
            ))}
          </div>
          {wanted.length > MAX_CHARTS && (
            <p class="notice">{count(wanted.length - MAX_CHARTS, 'more series')}: filter to see them.</p>
          )}
        </>
      )}
    </div>
  )
}

function Card({ series, events }: { series: Series; events: readonly MetricNote[] }): JSX.Element {
  const { name, type, tags, host, source } = series
  const toggle = (tag: string): void => setParams({ q: tag })
  return (
    <article class="card">
      <header>
        <h2 title={name}>{name}</h2>
      </header>
      <p class="card-tags">
        <span class="dim">{source === 'api' ? `${type}, API` : type}</span>
        {[...(host === '' ? [] : [`host:${host}`]), ...tags].map((tag) => (
          <button key={tag} type="button" class="tag" title={`Only ${tag}`} onClick={() => toggle(tag)}>
            {tag}
          </button>
        ))}
      </p>
      <SeriesChart series={series} events={events} end={Date.now() / 1000} />
    </article>
  )
}

function Notes({ notes, none }: { notes: readonly MetricNote[]; none: string }): JSX.Element {
  if (notes.length === 0) {
    return (
      <Empty title={none}>
        <p>What programs send with DogStatsD appears here.</p>
      </Empty>
    )
  }
  return (
    <ul class="notes">
      {notes.map(({ receivedAt, title, text, name, status, message, alertType, tags }, index) => (
        <li key={index} class={kindOf(alertType, status)}>
          <span class="when number">{clock(receivedAt)}</span>
          <b>{title ?? name}</b>
          {status !== undefined && <span class="state">{STATES[status] ?? status}</span>}
          <span class="text">{text ?? message}</span>
          <span class="dim">{tags.join(', ')}</span>
        </li>
      ))}
    </ul>
  )
}

const STATES = ['OK', 'warning', 'critical', 'unknown']

function kindOf(alertType: string | undefined, status: number | undefined): string {
  if (alertType === 'error' || status === 2) return 'error'
  return alertType === 'warning' || status === 1 ? 'warn' : ''
}

function Rejected({ lines }: { lines: readonly RejectedLine[] }): JSX.Element {
  if (lines.length === 0) {
    return (
      <Empty title="All lines were understood">
        <p>A line that an Agent would pass over without a word is shown here with the reason.</p>
      </Empty>
    )
  }
  return (
    <ul class="notes">
      {lines.map(({ receivedAt, line, reason }, index) => (
        <li key={index} class="warn">
          <span class="when number">{clock(receivedAt)}</span>
          <code>{line}</code>
          <span class="text">{reason}</span>
        </li>
      ))}
    </ul>
  )
}

const NoMetrics = (): JSX.Element => (
  <Empty title="No metrics yet">
    <p>Send one to DogStatsD, at the port that the status page shows (the Agent's is 8125):</p>
    <Command text={'echo "page.views:1|c|#env:dev" | nc -u -w0 127.0.0.1 8125'} />
    <p>Or to the addresses of Datadog's API, here:</p>
    <Command text={`DATADOG_HOST=${location.origin} node app.js`} />
  </Empty>
)
