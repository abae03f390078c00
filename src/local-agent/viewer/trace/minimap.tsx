// The whole trace at a glance, above the part that is looked at. A drag selects a part, a drag of the part moves it, the wheel
// zooms, a double click goes back to all.

import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { axisTime } from '../base/format'
import { roundMarks } from '../base/round-marks'
import { colourIndex } from '../base/service-colour'
import { useCanvas } from '../parts/use-canvas'
import type { TraceView, Window } from './trace-view'

/** So that slivers stay visible. */
const MIN_BAR_PX = 2
/** Less is a click. */
const DRAG_PX = 4

interface Drag {
  readonly x: number
  readonly window: Window
  readonly isMove: boolean
}

export function Minimap({ view }: { view: TraceView }): JSX.Element {
  const drag = useRef<Drag | undefined>(undefined)
  const canvas = useCanvas(
    ({ context, width, height, colour }) => {
      const model = view.model.value
      const { from, to } = view.window.value
      const scale = width / model.duration
      const rowHeight = height / Math.max(model.count, 1)
      const barHeight = Math.max(1, Math.min(3, rowHeight * 0.75))
      for (const pass of [0, 1]) {
        for (let row = 0; row < model.count; row++) {
          if (Number(model.isError(row)) !== pass) continue
          context.fillStyle = pass === 1 ? colour('error') : colour(`s${colourIndex(model.service(row))}`)
          const length = Math.max(MIN_BAR_PX, (model.end[row]! - model.start[row]!) * scale)
          context.fillRect(model.start[row]! * scale, row * rowHeight, length, barHeight)
        }
      }
      if (from <= 0 && to >= model.duration) return
      context.fillStyle = colour('shade')
      context.fillRect(0, 0, from * scale, height)
      context.fillRect(to * scale, 0, width - to * scale, height)
      context.fillStyle = colour('accent')
      context.fillRect(from * scale - 1, 0, 2, height)
      context.fillRect(to * scale - 1, 0, 2, height)
    },
    [view],
  )

  const place = (event: PointerEvent | MouseEvent): number => {
    const box = canvas.current?.getBoundingClientRect()
    return box === undefined ? 0 : ((event.clientX - box.left) / box.width) * view.model.peek().duration
  }
  const marks = roundMarks(0, view.model.value.duration, 5)
  return (
    <div class="minimap">
      <canvas
        ref={canvas}
        role="img"
        aria-label="Overview of the trace: drag to zoom, double click for all"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          const window = view.window.peek()
          const x = place(event)
          drag.current = { x, window, isMove: view.isZoomed && x > window.from && x < window.to }
        }}
        onPointerMove={(event) => {
          const begun = drag.current
          if (begun === undefined) return
          const x = place(event)
          const { clientWidth = 1 } = canvas.current ?? {}
          if (begun.isMove) {
            const { from, to } = begun.window
            const by = Math.max(-from, Math.min(view.model.peek().duration - to, x - begun.x))
            view.look({ from: from + by, to: to + by })
          } else if ((Math.abs(x - begun.x) / view.model.peek().duration) * clientWidth > DRAG_PX)
            view.look({ from: Math.min(x, begun.x), to: Math.max(x, begun.x) })
        }}
        onPointerUp={() => {
          drag.current = undefined
        }}
        onDblClick={() => view.lookAtAll()}
        onWheel={(event) => {
          event.preventDefault()
          const { from, to } = view.window.peek()
          const share = (place(event) - from) / (to - from)
          view.zoom(event.deltaY > 0 ? 1.25 : 0.8, Math.max(0, Math.min(1, share)))
        }}
      />
      {marks
        .filter((mark) => mark < view.model.value.duration * 0.95)
        .map((mark) => (
          <span key={mark} class="tick" style={{ left: `${(mark / view.model.value.duration) * 100}%` }}>
            {axisTime(mark)}
          </span>
        ))}
    </div>
  )
}
