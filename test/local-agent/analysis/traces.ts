// Traces for tests of analyses: hand-made ones in microseconds, large ones, and nonsense.

import type { ReceivedSpan } from '../../../src/local-agent/received-span'
import type { StoredTrace } from '../../../src/local-agent/trace-store'
import { received } from '../received'
import { START } from '../wire-span'

type Fields = Partial<Omit<ReceivedSpan, 'start' | 'duration' | 'spanId' | 'parentId'>>

/** A span by its numbers, `0` being no parent; from and to in microseconds from START. */
export function span(id: number, parent: number, from: number, to: number, fields: Fields = {}): ReceivedSpan {
  const start = START + BigInt(Math.round(from * 1000))
  const duration = BigInt(Math.round((to - from) * 1000))
  return received({ spanId: String(id), parentId: String(parent), start, duration, ...fields })
}

export function traceOf(spans: readonly ReceivedSpan[], id = '1', revision = 1): StoredTrace {
  return { id: id.padStart(32, '0'), revision, spans: new Map(spans.map((each) => [each.spanId, each])) }
}

/** Numbers that look random, and are the same in every run. */
function sequence(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** A trace of any size whose spans have 14 tags, as tracers send. */
export function largeTrace(count: number, { id = '1', services = 10, seed = 7 } = {}): StoredTrace {
  const next = sequence(seed)
  const tags = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`tag.number.${index}`, `value ${index}`]))
  const spans: ReceivedSpan[] = []
  for (let index = 1; index <= count; index++) {
    const parent = index === 1 ? 0 : Math.max(1, index - 1 - next(Math.min(index, 50)))
    const above = spans[parent - 1]
    const from = above === undefined ? 0 : Number(above.start - START) / 1000 + next(1000)
    const service = `service-${next(services)}`
    const meta = {
      ...tags,
      'http.method': 'GET',
      'http.status_code': '200',
      'span.kind': index % 3 ? 'internal' : 'client',
    }
    const fields = { traceId: id, service, resource: `GET /resource/${next(200)}`, meta, metrics: { row_count: index } }
    const error = index % 97 === 0 ? (1 as const) : (0 as const)
    spans.push(span(index, parent, from, from + 1 + next(100_000), { ...fields, error }))
  }
  return traceOf(spans, id)
}

const FAR = 2n ** 63n - 1n

/** What no tracer sends on purpose. */
export const HOSTILE: Readonly<Record<string, StoredTrace>> = {
  'one span that is its own parent': traceOf([span(1, 1, 0, 10)]),
  'a circle of three, and a tail': traceOf([span(1, 3, 0, 9), span(2, 1, 1, 8), span(3, 2, 2, 7), span(4, 3, 3, 6)]),
  'two circles and a root': traceOf([
    span(1, 0, 0, 9),
    span(2, 3, 1, 8),
    span(3, 2, 2, 7),
    span(4, 5, 0, 1),
    span(5, 4, 0, 1),
  ]),
  'no parents at all': traceOf([span(1, 77, 5, 9), span(2, 78, 0, 3), span(3, 79, 90, 99)]),
  'children before and after their parent': traceOf([
    span(1, 0, 50, 60),
    span(2, 1, 0, 10),
    span(3, 1, 100, 200),
    span(4, 3, 110, 120),
  ]),
  'a child longer than its parent on both sides': traceOf([
    span(1, 0, 50, 60),
    span(2, 1, 0, 500),
    span(3, 2, 10, 400),
  ]),
  'no durations': traceOf([span(1, 0, 5, 5), span(2, 1, 5, 5), span(3, 2, 5, 5)]),
  'negative durations': traceOf([span(1, 0, 50, 10), span(2, 1, 40, 0), span(3, 0, 0, 100), span(4, 3, 50, 20)]),
  'times at both ends of 64 bits': traceOf([
    received({ spanId: '1', start: 0n, duration: FAR }),
    received({ spanId: '2', parentId: '1', start: FAR, duration: FAR }),
    received({ spanId: '3', parentId: '1', start: 0n, duration: 0n }),
    received({ spanId: '4', parentId: '9', start: FAR, duration: 1n }),
  ]),
  'a chain of 10,000': traceOf(
    Array.from({ length: 10_000 }, (_, index) => span(index + 1, index, index, 20_000 - index)),
  ),
  '10,000 children': traceOf([
    span(1, 0, 0, 20_000),
    ...Array.from({ length: 9999 }, (_, index) => span(index + 2, 1, index, index + 2)),
  ]),
  '100 services in a row': traceOf(
    Array.from({ length: 100 }, (_, index) => span(index + 1, index, index, 500 - index, { service: `s${index}` })),
  ),
  'tags with names of Object': traceOf([
    span(1, 0, 0, 1, {
      meta: Object.assign(Object.create(null) as Record<string, string>, { ['__proto__']: 'x', constructor: 'y' }),
      service: '__proto__',
      name: 'constructor',
      resource: 'toString',
      error: 1,
    }),
  ]),
}
