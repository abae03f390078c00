// What a strict Agent would hold against a trace request: headers that do not fit the body, ids it would drop the chunk
// for, times it would correct, a span that came twice. The real Agent answers 200 to most of this and loses or rewrites
// the data in silence, which is why the tests look for it.

import type { IncomingHttpHeaders } from 'node:http'
import type { ReceivedSpan } from './received-span'

const requiredHeaders: Record<string, RegExp> = {
  'content-type': /^application\/msgpack$/,
  'content-length': /^\d+$/,
  'x-datadog-trace-count': /^\d+$/,
  'datadog-meta-lang': /^nodejs$/,
  'datadog-meta-lang-version': /^v\d+\.\d+\.\d+/,
  'datadog-meta-lang-interpreter': /^v8$/,
  'datadog-meta-tracer-version': /^\d+\.\d+\.\d+/,
}

/** The Agent takes an earlier start for a mistake and sets it to the time of arrival. */
const year2000 = 946_684_800_000_000_000n
const uint64 = 2n ** 64n

export function headerViolations(headers: IncomingHttpHeaders, chunkCount: number): string[] {
  const violations = Object.entries(requiredHeaders)
    .filter(([name, form]) => !form.test(String(headers[name] ?? '')))
    .map(([name]) => `header ${name} is ${headers[name] === undefined ? 'missing' : JSON.stringify(headers[name])}`)
  const announced = headers['x-datadog-trace-count']
  if (announced !== undefined && Number(announced) !== chunkCount) {
    violations.push(`header x-datadog-trace-count says ${String(announced)}, the body has ${chunkCount} chunks`)
  }
  return violations
}

export function chunkViolations(chunks: readonly (readonly ReceivedSpan[])[]): string[] {
  return chunks.flatMap((chunk, index) => {
    if (chunk.length === 0) return [`chunk ${index} has no spans`]
    const traceIds = new Set(chunk.map((span) => span.trace_id))
    return [
      ...(traceIds.size > 1 ? [`chunk ${index} mixes the traces ${[...traceIds].join(', ')}`] : []),
      ...chunk.flatMap(spanViolations),
    ]
  })
}

function spanViolations(span: ReceivedSpan): string[] {
  const rules: [boolean, string][] = [
    [span.name !== '', 'no name'],
    [isId(span.trace_id), `trace_id ${span.trace_id}`],
    [isId(span.span_id), `span_id ${span.span_id}`],
    [span.parent_id === '0' || isId(span.parent_id), `parent_id ${span.parent_id}`],
    [span.parent_id === '0' || span.parent_id !== span.span_id, 'it is its own parent'],
    [span.start > year2000, `start ${span.start}`],
    [span.duration >= 0n, `duration ${span.duration}`],
    [span.error === 0 || span.error === 1, `error ${span.error}`],
    [span.meta['events'] === undefined || isJsonArray(span.meta['events']), 'meta.events is not a JSON array'],
  ]
  return rules.filter(([holds]) => !holds).map(([, broken]) => `span "${span.name}": ${broken}`)
}

function isId(decimal: string): boolean {
  return BigInt(decimal) > 0n && BigInt(decimal) < uint64
}

function isJsonArray(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text))
  } catch {
    return false
  }
}
