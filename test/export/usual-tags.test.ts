// What an encoder has learned of the spans before changes nothing about a span: it is read as from an encoder that knows nothing yet,
// whatever was usual until then.

import { strict as assert } from 'node:assert'
import { TraceEncoder } from '../../src/export/encoder'
import type { ProcessTags } from '../../src/export/process-tags'
import type { FinishedSpan } from '../../src/trace/chunk'
import { decodeTraces } from '../support/decode-traces'
import type { ReceivedSpan } from '../support/received-span'
import { chunkViolations } from '../support/strict-intake'
import { madeChunk } from './made-chunk'

type Tags = FinishedSpan['tags']

const process: ProcessTags = {
  service: 'shop',
  env: 'prod',
  version: '1.2',
  tags: { team: 'a' },
  runtimeId: () => 'run-1',
  pid: 4242,
}
const MANY = 1500

function read(encoder: TraceEncoder): ReceivedSpan[] {
  const { chunks, violations } = decodeTraces(encoder.take())
  assert.deepEqual([...violations, ...chunkViolations(chunks)], [])
  return chunks.flat()
}

/** All by one encoder, in chunks of three, and each by one of its own; the first of a chunk has more on it. */
function assertSame(all: readonly Tags[], change: (i: number) => Partial<FinishedSpan> = () => ({})): void {
  const spans = all.map((tags, i) => ({ idLow: i + 1, tags, ...change(i) }))
  const experienced = new TraceEncoder(process)
  const expected: ReceivedSpan[] = []
  for (let i = 0; i < spans.length; i += 3) {
    const chunk = madeChunk(spans.slice(i, i + 3))
    assert.equal(experienced.add(chunk, Number.MAX_SAFE_INTEGER), true)
    const fresh = new TraceEncoder(process)
    assert.equal(fresh.add(chunk, Number.MAX_SAFE_INTEGER), true)
    expected.push(...read(fresh))
  }
  assert.deepEqual(read(experienced), expected)
}

const tagsOf = (make: (i: number) => Tags): Tags[] => Array.from({ length: MANY }, (_, i) => make(i))

describe('what is usual for the spans of a name', () => {
  for (const [what, make] of Object.entries<(i: number) => Tags>({
    'no tags': () => [],
    'the same tags': () => ['component', 'pg', 'db.port', 5432, 'db.user', 'ü'],
    'values that differ': (i) => ['component', 'pg', 'id', `id ${i}`, 'rows', i, 'share', i / 7],
    'a value that stays for a while': (i) => ['component', 'pg', 'customer', `c${Math.floor(i / 40)}`, 'n', i >> 6],
    'a rare value': (i) => ['method', i % 10 === 9 ? 'POST' : 'GET', 'code', i % 50 === 0 ? 500 : 200],
    'two kinds in turn': (i) => (i % 2 === 0 ? ['a', 'x', 'b', 1] : ['b', 1, 'a', 'x', 'c', 'y']),
    'a kind that comes later for good': (i) => (i < 500 ? ['a', 'x', 'b', 1] : ['a', 'y', 'b', 2, 'c', 'z']),
    'a value that is now text and now a number': (i) => ['a', i % 5 === 0 ? i : `${i}`, 'b', i < 900 ? 1 : '1'],
    'tags of the process, as text and as a number': (i) => ['env', 'own', 'version', i % 2, 'team', `t${i}`, 'k', 'v'],
    'the tags of a first span': (i) => ['process_id', 1, 'language', 'own', 'runtime-id', `${i % 3}`],
    'a status that is none, now and then': (i) => ['http.status_code', i % 30 === 0 ? 'abc' : '200', 'k', 'v'],
    'a status that never is one': () => ['http.status_code', 'abc', 'k', 'v'],
    'a text of any length': (i) => ['a', 'x'.repeat((i * 97) % 700), 'b', 'long'.repeat(20_000), 'c', 'v'],
    'more tags than are looked at': () => Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? `k${i}` : i)),
    'now none and now some': (i) => (i % 4 === 0 ? ['a', 'x'] : []),
  })) {
    it(`changes nothing about spans with ${what}`, () => assertSame(tagsOf(make)))
  }

  it('is another thing for each service and type', () => {
    const tags = tagsOf(() => ['component', 'pg', 'n', 1])
    assertSame(tags, (i) => ({ service: i % 100 < 50 ? 'shop' : 'db', type: i % 7 === 0 ? 'sql' : 'web' }))
  })

  it('leaves alone what is no tag', () => {
    const events = [{ name: 'retry', timeUs: 1_790_000_000_000_000 }]
    assertSame(
      tagsOf(() => ['component', 'pg', 'n', 1]),
      (i) => ({ error: i % 9 === 0 ? 1 : 0, isTopLevel: i % 2 === 0, ...(i % 20 === 0 ? { events } : {}) }),
    )
  })

  it('takes as many bytes', () => {
    const chunk = madeChunk(Array.from({ length: 200 }, () => ({ tags: ['component', 'pg', 'n', 1] })))
    const encoder = new TraceEncoder(process)
    const lengths = [1, 2].map(() => {
      encoder.add(chunk, Number.MAX_SAFE_INTEGER)
      return encoder.take().length
    })
    assert.equal(lengths[0], lengths[1])
  })
})
