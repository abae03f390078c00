// One span whole, for `get_trace` with a `span_id`.

import type { LogAnswer, SpanAnswer } from '../../agent-answers'
import type { AgentClient } from '../../agent-client'
import { fitting, short } from '../answer-text'
import { isoOfNanoseconds, isoTime, microsText, millisOfNanoseconds } from '../figures'
import { type ToolAnswer, ToolError } from '../tool'

export interface WholeSpan extends Omit<SpanAnswer, 'error'> {
  readonly error?: { readonly type: string; readonly message: string; readonly stack: string } | number
  readonly events?: readonly unknown[]
  readonly links?: readonly unknown[]
  readonly logs?: readonly LogAnswer[]
}

/** Told apart from the other tags. */
const ERROR_TAGS = /^error\.(type|message|msg|stack)$/

const MAX_STACK_LINES = 15
const MAX_STACK = 2000
const MAX_LOGS = 30
const MAX_TAGS = 60

export async function getSpan(
  client: AgentClient,
  traceId: string,
  asked: string,
  signal: AbortSignal,
): Promise<ToolAnswer> {
  const span = await client.get<WholeSpan>(`/api/traces/${traceId}/spans/${decimalId(asked)}`, {}, signal)
  const { spanId, parentId, name, service, type, start, duration } = span
  const resource = short(span.resource, 300)
  const error = typeof span.error === 'object' ? span.error : undefined
  const tags = Object.entries({ ...span.meta, ...span.metrics }).filter(([key]) => !ERROR_TAGS.test(key))
  const time = isoOfNanoseconds(start)
  const took = microsText(Number(duration) / 1000)
  const heading = `span ${spanId} of trace ${traceId}: ${name} ${resource} (${service}), ${time}, ${took}, parent ${parentId}`
  const lines = [...errorLines(error), ...tags.map(([key, value]) => `${key}: ${value}`), ...beside(span)]
  const more = (shown: number) => `… ${lines.length - shown} more lines are left out.`
  return {
    text: fitting([heading], lines, (line) => line, more).text,
    structured: {
      trace_id: traceId,
      span_id: spanId,
      parent_id: parentId,
      service,
      operation: name,
      resource,
      type,
      time,
      duration_ms: millisOfNanoseconds(duration),
      ...(error && {
        error: { type: error.type, message: short(error.message, 500), stack: error.stack.slice(0, MAX_STACK) },
      }),
      tags: Object.fromEntries(
        tags.slice(0, MAX_TAGS).map(([key, value]) => [key, typeof value === 'string' ? short(value, 300) : value]),
      ),
    },
  }
}

/** Logs have them in decimal, OpenTelemetry as 16 hexadecimal digits. */
function decimalId(asked: string): string {
  const [, hex = '', digits = ''] = /^(?:0x([0-9a-f]{1,16})|([0-9a-f]{1,20}))$/.exec(asked.trim().toLowerCase()) ?? []
  // Sixteen digits with a zero in front are no decimal.
  if (hex === '' && /^\d+$/.test(digits) && !/^0\d{15}$/.test(digits)) return digits
  if (hex !== '' || digits.length === 16) return String(BigInt(`0x${hex || digits}`))
  throw new ToolError(`${short(asked, 60)} is no span id; get_trace without span_id lists them.`)
}

function errorLines(error: Exclude<WholeSpan['error'], number>): string[] {
  if (error === undefined) return []
  // The first line repeats type and message.
  const frames = error.stack.split('\n').slice(1, MAX_STACK_LINES)
  const what = [error.type, error.message].filter(Boolean).join(': ') || 'yes'
  return [`error: ${what}`, ...frames.map((line) => `    ${line.trim()}`)]
}

function beside({ events = [], links = [], logs = [] }: WholeSpan): string[] {
  return [
    ...events.map((event) => `event: ${JSON.stringify(event)}`),
    ...links.map((link) => `link: ${JSON.stringify(link)}`),
    ...logs.slice(0, MAX_LOGS).map(({ time, level, message }) => `log: ${isoTime(time)} ${level} ${message}`),
  ]
}
