// One metric over time: counts as bars, gauges and percentiles as lines, events as marks. Sixty windows and three lines are little
// to draw, so the canvas of the other views is enough, and a library for charts would be a quarter of the page.

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { clockSeconds, quantity } from '../base/format'
import { roundMarks } from '../base/round-marks'
import { type Drawing, useCanvas } from '../parts/use-canvas'
import type { MetricNote, Series } from '../wire'
import { isCount, type Line, linesOf, rangeOf, SHOWN_WINDOWS, WINDOW_S, windowStarts } from './chart-scale'

const LEFT_PX = 42
const BOTTOM_PX = 18
const TOP_PX = 6
/** A mark of time every two minutes. */
const MINUTES_APART = 2

interface SeriesChartProps {
  readonly series: Series
  readonly events: readonly MetricNote[]
  /** Seconds since the Unix epoch. */
  readonly end: number
}

export function SeriesChart({ series, events, end }: SeriesChartProps): JSX.Element {
  const over = useSignal<number | undefined>(undefined)
  const starts = windowStarts(end)
  const lines = linesOf(series.type, series.windows, starts)
  const canvas = useCanvas(
    (drawing) => {
      const at = over.value
      const place = scaleOf(drawing, lines, series.type)
      drawAxes(drawing, place, starts)
      for (const line of lines) (isCount(series.type) ? drawBars : drawLine)(drawing, place, line)
      drawEvents(drawing, place, starts, events)
      if (at !== undefined) drawCursor(drawing, place, lines, at)
    },
    [series, end, events],
  )
  const at = over.value
  const shown = at ?? lastWindow(lines)
  return (
    <div class="chart">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${series.name}: ${lines.map(({ label, values }) => `${label} ${quantity(values[lastWindow(lines)])}`).join(', ')} at last`}
        onPointerMove={(event) => {
          const share = (event.offsetX - LEFT_PX) / (event.currentTarget.clientWidth - LEFT_PX)
          over.value = Math.max(0, Math.min(SHOWN_WINDOWS - 1, Math.floor(share * SHOWN_WINDOWS)))
        }}
        onPointerLeave={() => {
          over.value = undefined
        }}
      />
      <p class="legend number">
        <span class="dim">{at === undefined ? 'last' : clockSeconds((starts[at] ?? 0) * 1000)}</span>
        {lines.map(({ label, colour, values }) => (
          <span key={label}>
            {lines.length > 1 && <i style={{ background: `var(--${colour})` }} />}
            {lines.length > 1 ? `${label} ` : ''}
            {quantity(values[shown])}
          </span>
        ))}
      </p>
    </div>
  )
}

/** The last window in which something came. */
function lastWindow(lines: readonly Line[]): number {
  return Math.max(0, ...lines.map(({ values }) => values.findLastIndex((value) => value !== undefined)))
}

interface Scale {
  readonly x: (window: number) => number
  readonly y: (value: number) => number
  readonly low: number
  readonly high: number
  readonly step: number
}

function scaleOf({ width, height }: Drawing, lines: readonly Line[], type: string): Scale {
  const [low, high] = rangeOf(lines, type)
  const step = (width - LEFT_PX - 4) / SHOWN_WINDOWS
  const inner = height - BOTTOM_PX - TOP_PX
  return {
    low,
    high,
    step,
    x: (window) => LEFT_PX + window * step,
    y: (value) => TOP_PX + inner * (1 - (value - low) / (high - low)),
  }
}

function drawAxes(
  { context, width, height, colour }: Drawing,
  { x, y, low, high }: Scale,
  starts: readonly number[],
): void {
  context.font = colour('canvas-font')
  context.textBaseline = 'middle'
  context.textAlign = 'right'
  for (const mark of roundMarks(low, high, 3)) {
    const at = Math.round(y(mark))
    context.fillStyle = colour('line')
    context.fillRect(LEFT_PX, at, width - LEFT_PX, 1)
    context.fillStyle = colour('dim')
    context.fillText(quantity(mark), LEFT_PX - 6, at)
  }
  context.textAlign = 'center'
  starts.forEach((start, window) => {
    if (start % (60 * MINUTES_APART) === 0 && x(window) > LEFT_PX + 12 && x(window) < width - 14)
      context.fillText(clockSeconds(start * 1000).slice(0, 5), x(window), height - BOTTOM_PX / 2 + 2)
  })
  context.textAlign = 'left'
}

function drawBars({ context, colour }: Drawing, { x, y, step, low }: Scale, { values, colour: name }: Line): void {
  context.fillStyle = colour(name)
  values.forEach((value, window) => {
    if (!value) return
    const top = Math.min(y(value), y(low) - 1.5)
    context.fillRect(x(window) + step * 0.12, top, Math.max(1, step * 0.76), y(low) - top)
  })
}

/** A window that stands alone is a dot. */
function drawLine({ context, colour }: Drawing, { x, y, step }: Scale, { values, colour: name }: Line): void {
  context.strokeStyle = colour(name)
  context.fillStyle = colour(name)
  context.lineWidth = 1.6
  context.lineJoin = 'round'
  context.beginPath()
  let isOpen = false
  values.forEach((value, window) => {
    if (value === undefined) {
      isOpen = false
      return
    }
    if (isOpen) context.lineTo(x(window) + step / 2, y(value))
    else context.moveTo(x(window) + step / 2, y(value))
    if (!isOpen && values[window + 1] === undefined) context.fillRect(x(window) + step / 2 - 1.5, y(value) - 1.5, 3, 3)
    isOpen = true
  })
  context.stroke()
}

function drawEvents(
  { context, height, colour }: Drawing,
  { x }: Scale,
  starts: readonly number[],
  events: readonly MetricNote[],
): void {
  for (const { receivedAt, alertType } of events) {
    const window = (receivedAt / 1000 - (starts[0] ?? 0)) / WINDOW_S
    if (window < 0 || window > SHOWN_WINDOWS) continue
    context.fillStyle = colour(alertType === 'error' ? 'error' : alertType === 'warning' ? 'warn' : 'dim')
    context.fillRect(Math.round(x(window)), TOP_PX, 1, height - BOTTOM_PX - TOP_PX)
    context.fillRect(Math.round(x(window)) - 2, TOP_PX - 4, 5, 5)
  }
}

function drawCursor(
  { context, height, colour }: Drawing,
  { x, y, step }: Scale,
  lines: readonly Line[],
  window: number,
): void {
  const middle = x(window) + step / 2
  context.fillStyle = colour('dim')
  context.fillRect(Math.round(middle), TOP_PX, 1, height - BOTTOM_PX - TOP_PX)
  for (const { values, colour: name } of lines) {
    const value = values[window]
    if (value === undefined) continue
    context.fillStyle = colour(name)
    context.beginPath()
    context.arc(middle, y(value), 3, 0, 2 * Math.PI)
    context.fill()
  }
}
