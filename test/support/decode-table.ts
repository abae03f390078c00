// Reads a `/v0.5/traces` body with msgpack-lite into the same spans as version 0.4, and says what a strict Agent would: rows that
// are not of twelve, indexes that point nowhere, nil, texts that come twice.

import { createCodec, decode } from 'msgpack-lite'
import type { DecodedTraces } from './decode-traces'
import type { ReceivedSpan } from './received-span'

export function decodeTable(body: Buffer): DecodedTraces {
  const violations: string[] = []
  const [texts, chunks] = decode(body, { codec: createCodec({ int64: true, usemap: true }) }) as [
    string[],
    unknown[][][],
  ]
  if (texts[0] !== '') violations.push('the first text is not empty')
  if (new Set(texts).size !== texts.length) violations.push('a text is twice in the table')
  const used = new Set<number>([0])
  const text = (index: unknown): string => {
    const found = typeof index === 'number' ? texts[index] : undefined
    if (found === undefined) violations.push(`there is no text ${String(index)}`)
    else used.add(index as number)
    return found ?? ''
  }
  const entries = <T>(map: unknown, read: (value: unknown) => T): Record<string, T> =>
    Object.fromEntries([...(map as Map<unknown, unknown>)].map(([key, value]) => [text(key), read(value)]))
  const span = (row: unknown[]): ReceivedSpan => {
    if (row.length !== 12) violations.push(`a span has ${row.length} fields`)
    const [service, name, resource, traceId, spanId, parentId, start, duration, error, meta, metrics, type] = row
    return {
      service: text(service),
      name: text(name),
      resource: text(resource),
      ...(text(type) === '' ? {} : { type: text(type) }),
      trace_id: String(traceId),
      span_id: String(spanId),
      parent_id: String(parentId),
      start: BigInt(String(start)),
      duration: BigInt(String(duration)),
      error: Number(error),
      meta: entries(meta, text),
      metrics: entries(metrics, Number),
    }
  }
  const spans = chunks.map((chunk) => chunk.map(span))
  if (used.size !== texts.length) violations.push(`${texts.length - used.size} texts are for nothing`)
  return { chunks: spans, violations }
}
