// The spans of a trace as a tree beside a time axis. Only the rows that are seen are drawn.

import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { axisTime, count } from '../base/format'
import { rememberedNumber } from '../base/remembered'
import { roundMarks } from '../base/round-marks'
import { VirtualList } from '../parts/virtual-list'
import { SpanRow } from './span-row'
import type { TraceView } from './trace-view'

export const ROW_HEIGHT = 26

/** Percent of the width that the names take. */
const treeWidth = rememberedNumber('tree-width', 38, 15, 75)

/** The axis has a mark per so many pixels. */
const TICK_PX = 130

export function Waterfall({
  view,
  scroller,
}: {
  view: TraceView
  scroller: { current: HTMLDivElement | null }
}): JSX.Element {
  const rows = view.rows.value
  const model = view.model.value
  const window = view.window.value
  const selected = rows.indexOf(view.selected.value)
  const laneWidth = (scroller.current?.clientWidth ?? 1000) * (1 - treeWidth.value / 100)
  const marks = roundMarks(window.from, window.to, laneWidth / TICK_PX)
  const length = window.to - window.from
  return (
    <div class={`waterfall ${view.showsCritical.value ? 'critical' : ''}`} style={{ '--tree': `${treeWidth.value}%` }}>
      <div class="axis" aria-hidden="true">
        <span>{count(model.count, 'span')}</span>
        <Divider />
        <div class="marks">
          {marks
            .filter((mark) => mark - window.from < length * 0.96)
            .map((mark) => (
              <span key={mark} style={{ left: `${((mark - window.from) / length) * 100}%` }}>
                {axisTime(mark)}
              </span>
            ))}
        </div>
      </div>
      <VirtualList
        class="span-rows"
        role="treegrid"
        tabIndex={0}
        aria-label="Spans"
        aria-rowcount={rows.length}
        aria-activedescendant={selected < 0 ? undefined : `span-${view.selectedId.value}`}
        scroller={scroller}
        count={rows.length}
        rowHeight={ROW_HEIGHT}
        selected={selected}
        onWheel={(event) => {
          if (!event.ctrlKey && !event.shiftKey) return
          event.preventDefault()
          const box = event.currentTarget.getBoundingClientRect()
          const left = box.left + (box.width * treeWidth.peek()) / 100
          if (event.shiftKey) view.pan(Math.sign(event.deltaY || event.deltaX) * 0.1)
          else view.zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, Math.max(0, (event.clientX - left) / (box.right - left)))
        }}
        row={(index) => {
          const row = rows[index]
          return row === undefined ? null : (
            <SpanRow
              key={model.ids[row]}
              view={view}
              model={model}
              row={row}
              window={window}
              isSelected={index === selected}
              isFolded={view.folded.value.has(model.ids[row] ?? '')}
              isMatch={view.matchSet.value.has(row)}
            />
          )
        }}
      >
        <div class="grid-lines" data-sticky aria-hidden="true">
          {marks.map((mark) => (
            <i key={mark} style={{ left: `${((mark - window.from) / length) * 100}%` }} />
          ))}
        </div>
      </VirtualList>
    </div>
  )
}

/** Between the names and the bars: a drag or the arrow keys move it. */
function Divider(): JSX.Element {
  const isDragging = useRef(false)
  const move = (percent: number): void => {
    treeWidth.value = Math.round(Math.max(15, Math.min(75, percent)) * 10) / 10
  }
  return (
    <div
      class="divider"
      role="separator"
      tabIndex={0}
      aria-label="Width of the names"
      aria-orientation="vertical"
      aria-valuenow={Math.round(treeWidth.value)}
      aria-valuemin={15}
      aria-valuemax={75}
      onPointerDown={(event) => {
        isDragging.current = true
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={(event) => {
        const box = event.currentTarget.parentElement?.getBoundingClientRect()
        if (isDragging.current && box) move(((event.clientX - box.left) / box.width) * 100)
      }}
      onPointerUp={() => {
        isDragging.current = false
      }}
      onKeyDown={(event) => {
        const by = event.key === 'ArrowLeft' ? -2 : event.key === 'ArrowRight' ? 2 : 0
        if (by === 0) return
        event.stopPropagation()
        event.preventDefault()
        move(treeWidth.peek() + by)
      }}
    />
  )
}
