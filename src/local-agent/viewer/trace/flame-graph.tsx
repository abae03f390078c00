// The trace as it ran: time to the right, calls downwards, on a canvas, because ten thousand boxes are too many for a page. The
// list of spans is the same for those who cannot see it.

import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { axisTime, micros, percent } from '../base/format'
import { roundMarks } from '../base/round-marks'
import { colourIndex } from '../base/service-colour'
import { type Drawing, useCanvas } from '../parts/use-canvas'
import { flameLayout, lastStarted } from './flame-layout'
import type { TraceView } from './trace-view'

const LANE_PX = 20
const AXIS_PX = 22
/** A narrower box has no room for a word. */
const MIN_TEXT_PX = 34
const PADDING_PX = 5
/** Narrower spans next to each other are drawn as one. */
const MERGE_PX = 0.7
/** The hit of a click on a sliver. */
const SLACK_PX = 2
const DRAG_PX = 3

interface Hover {
  readonly row: number
  readonly x: number
  readonly y: number
}

export function FlameGraph({ view }: { view: TraceView }): JSX.Element {
  const layout = useComputed(() => flameLayout(view.model.value))
  const top = useSignal(0)
  const hover = useSignal<Hover | undefined>(undefined)
  const drag = useRef<{ x: number; y: number; from: number; to: number; top: number; moved: boolean } | undefined>(
    undefined,
  )
  const scroller = useRef<HTMLDivElement>(null)
  const isMatched = useComputed(() => view.matches.value.length > 0)

  const draw = (drawing: Drawing): void => {
    const { context, width, height, colour } = drawing
    const model = view.model.value
    const { from, to } = view.window.value
    const { lanes } = layout.value
    const selected = view.selected.value
    const matches = view.matchSet.value
    const over = hover.value?.row ?? -1
    const scale = width / (to - from)
    context.textBaseline = 'middle'
    context.font = colour('canvas-font')
    const first = Math.max(0, Math.floor(top.value / LANE_PX))
    const last = Math.min(lanes.length - 1, Math.ceil((top.value + height - AXIS_PX) / LANE_PX))
    for (let lane = first; lane <= last; lane++) {
      const rows = lanes[lane] ?? []
      const y = AXIS_PX + lane * LANE_PX - top.value
      let drawnTo = -1
      for (let at = Math.max(0, lastStarted(rows, model.start, from)); at < rows.length; at++) {
        const row = rows[at]!
        const left = (model.start[row]! - from) * scale
        const right = (model.end[row]! - from) * scale
        if (left > width) break
        const isChosen = row === selected || row === over
        if (right < 0 || (right - drawnTo < MERGE_PX && !isChosen)) continue
        const x = Math.max(left, drawnTo, 0)
        const boxWidth = Math.max(Math.min(right, width) - x, MERGE_PX)
        drawnTo = x + boxWidth
        context.globalAlpha = isMatched.value && !matches.has(row) ? 0.22 : 1
        context.fillStyle = colour(`s${colourIndex(model.service(row))}`)
        context.fillRect(x, y, Math.max(boxWidth - (boxWidth > 3 ? 1 : 0), MERGE_PX), LANE_PX - 1)
        if (model.isError(row)) {
          context.fillStyle = colour('error')
          context.fillRect(x, y, Math.max(boxWidth - 1, 1.5), 3)
        }
        if (boxWidth > MIN_TEXT_PX) {
          context.fillStyle = colour('on-service')
          const room = boxWidth - 2 * PADDING_PX
          context.fillText(fitting(context, model.title(row), room), x + PADDING_PX, y + LANE_PX / 2 + 0.5, room)
        }
        if (isChosen) {
          context.globalAlpha = 1
          context.strokeStyle = colour(row === selected ? 'text' : 'dim')
          context.lineWidth = row === selected ? 2 : 1
          context.strokeRect(x + 0.5, y + 0.5, Math.max(boxWidth - 2, 1), LANE_PX - 2)
        }
      }
    }
    context.globalAlpha = 1
    drawAxis(drawing, view)
  }
  const canvas = useCanvas(draw, [view])

  const rowAt = (event: MouseEvent): number => {
    const box = canvas.current?.getBoundingClientRect()
    if (box === undefined || event.clientY - box.top < AXIS_PX) return -1
    const { from, to } = view.window.peek()
    const perPixel = (to - from) / box.width
    const time = from + (event.clientX - box.left) * perPixel
    const model = view.model.peek()
    const rows = layout.peek().lanes[Math.floor((event.clientY - box.top - AXIS_PX + top.peek()) / LANE_PX)] ?? []
    const at = lastStarted(rows, model.start, time + SLACK_PX * perPixel)
    const row = rows[at]
    return row !== undefined && model.end[row]! + SLACK_PX * perPixel >= time ? row : -1
  }
  const over = hover.value
  return (
    <div
      class="flame"
      ref={scroller}
      onScroll={({ currentTarget }) => {
        top.value = currentTarget.scrollTop
      }}
    >
      <div class="flame-view">
        <canvas
          ref={canvas}
          role="img"
          aria-label="Flame graph: time to the right, calls downwards. The list of spans has the same in words."
          onWheel={(event) => {
            if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
              view.pan((event.deltaX || event.deltaY) / 1000)
            else if (event.ctrlKey || event.metaKey || !isScrollable(scroller.current))
              view.zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, event.offsetX / event.currentTarget.clientWidth)
            else return
            event.preventDefault()
          }}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId)
            drag.current = { x: event.clientX, y: event.clientY, ...view.window.peek(), top: top.peek(), moved: false }
          }}
          onPointerMove={(event) => {
            const begun = drag.current
            if (begun === undefined) {
              const row = rowAt(event)
              hover.value = row < 0 ? undefined : { row, x: event.clientX, y: event.clientY }
              return
            }
            const x = event.clientX - begun.x
            const y = event.clientY - begun.y
            begun.moved ||= Math.abs(x) > DRAG_PX || Math.abs(y) > DRAG_PX
            if (!begun.moved) return
            hover.value = undefined
            const by = (-x / event.currentTarget.clientWidth) * (begun.to - begun.from)
            view.look({ from: begun.from + by, to: begun.to + by })
            scroller.current?.scrollTo({ top: begun.top - y })
          }}
          onPointerUp={(event) => {
            const { moved = false } = drag.current ?? {}
            drag.current = undefined
            const row = moved ? -1 : rowAt(event)
            if (row >= 0) view.select(row, true)
          }}
          onPointerLeave={() => {
            hover.value = undefined
          }}
          onDblClick={(event) => (rowAt(event) < 0 ? view.lookAtAll() : view.lookAtSpan(rowAt(event)))}
        />
      </div>
      <div style={{ height: `${AXIS_PX + layout.value.lanes.length * LANE_PX}px` }} />
      {over && <Tip view={view} hover={over} />}
    </div>
  )
}

