// Between head and views: the tabs, the search inside the trace, and what can be laid over the waterfall.
//
// Rows that are not seen are not in the page, so the browser's own search would not find them: Ctrl+F and Cmd+F come here.

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { address } from '../base/address'
import { fetchJson } from '../base/fetch-json'
import { number } from '../base/format'
import { useKeys } from '../base/keys'
import { param, setParams } from '../base/route'
import { Icon } from '../parts/icon'
import type { TraceView } from './trace-view'

/** The views of a trace, in the order of their keys. */
export const TABS = [
  ['waterfall', 'Waterfall'],
  ['flame', 'Flame graph'],
  ['spans', 'Spans'],
] as const

const PAUSE_MS = 120

export function TraceBar(props: { view: TraceView; tab: string; onTab: (name: string) => void }): JSX.Element {
  const { view, tab, onTab } = props
  return (
    <div class="trace-bar">
      <div class="tabs" role="tablist" aria-label="Views of the trace">
        {TABS.map(([name, title], index) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={tab === name}
            aria-controls="trace-body"
            title={`${title} (${index + 1})`}
            onClick={() => onTab(name)}
          >
            {title}
          </button>
        ))}
      </div>
      <InTraceSearch view={view} />
      {tab === 'waterfall' && (
        <span class="bar-actions">
          <button
            type="button"
            class="button"
            aria-pressed={view.showsCritical.value}
            title="What the trace had to wait for (c)"
            onClick={() => view.toggleCritical()}
          >
            Critical path
          </button>
          <button
            type="button"
            class="button"
            title="Fold all ([), unfold all (])"
            onClick={() => (view.folded.value.size > 0 ? view.unfoldAll() : view.foldAll())}
          >
            {view.folded.value.size > 0 ? 'Unfold all' : 'Fold all'}
          </button>
        </span>
      )}
      {view.isZoomed && (
        <button type="button" class="button" title="Show all of the time (0)" onClick={() => view.lookAtAll()}>
          All time
        </button>
      )}
    </div>
  )
}

function InTraceSearch({ view }: { view: TraceView }): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  const query = param('find')
  const failure = useSignal('')
  const { id, revision } = view.model.value.skeleton
  const matches = view.matches.value
  const at = matches.indexOf(view.selected.value)

  useKeys({
    'Mod+f': () => {
      input.current?.focus()
      input.current?.select()
    },
    '/': () => input.current?.focus(),
  })
  useEffect(() => {
    if (query.trim() === '') {
      view.matches.value = []
      failure.value = ''
      return
    }
    const aborting = new AbortController()
    const timer = setTimeout(() => {
      fetchJson<{ matches: readonly number[] }>(address(`/api/traces/${id}/search`, { query }), {
        signal: aborting.signal,
      }).then(
        (found) => {
          view.matches.value = found.matches
          failure.value = ''
        },
        (error: Error) => {
          if (aborting.signal.aborted) return
          view.matches.value = []
          failure.value = error.message
        },
      )
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      aborting.abort()
    }
  }, [query, id, revision])

  const found =
    query === ''
      ? ''
      : matches.length === 0
        ? 'none'
        : at < 0
          ? number(matches.length)
          : `${number(at + 1)} of ${number(matches.length)}`
  return (
    <search class={`in-trace ${failure.value === '' ? '' : 'wrong'}`} title={failure.value}>
      <Icon name="search" />
      <input
        ref={input}
        type="text"
        aria-label="Search in this trace"
        aria-invalid={failure.value !== ''}
        placeholder="Search in this trace"
        autocomplete="off"
        spellcheck={false}
        value={query}
        onInput={({ currentTarget }) => setParams({ find: currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') view.stepAmong(matches, event.shiftKey ? -1 : 1)
          else if (event.key === 'Escape') {
            if (query !== '') setParams({ find: '' })
            input.current?.blur()
          } else return
          event.preventDefault()
          event.stopPropagation()
        }}
      />
      <span class="number dim" aria-live="polite">
        {failure.value === '' ? found : 'mistake'}
      </span>
      {matches.length > 0 && (
        <>
          <button
            type="button"
            class="quiet-button up"
            aria-label="Previous match"
            onClick={() => view.stepAmong(matches, -1)}
          >
            <Icon name="chevron" />
          </button>
          <button
            type="button"
            class="quiet-button down"
            aria-label="Next match"
            onClick={() => view.stepAmong(matches, 1)}
          >
            <Icon name="chevron" />
          </button>
        </>
      )}
    </search>
  )
}
