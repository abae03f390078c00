// Draws a trace for the terminal: a line per span, indented under its parent, its bar on the trace's time axis.
//
//   ── GET /users/1 · 12.4 ms · 3 spans ──────────────────────────────────────
//   express.request  GET /users/:id        ━━━━━━━━━━━━━━━━━━━━━━━━━  12.4 ms
//   ├─ express.middleware  jsonParser      ╸                           310 µs
//   └─ pg.query  SELECT * FROM users WHE…   ━━━━━━━━━━━━━━━╸          7.92 ms  ✗ DatabaseError: timeout
//   ■ web ■ web-postgres   http://127.0.0.1:8126/#/trace/0000…
//
// It is a pure function of the trace: what is printed where and in what colours is decided by its callers.

import { errorOf } from '../local-agent/analysis/span-errors'
import type { ReceivedSpan } from '../local-agent/received-span'
import { spanTitle } from '../local-agent/span-title'
import { spanTree, type TreeRow } from '../local-agent/span-tree'
import type { StoredTrace } from '../local-agent/trace-store'
import { summarize, type TraceSummary } from '../local-agent/trace-summary'
import { counted } from './counted'
import { durationText } from './duration-text'
import { type Paint, plainPaint } from './paint'
import { columnsOf, cut, oneLine } from './terminal-text'

interface TraceTreeOptions {
  /** The width to keep to. */
  readonly columns?: number
  readonly paint?: Paint
  /** Where the page shows this trace. */
  readonly url?: string
}

/** Of a trace this much is read in a terminal; the page shows all. */
const MAX_ROWS = 100

/** Branches take no more than this of a label, in columns, so that deep spans keep their names. */
const MAX_BRANCH = 24

/** With these a line fits into 60 columns. */
const MIN_LABEL = 16
const MIN_BAR = 8
const MAX_BAR = 40

/** An error may take this part of the width, and the bars this part of what is left. */
const ERROR_SHARE = 0.36
const BAR_SHARE = 0.3

const GAP = '  '

/** Room for `+99`, the number of services that did not fit. */
const MORE_SERVICES = 3

interface Line {
  readonly span: ReceivedSpan
  readonly branch: string
  readonly resource: string
  readonly took: string
  readonly error: string
}

export function traceTree(trace: StoredTrace, options: TraceTreeOptions = {}): string[] {
  const { columns = 100, paint = plainPaint, url } = options
  const summary = summarize(trace)
  const rows = spanTree(trace.spans.values())
  const shown = rows.slice(0, MAX_ROWS)
  const branches = branchesOf(shown, rows[MAX_ROWS]?.depth ?? -1)
  const lines = shown.map(({ span }, index) => lineOf(span, branches[index]!))

  const tookWidth = widest(lines.map(({ took }) => took))
  const errorWidth = Math.min(widest(lines.map(({ error }) => error)), Math.floor(columns * ERROR_SHARE))
  const left = columns - tookWidth - 2 * GAP.length - (errorWidth > 0 ? errorWidth + GAP.length : 0)
  const leastBar = Math.max(MIN_BAR, Math.floor(left * BAR_SHARE))
  const labelWidth = Math.min(widest(lines.map(labelOf)), Math.max(MIN_LABEL, left - leastBar))
  const barWidth = Math.min(MAX_BAR, Math.max(MIN_BAR, left - labelWidth))

  const drawn = lines.map((line) => {
    const parts = [
      paintedLabel(line, labelWidth, paint),
      paint.service(line.span.service, bar(line.span, summary, barWidth)),
      line.took.padStart(tookWidth),
      paint.error(cut(line.error, errorWidth)),
    ]
    return parts.slice(0, line.error === '' ? 3 : 4).join(GAP)
  })
  const more = rows.length > MAX_ROWS ? [paint.soft(`… and ${rows.length - MAX_ROWS} more spans`)] : []
  return [heading(summary, columns, paint), ...drawn, ...more, ...footer(summary, columns, paint, url)]
}

