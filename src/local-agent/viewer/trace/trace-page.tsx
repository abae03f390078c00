// One trace: its head, its views, the search inside it, and the span that is selected.

import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { stepKeys, useKeys } from '../base/keys'
import { onLive } from '../base/live'
import { go, param, route, setParams } from '../base/route'
import { useLoaded } from '../base/use-loaded'
import { Empty, Failure } from '../parts/empty'
import { SidePanel } from '../parts/side-panel'
import type { Skeleton } from '../wire'
import { FlameGraph } from './flame-graph'
import { Minimap } from './minimap'
import { SpanPanel } from './span-panel'
import { SpanTable } from './span-table'
import { TABS, TraceBar } from './trace-bar'
import { TraceHead } from './trace-head'
import { TraceModel } from './trace-model'
import { TraceView } from './trace-view'
import { ROW_HEIGHT, Waterfall } from './waterfall'

export function TracePage({ id }: { id: string }): JSX.Element {
  const { value, error, refresh } = useLoaded<Skeleton>(`/api/traces/${encodeURIComponent(id)}/skeleton`)
  const [view, setView] = useState<TraceView>()
  useEffect(() => onLive('trace', (summary) => summary.id === value?.id && refresh()), [value?.id])
  useEffect(() => {
    if (value === undefined) return
    const model = new TraceModel(value)
    if (view) view.update(model)
    else setView(new TraceView(model))
    document.title = `${value.summary.title} · dd local agent`
  }, [value])
  if (view) return <OpenTrace view={view} />
  if (error?.status === 404) {
    return (
      <Empty title="This trace is not here, or not any more">
        <p>
          The agent keeps the latest traces only, and forgets all when it ends. A trace that was exported can be
          imported again.
        </p>
        <a class="button" href="#/traces">
          All traces
        </a>
      </Empty>
    )
  }
  return error ? <Failure error={error} /> : <div class="loading" aria-busy="true" />
}

function OpenTrace({ view }: { view: TraceView }): JSX.Element {
  const scroller = useRef<HTMLDivElement | null>(null)
  const tab = param('tab') || 'waterfall'
  const show = (name: string): void => setParams({ tab: name === 'waterfall' ? '' : name })
  const row = (): number => view.selected.peek()
  const page = (): number => Math.floor((scroller.current?.clientHeight ?? 500) / ROW_HEIGHT) - 2

  // The back button, or an address that was changed by hand.
  const wanted = route.value.params.get('span') ?? ''
  useEffect(() => {
    if (wanted !== '' && wanted !== view.selectedId.peek()) view.select(view.model.peek().rowOf(wanted), true)
  }, [wanted])

  useKeys({
    ...stepKeys((by) => view.step(by)),
    PageDown: () => view.step(page()),
    PageUp: () => view.step(-page()),
    Home: () => view.step(-view.model.peek().count),
    End: () => view.step(view.model.peek().count),
    ArrowRight: () => {
      if (view.folded.peek().has(view.selectedId.peek())) view.fold(row(), false)
      else if (view.model.peek().hasChildren(row())) view.step(1)
    },
    ArrowLeft: () => {
      const model = view.model.peek()
      const up = model.parent[row()] ?? -1
      if (row() >= 0 && model.hasChildren(row()) && !view.folded.peek().has(view.selectedId.peek()))
        view.fold(row(), true)
      else if (up >= 0) view.select(up)
    },
    Enter: ({ target }) => {
      if (target instanceof HTMLElement && target.matches('a, button, summary')) return false
      view.select(row() < 0 ? 0 : row(), true)
      return true
    },
    '[': () => view.foldAll(),
    ']': () => view.unfoldAll(),
    x: () => view.stepAmong(view.model.peek().errorRows, 1),
    X: () => view.stepAmong(view.model.peek().errorRows, -1),
    n: () => view.stepAmong(view.matches.peek(), 1),
    N: () => view.stepAmong(view.matches.peek(), -1),
    '+': () => view.zoom(0.7),
    '=': () => view.zoom(0.7),
    '-': () => view.zoom(1.4),
    '0': () => view.lookAtAll(),
    z: () => view.lookAtSpan(row()),
    'Shift+ArrowLeft': () => view.pan(-0.2),
    'Shift+ArrowRight': () => view.pan(0.2),
    c: () => view.toggleCritical(),
    ...Object.fromEntries(TABS.map(([name], index) => [String(index + 1), () => show(name)])),
    Escape: () => {
      if (view.isPanelOpen.peek()) view.closePanel()
      else if (view.isZoomed) view.lookAtAll()
      else go('#/traces')
    },
  })

  return (
    <div class="trace-page">
      <TraceHead view={view} />
      <TraceBar view={view} tab={tab} onTab={show} />
      <div class="split">
        <div class="trace-body" id="trace-body" role="tabpanel" aria-label={tab}>
          {tab !== 'spans' && <Minimap view={view} />}
          {tab === 'flame' ? (
            <FlameGraph view={view} />
          ) : tab === 'spans' ? (
            <SpanTable view={view} />
          ) : (
            <Waterfall view={view} scroller={scroller} />
          )}
        </div>
        {view.isPanelOpen.value && view.selected.value >= 0 && (
          <SidePanel label="Span" onClose={() => view.closePanel()}>
            <SpanPanel view={view} />
          </SidePanel>
        )}
      </div>
    </div>
  )
}
