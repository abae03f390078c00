// `get_trace`: the spans of a trace as flat rows, depth first: nested lists confuse models, and cost more. With `span_id` one span whole.

import type { Skeleton } from '../../../local-agent/analysis/skeleton'
import type { SummaryAnswer } from '../../agent-answers'
import { type AgentClient, AgentRefusal } from '../../agent-client'
import { counted } from '../../counted'
import { fitting, short } from '../answer-text'
import { isoOfNanoseconds, microsText, millis } from '../figures'
import { findTrace } from '../find-trace'
import { limitSchema, number, QUERY_SYNTAX, schema, type Tool, type ToolAnswer, text } from '../tool'
import { getSpan, type WholeSpan } from './get-span'
import { dataOf as summaryData } from './search-traces'

/** As JSON has it. */
interface SkeletonAnswer extends Omit<Skeleton, 'summary'> {
  readonly summary: SummaryAnswer
}

interface Row {
  readonly index: number
  readonly depth: number
  /** Positions among siblings from the top: `1.2.1` is the first child of the second child of the first span. */
  readonly path: string
  readonly service: string
  readonly operation: string
  readonly resource: string
  readonly type: string
  readonly start_ms: number
  readonly duration_ms: number
  readonly self_ms: number
  readonly error: boolean
  readonly span_id: string
}

/** Errors whose messages are told along with the rows. */
const TOLD_ERRORS = 5

export const getTrace: Tool = {
  name: 'get_trace',
  title: 'One trace',
  description:
    'The spans of a trace in reading order: depth, path (1.2.1), operation, resource, service, start and duration, own time, errors, span id. ' +
    'With span_id one span whole: its tags, error with stack, events, links and log lines.',
  inputSchema: schema(
    {
      trace_id: { type: 'string', description: 'Its id, or at least 4 digits of its beginning or end.' },
      span_id: { type: 'string', description: 'One span of it, whole.' },
      query: { type: 'string', description: `Only spans that match: words, or ${QUERY_SYNTAX}` },
      offset: { type: 'integer', description: 'For more: the first row to show.', minimum: 0 },
      limit: limitSchema('rows', 100, 500),
    },
    'trace_id',
  ),
  async run(client, given, signal) {
    const id = await findTrace(client, text(given, 'trace_id'), signal)
    const spanId = text(given, 'span_id')
    if (spanId !== '') return await getSpan(client, id, spanId, signal)
    const query = text(given, 'query')
    const skeleton = await client.get<SkeletonAnswer>(`/api/traces/${id}/skeleton`, {}, signal)
    const rows = rowsOf(skeleton)
    const matches = query === '' ? undefined : await matchesOf(client, id, query, signal)
    const wanted = matches === undefined ? rows : rows.filter(({ index }) => matches.has(index))
    return await answer(client, skeleton, { rows: wanted, isFiltered: matches !== undefined, given, signal })
  },
}

interface Asked {
  readonly rows: readonly Row[]
  readonly isFiltered: boolean
  readonly given: Parameters<Tool['run']>[1]
  readonly signal: AbortSignal
}

