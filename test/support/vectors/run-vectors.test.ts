// The runner of vectors: that it sees every difference that matters and none that does not, names what it leaves out, and that
// `npm run vectors` prints and ends as it should.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { repoRoot } from '../repo-root'
import { runNode } from '../spawn'
import { difference } from './compare-outcome'
import { playVector } from './run-vectors'
import type { Vector } from './vector'

const vector = (over: Partial<Vector> = {}): Vector => ({
  id: 'x-1',
  area: 'statsd',
  name: 'a vector',
  kind: 'peer',
  given: { client: 'statsd' },
  calls: [['incr', ['foo']]],
  expect: ['foo:1|c'],
  ...over,
})

describe('the comparison of a vector', () => {
  const rows: [expected: unknown, got: unknown, isSame: boolean, over?: Partial<Vector>][] = [
    ['a:1|c', 'a:1|c', true],
    ['a:1|c', 'a:1|c\n', false],
    ['a:1|c', 'a:2|c', false],
    ['a:1|c', 'a:1.0|c', false],
    ['a:1|c', 'b:1|c', false],
    ['t:5.000000|ms', 't:5|ms', true],
    ['t:5.000000|ms|@0.5', 't:5|ms|@0.5', true],
    ['t:5.000001|ms', 't:5|ms', false],
    ['t:5:6.0|ms', 't:5:6|ms', true],
    ['a:1|c|@0.5|#x,y|T5', 'a:1|c|T5|#y,x|@0.5', true],
    ['a:1|c|@0.5', 'a:1|c', false],
    ['a:1|c|#x,y', 'a:1|c|#x', false],
    ['a:1|c|#x,y', 'a:1|c|#y,x', false, { given: { client: 'dogstatsd', tag_order: 'call_first' } }],
    ['a:1|c\nb:1|c', 'b:1|c\na:1|c', false],
    ['a:1|c\nb:1|c', 'b:1|c\na:1|c', true, { note: 'the order is a map order' }],
    ['a:1|c|#v:<version>,b', 'a:1|c|#b,v:1.2.3', true],
    ['a:1|c|#v:<version>', 'a:1|c|#w:1', false],
    ['_e{1,5}:T|a|#bé|d:1|#x', '_e{1,5}:T|a|#bé|#x|d:1', true],
    ['_e{1,3}:T|a|b|d:1', '_e{1,3}:T|b|a|d:1', false],
    ['_sc|n|1|d:1|m:x', '_sc|n|1|m:x|d:1', true],
    ['_sc|n|1', '_sc|n|2', false],
    [{ hex: '0a0b' }, Buffer.from([10, 11]), true],
    [{ hex: '0a0b', text: 'x' }, Buffer.from([10, 12]), false],
    [{ name: 'a', tags: ['x', 'y'], host: null }, { tags: ['y', 'x'], name: 'a' }, true],
    [{ name: 'a', host: '' }, { name: 'a' }, false],
    [{ value: 0.1 + 0.2 }, { value: 0.3 }, true],
    [{ value: 0.3 }, { value: 0.3000001 }, false],
    [['increment', 'a', 1, { tags: ['b', 'a'] }], ['increment', 'a', 1, { tags: ['a', 'b'] }], true],
    [['increment', 'a', 1], ['histogram', 'a', 1], false],
    [{ tags: ['b', 'a'] }, { tags: ['a', 'b'] }, false, { name: 'tag order is not identity' }],
    ['a:1|c', undefined, false],
  ]
  for (const [expected, got, isSame, over] of rows) {
    it(`of ${JSON.stringify(expected)} and ${JSON.stringify(got)} says ${isSame ? 'the same' : 'different'}`, () => {
      const items = got === undefined ? [] : [got]
      const said = difference(vector(over), { expect: [expected] }, { items })
      assert.equal(said === undefined, isSame, said)
    })
  }

  it('sees an error that is missing, another one, and one that nobody asked for', () => {
    const throws = { at: 0, error: 'TypeError', message: 'no' }
    const of = (expected: object, thrown?: object) =>
      difference(
        vector(),
        { expect: [], ...expected },
        { items: [], ...(thrown && { thrown: thrown as typeof throws }) },
      )
    assert.equal(of({ throws }, throws), undefined)
    assert.equal(of({ throws }, { at: 0, error: 'TypeError' }), undefined)
    assert.equal(of({ throws }), 'expected TypeError (no) at call 0, got no error')
    assert.equal(of({}, throws), 'expected no error, got TypeError (no) at call 0')
    for (const other of [{ at: 1 }, { error: 'RangeError' }, { message: 'yes' }]) {
      assert.match(of({ throws }, { ...throws, ...other })!, /^expected TypeError/)
    }
  })
})

