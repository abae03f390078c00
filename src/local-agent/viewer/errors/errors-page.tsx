// What goes wrong, each kind once: how often, since when, and the latest span it happened in.

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { termOf } from '../../search/query-text'
import { address } from '../base/address'
import { ago, clock, count, day, number } from '../base/format'
import { stepKeys, useKeys } from '../base/keys'
import { go, param, setParams, traceHref, tracesHref } from '../base/route'
import { useLoaded } from '../base/use-loaded'
import { Empty, Failure } from '../parts/empty'
import { SearchBox } from '../parts/search-box'
import { Service } from '../parts/service'
import { changes } from '../traces/trace-feed'
import type { ErrorGroup } from '../wire'

export function ErrorsPage(): JSX.Element {
  const query = param('q')
  const selected = useSignal(-1)
  const { value, error, refresh } = useLoaded<{ errors: readonly ErrorGroup[] }>(address('/api/errors', { query }))
  useEffect(() => changes.subscribe(refresh), [query])
  const groups = value?.errors ?? []
  const step = (by: number): void => {
    selected.value = Math.max(0, Math.min(groups.length - 1, selected.peek() + by))
    document.getElementById(`error-${selected.peek()}`)?.scrollIntoView({ block: 'nearest' })
  }
  useKeys({
    ...stepKeys(step),
    Enter: ({ target }) => {
      const group = groups[selected.peek()]
      if (target instanceof HTMLElement && target.matches('a, button, summary')) return false
      return group ? go(traceHref(group.traceId, group.spanId)) : false
    },
  })
  const now = Date.now()
  return (
    <div class="page scrolls">
      <div class="toolbar">
        <SearchBox
          value={query}
          label="Search errors"
          placeholder="service:web @error.type:TypeError"
          error={error}
          onQuery={(q) => setParams({ q })}
        />
      </div>
      {value === undefined && error && error.status !== 400 && <Failure error={error} />}
      {value !== undefined && groups.length === 0 && (
        <Empty title={query === '' ? 'Nothing went wrong' : 'No error matches'}>
          <p>
            {query === ''
              ? 'No span of the traces that are kept has an error. When one has, it appears here.'
              : 'Take a term out of the search.'}
          </p>
        </Empty>
      )}
      <ul class="errors-list">
        {groups.map((group, index) => (
          <li
            key={`${group.service}\n${group.type}\n${group.message}\n${group.resource}`}
            id={`error-${index}`}
            class={index === selected.value ? 'chosen' : ''}
          >
            <div class="error-head">
              <a class="error-title" href={traceHref(group.traceId, group.spanId)}>
                <b>{group.type || 'Error'}</b> {group.message}
              </a>
              <span class="times number" title={`${count(group.count, 'time')}`}>
                {number(group.count)}×
              </span>
            </div>
            <p class="error-facts">
              <Service name={group.service} />
              <span class="resource">{group.resource}</span>
              <span class="number dim" title={`${day(group.last)} ${clock(group.last)}`}>
                last {ago(group.last, now)}
                {group.count > 1 && `, first ${ago(group.first, now)}`}
              </span>
              <a href={tracesHref(queryOf(group))}>its traces</a>
            </p>
            {group.stack && (
              <details>
                <summary>Stack</summary>
                <pre>{group.stack}</pre>
              </details>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

const queryOf = ({ service, type }: ErrorGroup): string =>
  ['status:error', termOf('service', service), type === '' ? '' : termOf('@error.type', type)].filter(Boolean).join(' ')