async function answer(
  client: AgentClient,
  skeleton: SkeletonAnswer,
  { rows, isFiltered, given, signal }: Asked,
): Promise<ToolAnswer> {
  const { summary, serviceTable } = skeleton
  const offset = number(given, 'offset', 0)
  const page = rows.slice(offset, offset + number(given, 'limit', 100))
  const errors = await errorsOf(client, skeleton.id, page, signal)
  const services = serviceTable
    .slice(0, 8)
    .map(({ service, self, share }) => `${service} ${microsText(self)} (${Math.round(share * 100)}%)`)
  const heading = [
    `trace ${skeleton.id}: ${summary.title.slice(0, 150)}, ${summary.service}, ${isoOfNanoseconds(summary.start)}, ` +
      `${microsText(skeleton.duration)}, ${counted(summary.spanCount, 'span')}, ${counted(summary.errorCount, 'error')}`,
    `own time by service: ${services.join(', ')}`,
    ...(isFiltered ? [`${rows.length} of ${counted(summary.spanCount, 'span')} match:`] : []),
    'path operation resource (service) +start duration (own time) span',
  ]
  const { text: answered, shown } = fitting(
    heading,
    page,
    (row) => lineOf(row, errors.get(row.span_id)),
    () => '',
  )
  const next = offset + shown.length
  const hasMore = next < rows.length
  return {
    text: hasMore
      ? `${answered.trimEnd()}\n${counted(rows.length - next, 'more row')}: offset=${next}, or a query`
      : answered,
    structured: {
      trace: summaryData(summary),
      rows: shown.map(({ index: _, ...row }) => ({
        ...row,
        resource: short(row.resource, 200),
        ...(errors.has(row.span_id) && { message: errors.get(row.span_id) }),
      })),
      matched: rows.length,
      ...(hasMore && { next_offset: next }),
    },
  }
}

function rowsOf({ spans, names, services, resources, types, titles }: SkeletonAnswer): Row[] {
  const paths: string[] = []
  /** How many children of each row have been seen; of the top under −1. */
  const children = new Map<number, number>()
  return spans.id.map((span_id, index) => {
    const parent = spans.parent[index] ?? -1
    const ordinal = (children.get(parent) ?? 0) + 1
    children.set(parent, ordinal)
    const path = parent < 0 ? String(ordinal) : `${paths[parent]}.${ordinal}`
    // Of a chain of thousands nobody reads the whole way.
    paths[index] = path.length > MAX_PATH ? `…${path.slice(-MAX_PATH)}` : path
    const title = titles?.[spans.title?.[index] ?? -1]
    return {
      index,
      depth: spans.depth[index] ?? 0,
      path: paths[index],
      service: services[spans.service[index] ?? -1] ?? '',
      operation: names[spans.name[index] ?? -1] ?? '',
      resource: title ?? resources[spans.resource[index] ?? -1] ?? '',
      type: types[spans.type[index] ?? -1] ?? '',
      start_ms: millis(spans.start[index] ?? 0),
      duration_ms: millis(spans.duration[index] ?? 0),
      self_ms: millis(spans.self[index] ?? 0),
      error: Boolean(spans.error[index]),
      span_id,
    }
  })
}

const MAX_PATH = 40

async function matchesOf(client: AgentClient, id: string, query: string, signal: AbortSignal): Promise<Set<number>> {
  const { matches } = await client.get<{ matches: number[] }>(`/api/traces/${id}/search`, { query }, signal)
  return new Set(matches)
}

/** What went wrong in the first spans with errors. */
async function errorsOf(
  client: AgentClient,
  id: string,
  rows: readonly Row[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const failed = rows.filter(({ error }) => error).slice(0, TOLD_ERRORS)
  const errors = new Map<string, string>()
  for (const { span_id } of failed) {
    try {
      const { error } = await client.get<WholeSpan>(`/api/traces/${id}/spans/${span_id}`, {}, signal)
      const { type, message } = typeof error === 'object' && error !== null ? error : { type: '', message: '' }
      errors.set(span_id, short([type, message].filter(Boolean).join(': '), 200))
    } catch (error) {
      // It has gone in between.
      if (!(error instanceof AgentRefusal)) throw error
    }
  }
  return errors
}

function lineOf(
  { path, depth, operation, resource, service, start_ms, duration_ms, self_ms, error, span_id }: Row,
  message = '',
): string {
  const indent = ' '.repeat(Math.min(depth, 20))
  const what = resource === operation ? operation : `${operation} ${short(resource, 120)}`
  const own = self_ms === duration_ms ? '' : ` (${microsText(self_ms * 1000)})`
  const failed = error ? ` ERROR${message && ` ${message}`}` : ''
  return `${indent}${path} ${what} (${service}) +${microsText(start_ms * 1000)} ${microsText(duration_ms * 1000)}${own} ${span_id}${failed}`
}
