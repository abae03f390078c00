// How `dog tail` writes what comes, for people: one line each, errors in red. Columns are cut to the width of a terminal; what goes into
// a file or another program is whole.

import type { FiguresAnswer, LogAnswer, SeriesAnswer, SummaryAnswer } from '../agent-answers'
import { counted } from '../counted'
import { durationText } from '../duration-text'
import type { Paint } from '../paint'
import { columnsOf, cut, oneLine } from '../terminal-text'
import { timeText } from '../time-text'

export interface LineStyle {
  readonly paint: Paint
  /** Undefined where no line is too long. */
  readonly columns: number | undefined
}

/** A terminal with fewer columns than these gets less of what is there to find a trace again. */
const NARROW = 100

const SERVICE_COLUMNS = 12
const NARROW_SERVICE_COLUMNS = 9
const TITLE_COLUMNS = 36
const MIN_TITLE = 12
const DURATION_COLUMNS = 8
const LEVEL_COLUMNS = 5

/** Of a stack. */
const MAX_LOG_LINES = 20

const GAP = '  '

/** `14:03:22.120  web  ✗ GET /users/:id → 500  12.4 ms  3 spans, 1 error  483151fb8a370f15` */
export function traceLine(summary: SummaryAnswer, { paint, columns }: LineStyle): string {
  const { service, title, errorCount, spanCount, statusCode, id } = summary
  const time = timeText(Number(BigInt(summary.start) / 1_000_000n), 'milliseconds')
  const took = durationText(BigInt(summary.duration)).padStart(DURATION_COLUMNS)
  const spans = counted(spanCount, 'span')
  const errors = errorCount === 0 ? '' : counted(errorCount, 'error')
  const isNarrow = columns !== undefined && columns < NARROW
  // The half by which traces differ: the first digits of an id are its time.
  const shortId = id.slice(isNarrow ? -8 : -16)
  const ownerColumns = isNarrow ? NARROW_SERVICE_COLUMNS : SERVICE_COLUMNS
  const owner = padded(cutTo(oneLine(service), columns && ownerColumns), ownerColumns)
  const rest = [time, owner, took, spans, shortId, ...(errors && [errors])].reduce(
    (sum, text) => sum + columnsOf(text) + 2,
    2,
  )
  const what = oneLine(title) + (statusCode ? ` → ${oneLine(statusCode)}` : '')
  const width = columns === undefined ? TITLE_COLUMNS : Math.max(MIN_TITLE, columns - rest)
  const text = padded(cutTo(what, columns && width), width)
  return [
    paint.soft(time),
    paint.service(service, owner),
    errorCount === 0 ? `  ${text}` : paint.error(`✗ ${text}`),
    took,
    errors === '' ? paint.soft(spans) : `${paint.soft(spans)}, ${paint.error(errors)}`,
    paint.soft(shortId),
  ].join(GAP)
}

/** `14:03:22.120  web  error  connection refused`, and the lines of a stack below it. */
export function logLine(log: LogAnswer, { paint, columns }: LineStyle): string {
  const time = timeText(log.time, 'milliseconds')
  const owner = padded(cutTo(oneLine(log.service), columns && SERVICE_COLUMNS), SERVICE_COLUMNS)
  const level = oneLine(log.level || log.stream)
  const isError = /^(err|fatal|crit|emerg|alert)/i.test(level)
  const mark = level.padEnd(LEVEL_COLUMNS)
  const indent = columnsOf(time) + columnsOf(owner) + mark.length + 3 * GAP.length
  const [first = '', ...rest] = log.message.split('\n', MAX_LOG_LINES).map((line) => {
    const text = cutTo(oneLine(line), columns && Math.max(MIN_TITLE, columns - indent))
    return isError ? paint.error(text) : text
  })
  const head = [
    paint.soft(time),
    paint.service(log.service, owner),
    isError ? paint.error(mark) : paint.soft(mark),
    first,
  ].join(GAP)
  return [head, ...rest.map((line) => ' '.repeat(indent) + line)].join('\n')
}

/** `14:03:20.000  page.views{env:dev,page:start}  count  12` */
export function metricLine(
  { name, tags, type }: SeriesAnswer,
  window: FiguresAnswer & { readonly start: number },
  { paint, columns }: LineStyle,
): string {
  const time = timeText(window.start * 1000, 'milliseconds')
  const figures = figuresText(window)
  const before = columnsOf(time) + columnsOf(figures) + type.length + 6
  const series = oneLine(tags.length > 0 ? `${name}{${tags.join(',')}}` : name)
  return [
    paint.soft(time),
    paint.bold(cutTo(series, columns && Math.max(MIN_TITLE, columns - before))),
    paint.soft(type),
    figures,
  ].join(GAP)
}

/** A single figure as it is, several by their names. */
export function figuresText(figures: FiguresAnswer): string {
  const given = Object.entries(figures).filter(
    (entry): entry is [string, number] => entry[0] !== 'start' && typeof entry[1] === 'number',
  )
  const [only] = given
  if (only !== undefined && given.length === 1) return numberText(only[1])
  return given.map(([name, value]) => `${name} ${numberText(value)}`).join(', ')
}

/** Four digits tell values apart; more are noise. */
function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)))
}

function cutTo(text: string, columns: number | undefined): string {
  return columns === undefined ? text : cut(text, columns)
}

function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)))
}