function Tip({ view, hover: { row, x, y } }: { view: TraceView; hover: Hover }): JSX.Element {
  const model = view.model.value
  const time = model.end[row]! - model.start[row]!
  const isRight = x > innerWidth - 340
  return (
    <div
      class="tip"
      role="tooltip"
      style={{
        top: `${Math.min(y + 16, innerHeight - 90)}px`,
        ...(isRight ? { right: `${innerWidth - x + 8}px` } : { left: `${x + 12}px` }),
      }}
    >
      <b>{model.title(row)}</b>
      <span>
        {model.service(row)} · {model.name(row)}
      </span>
      <span class="number">
        {micros(time)} · {percent(time / model.duration)} of the trace · {micros(model.self[row]!)} itself
      </span>
    </div>
  )
}

function drawAxis({ context, width, colour }: Drawing, view: TraceView): void {
  const { from, to } = view.window.value
  context.fillStyle = colour('surface')
  context.fillRect(0, 0, width, AXIS_PX - 1)
  context.fillStyle = colour('dim')
  for (const mark of roundMarks(from, to, width / 130)) {
    const x = ((mark - from) / (to - from)) * width
    context.fillRect(x, AXIS_PX - 5, 1, 4)
    context.fillText(axisTime(mark), x + 4, AXIS_PX / 2)
  }
}

/** As much of a text as fits, roughly: a whole text is measured once, because that is the dearest part of drawing. */
const widths = new Map<string, number>()
const MAX_WIDTHS = 5000

function fitting(context: CanvasRenderingContext2D, text: string, room: number): string {
  let width = widths.get(text)
  if (width === undefined) {
    if (widths.size > MAX_WIDTHS) widths.clear()
    width = context.measureText(text.slice(0, 200)).width
    widths.set(text, width)
  }
  if (width <= room) return text.slice(0, 200)
  const letters = Math.floor((room / width) * Math.min(text.length, 200)) - 1
  return letters < 2 ? '' : `${text.slice(0, letters)}…`
}

const isScrollable = (element: HTMLElement | null): boolean =>
  element !== null && element.scrollHeight > element.clientHeight + 1
