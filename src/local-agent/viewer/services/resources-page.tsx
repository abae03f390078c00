// What services are asked to do: for each endpoint, job or query how often, how many fail, how long it takes.

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { termOf } from '../../search/query-text'
import { address } from '../base/address'
import { micros, number, percent, quantity } from '../base/format'
import { stepKeys, useKeys } from '../base/keys'
import { param, setParams, traceHref, tracesHref } from '../base/route'
import { useLoaded } from '../base/use-loaded'
import { Command, Empty, Failure, startCommand } from '../parts/empty'
import { Grid, type Sorting, sorted } from '../parts/grid'
import { SearchBox } from '../parts/search-box'
import { Service } from '../parts/service'
import { SidePanel } from '../parts/side-panel'
import { changes } from '../traces/trace-feed'
import type { Resource } from '../wire'
import { Histogram } from './histogram'

const ROW_HEIGHT = 30

const COLUMNS: readonly (readonly [name: string, title: string, key: (resource: Resource) => number | string])[] = [
  ['what', 'Resource', ({ resource }) => resource],
  ['who', 'Service', ({ service }) => service],
  ['count', 'Requests', ({ count }) => count],
  ['rate', 'Per s', ({ rate }) => rate],
  ['bad', 'Errors', ({ errors, count }) => errors / count],
  ['p50', 'p50', ({ p50 }) => p50],
  ['p95', 'p95', ({ p95 }) => p95],
  ['p99', 'p99', ({ p99 }) => p99],
  ['total', 'Total', ({ total }) => total],
]

const keyOf = ({ service, name, resource }: Resource): string => `${service}|${name}|${resource}`

export function ResourcesPage(): JSX.Element {
  const query = param('q')
  const service = param('service')
  const chosen = param('resource')
  const sort = useSignal<Sorting>({ column: 'total', isDown: true })
  const { value, error, refresh } = useLoaded<{ resources: readonly Resource[] }>(
    address('/api/resources', { query, service }),
  )
  useEffect(() => changes.subscribe(refresh), [query, service])
  const { column, isDown } = sort.value
  const list = useMemo(() => {
    const key = COLUMNS.find(([name]) => name === column)?.[2] ?? (({ total }: Resource) => total)
    return sorted(value?.resources ?? [], key, isDown)
  }, [value, column, isDown])
  const most = list.reduce((max, { total }) => Math.max(max, total), 1)
  const selected = list.findIndex((resource) => keyOf(resource) === chosen)
  const step = (by: number): void => {
    const next = list[Math.max(0, Math.min(list.length - 1, selected + by))]
    if (next) setParams({ resource: keyOf(next) })
  }
  useKeys({
    ...stepKeys(step),
    Escape: () =>
      chosen === '' ? (service === '' ? false : setParams({ service: '' }, true)) : setParams({ resource: '' }),
  })
  const open = list[selected]
  return (
    <div class="page">
      <div class="toolbar">
        <SearchBox
          value={query}
          label="Search resources"
          placeholder="service:web resource_name:*items*"
          error={error}
          onQuery={(q) => setParams({ q })}
        />
        {service !== '' && (
          <button type="button" class="button" title="All services" onClick={() => setParams({ service: '' }, true)}>
            <Service name={service} /> ×
          </button>
        )}
      </div>
      {value === undefined && error && error.status !== 400 ? (
        <Failure error={error} />
      ) : value?.resources.length === 0 ? (
        <Empty title={query === '' && service === '' ? 'No resources yet' : 'No resource matches'}>
          <p>Endpoints, jobs and queries appear here with their latencies as soon as a trace has them.</p>
          {query === '' && <Command text={startCommand} />}
        </Empty>
      ) : (
        <div class="split">
          <Grid
            class="resources"
            label="Resources"
            rowClass="resource-row"
            columns={COLUMNS}
            sort={sort}
            count={list.length}
            rowHeight={ROW_HEIGHT}
            selected={selected}
            row={(index) => {
              const one = list[index]
              return (
                one && (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys, not its rows
                  <div
                    key={keyOf(one)}
                    class={`resource-row ${one.errors > 0 ? 'failed' : ''}`}
                    role="row"
                    tabIndex={-1}
                    aria-selected={index === selected}
                    onClick={() => setParams({ resource: keyOf(one) })}
                  >
                    <span class="what" role="gridcell" title={one.resource}>
                      <span class="title">{one.resource}</span>
                      {one.name !== one.resource && <span class="name">{one.name}</span>}
                    </span>
                    <span class="who" role="gridcell">
                      <Service name={one.service} />
                    </span>
                    <span class="count" role="gridcell">
                      {number(one.count)}
                    </span>
                    <span class="rate" role="gridcell">
                      {quantity(one.rate)}
                    </span>
                    <span class={`bad ${one.errors > 0 ? 'some' : ''}`} role="gridcell">
                      {one.errors > 0 ? percent(one.errors / one.count) : ''}
                    </span>
                    <span class="p50" role="gridcell">
                      {micros(one.p50)}
                    </span>
                    <span class="p95" role="gridcell">
                      {micros(one.p95)}
                    </span>
                    <span class="p99" role="gridcell">
                      {micros(one.p99)}
                    </span>
                    <span class="total" role="gridcell">
                      {micros(one.total)}
                      <span class="bar">
                        <i style={{ width: `${(one.total / most) * 100}%` }} />
                      </span>
                    </span>
                  </div>
                )
              )
            }}
          />
          {open && (
            <SidePanel label={open.resource} onClose={() => setParams({ resource: '' })}>
              <ResourcePanel resource={open} />
            </SidePanel>
          )}
        </div>
      )}
    </div>
  )
}

function ResourcePanel({ resource: one }: { resource: Resource }): JSX.Element {
  const query = [termOf('service', one.service), termOf('resource_name', one.resource)].join(' ')
  return (
    <article class="span-panel">
      <p class="kind">
        <Service name={one.service} />
        <span class="dim">{one.name}</span>
      </p>
      <h2>{one.resource}</h2>
      <dl class="facts">
        {(
          [
            ['Requests', number(one.count)],
            ['Errors', number(one.errors)],
            ['p50', micros(one.p50)],
            ['p95', micros(one.p95)],
            ['p99', micros(one.p99)],
            ['Max', micros(one.max)],
          ] as const
        ).map(([key, text]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <h3>Latency</h3>
      <Histogram resource={one} query={query} />
      <p class="links">
        <a class="button" href={tracesHref(query)}>
          Traces
        </a>
        {one.errors > 0 && (
          <a class="button" href={tracesHref(`${query} status:error`)}>
            Failed ones
          </a>
        )}
        {one.slowest && (
          <a class="button" href={traceHref(one.slowest.traceId, one.slowest.spanId)}>
            Slowest
          </a>
        )}
      </p>
    </article>
  )
}