describe('a played vector', () => {
  const played: [title: string, over: Partial<Vector>, result: string, reason: RegExp][] = [
    ['that is met', {}, 'passed', /^$/],
    ['that is not', { expect: ['foo:2|c'] }, 'failed', /^expected \["foo:2\|c"\], got \["foo:1\|c"\]$/],
    ['of an unknown client', { given: { client: 'other' } }, 'failed', /no client other is known/],
    ['of a client of Object', { given: { client: 'toString' } }, 'failed', /no client toString is known/],
    ['without a client', { given: undefined as never }, 'failed', /no client undefined is known/],
    ['with an unknown method', { calls: [['fly']] }, 'failed', /there is no method fly/],
    ['with an unknown handle', { calls: [['p.incr', ['a']]] }, 'failed', /no handle p was made/],
    ['with an unknown value', { calls: [['incr', [{ $huge: 1 }]]] }, 'failed', /no value \$huge is known/],
    [
      'with an unknown transport',
      { given: { client: 'statsd', transport: 'pigeon' } },
      'failed',
      /no transport pigeon/,
    ],
    ['that is a quirk we do not have', { kind: 'quirk', expect: ['foo:nan|c'] }, 'passed', /^$/],
    ['that is a quirk we have', { kind: 'quirk', note: 'dd: 2' }, 'failed', /as the other client, .* right: dd: 2/],
    [
      'that is a quirk of the table',
      { id: 'st-063', kind: 'quirk', calls: [['incr', ['']]], expect: [':1|c'] },
      'passed',
      /^$/,
    ],
    [
      'whose quirk of the table is not met',
      { id: 'st-063', kind: 'quirk', expect: [':1|c'] },
      'failed',
      /expected \[\]/,
    ],
  ]
  for (const [title, over, result, reason] of played) {
    it(`${title} has ${result}`, async () => {
      const { result: got, reason: why = '' } = await playVector(vector(over))
      assert.equal(got, result, why)
      assert.match(why, reason)
    })
  }
})

describe('npm run vectors', () => {
  const script = join(repoRoot, 'scripts', 'vectors.mjs')
  const folder = mkdtempSync(join(tmpdir(), 'dd-vectors-'))
  after(() => rmSync(folder, { recursive: true }))

  const run = (args: string[]) =>
    runNode({
      file: script,
      args,
      env: { DD_TEST_BUILD: basename(join(__dirname, '..', '..', '..')), HOME: process.env['HOME'] },
    })
  const file = (name: string, vectors: unknown) => {
    writeFileSync(join(folder, name), JSON.stringify(vectors))
    return join(folder, name)
  }

  it('prints only the counts where all is well', async () => {
    const { code, stdout } = await run(['metrics', file('right.json', [vector(), vector({ id: 'x-2' })])])
    assert.deepEqual([code, stdout], [0, '2 passed, 0 failed, 0 skipped\n'])
  })

  it('prints each failure, and ends with 1', async () => {
    const { code, stdout } = await run(['metrics', file('wrong.json', [vector(), vector({ id: 'x-2', expect: [] })])])
    assert.equal(code, 1)
    assert.equal(stdout, 'failed x-2 a vector: expected [], got ["foo:1|c"]\n1 passed, 1 failed, 0 skipped\n')
  })

  const wrong: [title: string, args: () => string[], stderr: RegExp][] = [
    ['no file', () => ['metrics'], /npm run vectors -- metrics FILE/],
    ['another area', () => ['tracing', 'x.json'], /npm run vectors -- metrics FILE/],
    ['a file that is not there', () => ['metrics', 'nowhere.json'], /there is no file nowhere.json/],
    ['a file of something else', () => ['metrics', file('other.json', {})], /other.json holds no list of vectors/],
  ]
  for (const [title, args, stderr] of wrong) {
    it(`refuses ${title}`, async () => {
      const finished = await run(args())
      assert.equal(finished.code, 1)
      assert.match(finished.stderr, stderr)
    })
  }
})
