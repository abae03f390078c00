// The list of traces as they come in: search, facets, and rows that lead to a trace.

import { computed, useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { address } from '../base/address'
import { number } from '../base/format'
import { stepKeys, useKeys } from '../base/keys'
import { connection } from '../base/live'
import { isNarrow } from '../base/narrow'
import { go, href, param, setParams, traceHref } from '../base/route'
import { useLoaded } from '../base/use-loaded'
import { Command, Empty, Failure, startCommand } from '../parts/empty'
import { Grid } from '../parts/grid'
import { Icon } from '../parts/icon'
import { SearchBox } from '../parts/search-box'
import { hasTerm, toggleTerm } from '../parts/suggestions'
import type { Facet } from '../wire'
import { Activity } from './activity'
import { FacetBar } from './facet-bar'
import { ImportButton } from './import-traces'
import { ask, askForMore, changes, isHeld, isLoaded, matched, queryError, rows, showNew, waiting } from './trace-feed'
import { TRACE_COLUMNS, TraceRow } from './trace-row'

/** Of two lines where the screen is narrow. */
const rowHeight = computed(() => (isNarrow.value ? 46 : 30))
/** Kept while one looks at a trace, so that the way back leads to the same row. */
let lastOpened = ''

export function TracesPage(): JSX.Element {
  const query = param('q')
  const comparing = param('compare')
  const scroller = useRef<HTMLDivElement>(null)
  const areFacetsOpen = useSignal(matchMedia('(min-width: 900px)').matches)
  const selectedId = useSignal(lastOpened)
  const isOver = useSignal(false)
  const isScrolled = useSignal(false)
  const facets = useLoaded<{ facets: readonly Facet[] }>(address('/api/facets', { query }))
  const slowest = useComputed(() => rows.value.reduce((max, { ns }) => Math.max(max, ns), 0))

  useEffect(() => ask(query), [query])
  useEffect(() => changes.subscribe(() => facets.refresh()), [query])
  useEffect(() => {
    isHeld.value = isOver.value || isScrolled.value
  }, [isOver.value, isScrolled.value])
  useEffect(
    () => () => {
      isHeld.value = false
    },
    [],
  )

  const list = rows.value
  const selected = list.findIndex(({ id }) => id === selectedId.value)
  const hrefOf = (id: string): string => (comparing === '' ? traceHref(id) : href(`compare/${comparing}/${id}`))
  const select = (index: number): void => {
    const row = list[Math.max(0, Math.min(list.length - 1, index))]
    if (row === undefined) return
    selectedId.value = row.id
    lastOpened = row.id
  }
  const open = (): unknown => {
    const row = list[selected]
    return row === undefined ? false : go(hrefOf(row.id))
  }
  const page = (): number => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 300) / rowHeight.peek()) - 2)
  useKeys({
    ...stepKeys((by) => select(selected + by)),
    PageDown: () => select(selected + page()),
    PageUp: () => select(selected - page()),
    Home: () => select(0),
    End: () => select(list.length - 1),
    Enter: (event) =>
      event.target instanceof HTMLButtonElement || event.target instanceof HTMLAnchorElement ? false : open(),
    o: open,
    f: () => {
      areFacetsOpen.value = !areFacetsOpen.value
    },
    n: () => {
      showNew()
      scroller.current?.scrollTo({ top: 0 })
    },
    Escape: () => (comparing === '' ? (query === '' ? false : setParams({ q: '' }, true)) : setParams({ compare: '' })),
  })

  const error = queryError.value
  const isNew = list.length === 0 && query === '' && isLoaded.value
  return (
    <div class={`traces ${areFacetsOpen.value ? 'with-facets' : ''}`}>
      <div class="toolbar">
        <button
          type="button"
          class="button"
          aria-pressed={areFacetsOpen.value}
          title="Facets (f)"
          onClick={() => {
            areFacetsOpen.value = !areFacetsOpen.value
          }}
        >
          <Icon name="filter" />
          <span class="wide">Facets</span>
        </button>
        <SearchBox
          value={query}
          label="Search traces"
          placeholder="service:web @http.status_code:>=500 duration:>100ms -resource_name:*health*"
          facets={facets.value?.facets}
          error={error}
          onQuery={(q) => setParams({ q })}
          onLeave={() => {
            scroller.current?.focus()
            if (selected < 0) select(0)
          }}
        />
        <button
          type="button"
          class="button only-errors"
          aria-pressed={hasTerm(query, 'status:error')}
          onClick={() => setParams({ q: toggleTerm(query, 'status:error') }, true)}
        >
          <Icon name="error" />
          <span class="wide">Errors</span>
        </button>
        <ImportButton />
      </div>
      {areFacetsOpen.value && <FacetBar facets={facets.value?.facets ?? []} query={query} />}
      <section class="list-area" aria-label="Traces">
        {comparing !== '' && (
          <p class="notice">
            Choose the trace to compare <code>{comparing.slice(-8)}</code> with.
            <button type="button" class="button" onClick={() => setParams({ compare: '' })}>
              Cancel
            </button>
          </p>
        )}
        {isNew ? (
          <Nothing />
        ) : error && error.status !== 400 && list.length === 0 ? (
          <Failure error={error} />
        ) : (
          <>
            <Activity rows={list} />
            <div class="list-line" aria-live="polite">
              <span>
                <b>{number(query === '' ? list.length : matched.value)}</b> {query === '' ? 'traces' : 'match'}
              </span>
              {isHeld.value && waiting.value === 0 && connection.value === 'live' && (
                <span class="held">
                  <Icon name="pause" /> {isScrolled.value ? 'paused while scrolled' : 'paused under the mouse'}
                </span>
              )}
              {matched.value > list.length + waiting.value && query !== '' && (
                <button type="button" class="link" onClick={askForMore}>
                  load more
                </button>
              )}
            </div>
            {waiting.value > 0 && (
              <button
                type="button"
                class="pill"
                onClick={() => {
                  showNew()
                  scroller.current?.scrollTo({ top: 0 })
                }}
              >
                {number(waiting.value)} new
              </button>
            )}
            <Grid
              class="trace-table"
              label="Traces"
              rowClass="trace-row"
              columns={TRACE_COLUMNS}
              aria-activedescendant={selected >= 0 ? `trace-${list[selected]?.id}` : undefined}
              scroller={scroller}
              count={list.length}
              rowHeight={rowHeight.value}
              selected={selected}
              onScrolled={(top) => {
                isScrolled.value = top > rowHeight.peek()
              }}
              onMouseEnter={() => {
                isOver.value = true
              }}
              onMouseLeave={() => {
                isOver.value = false
              }}
              row={(index) => {
                const row = list[index]
                return (
                  row && (
                    <TraceRow
                      key={row.id}
                      row={row}
                      index={index}
                      slowest={slowest.value}
                      href={hrefOf(row.id)}
                      isSelected={index === selected}
                      onOpen={() => select(index)}
                    />
                  )
                )
              }}
            >
              {list.length === 0 && error?.status === 400 && (
                <Empty title="This search has a mistake">
                  <p>It is marked below the search box. Fields, values and examples are suggested while you type.</p>
                </Empty>
              )}
              {list.length === 0 && isLoaded.value && error === undefined && (
                <Empty title="No trace matches">
                  <p>Take a term out, or begin anew. New traces that match appear here by themselves.</p>
                  <button type="button" class="button" onClick={() => setParams({ q: '' }, true)}>
                    Clear the search
                  </button>
                </Empty>
              )}
            </Grid>
          </>
        )}
      </section>
    </div>
  )
}

const Nothing = (): JSX.Element => (
  <Empty title="Waiting for the first trace">
    <p>
      Start a program with <code>dd</code>, then use it: open a page, call an endpoint, run a query. Its traces appear
      here by themselves.
    </p>
    <Command text={startCommand} />
    <p>Or let the agent start it, and see what it prints as well:</p>
    <Command text="npx dog run -- node app.js" />
    <p class="dim">
      Any Datadog tracer delivers here, in any language: set <code>DD_TRACE_AGENT_URL={location.origin}</code>. A trace
      that was exported can be dropped on this page.
    </p>
  </Empty>
)