function lineOf(span: ReceivedSpan, branch: string): Line {
  const title = spanTitle(span)
  const resource = title === span.name ? '' : oneLine(title)
  const failure = errorOf(span)
  const what = [failure?.type, failure?.message].filter(Boolean).join(': ')
  const error = failure === undefined ? '' : `✗ ${oneLine(what) || 'error'}`
  return { span, branch, resource, took: durationText(span.duration), error }
}

/** The lines that lead to each row: seen from below, a depth is open while a sibling is still to come. */
function branchesOf(rows: readonly TreeRow[], nextDepth: number): string[] {
  const open: boolean[] = []
  for (let depth = 1; depth <= nextDepth; depth++) open[depth] = depth === nextDepth
  const branches = rows.toReversed().map(({ depth }) => {
    let branch = ''
    for (let level = 1; level < depth; level++) branch += open[level] ? '│  ' : '   '
    if (depth > 0) branch += open[depth] ? '├─ ' : '└─ '
    open.length = depth
    open[depth] = true
    return branch.length > MAX_BRANCH ? `…${branch.slice(1 - MAX_BRANCH)}` : branch
  })
  return branches.toReversed()
}

function labelOf({ branch, span, resource }: Line): string {
  return branch + oneLine(span.name) + (resource === '' ? '' : GAP + resource)
}

function paintedLabel(line: Line, width: number, paint: Paint): string {
  const { branch, span } = line
  const label = cut(labelOf(line), width)
  const nameEnd = branch.length + oneLine(span.name).length
  const name = label.slice(branch.length, nameEnd)
  const padding = ' '.repeat(width - columnsOf(label))
  return paint.soft(branch) + paint.bold(paint.service(span.service, name)) + label.slice(nameEnd) + padding
}

/** Half a column is the smallest step, and the least that a span gets. */
function bar(span: ReceivedSpan, { start, duration }: TraceSummary, width: number): string {
  const halves = width * 2
  const scale = halves / Math.max(Number(duration), 1)
  const from = Math.min(Math.floor(Number(span.start - start) * scale), halves - 1)
  const to = Math.max(Math.round(Number(span.start + span.duration - start) * scale), from + 1)
  let cells = ''
  for (let half = 0; half < halves; half += 2) {
    const isLeft = from <= half && half < to
    const isRight = from <= half + 1 && half + 1 < to
    cells += isLeft ? (isRight ? '━' : '╸') : isRight ? '╺' : ' '
  }
  return cells
}

function heading(
  { title: root, duration, spanCount, errorCount }: TraceSummary,
  columns: number,
  paint: Paint,
): string {
  const facts = ` · ${durationText(duration)} · ${counted(spanCount, 'span')}`
  const errors = errorCount > 0 ? counted(errorCount, 'error') : ''
  const rest = columnsOf(facts) + (errors === '' ? 0 : errors.length + 3) + 4
  const title = cut(oneLine(root), columns - rest - 3)
  const rule = '─'.repeat(Math.max(0, columns - columnsOf(title) - rest))
  const failed = errors === '' ? '' : paint.soft(' · ') + paint.error(errors)
  return `${paint.soft('── ')}${paint.bold(title)}${paint.soft(facts)}${failed} ${paint.soft(rule)}`
}

/** Services in their colours, and the link: on one line if they fit. */
function footer({ services }: TraceSummary, columns: number, paint: Paint, url: string | undefined): string[] {
  let left = columns
  const legend: string[] = []
  for (const service of services) {
    const text = `■ ${oneLine(service)}`
    left -= columnsOf(text) + 1
    if (left < MORE_SERVICES && legend.length > 0) {
      legend.push(paint.soft(`+${services.length - legend.length}`))
      break
    }
    legend.push(paint.service(service, text))
  }
  if (url === undefined) return [legend.join(' ')]
  return left >= url.length ? [`${legend.join(' ')} ${paint.soft(url)}`] : [legend.join(' '), paint.soft(url)]
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, columnsOf(text)), 0)
}
