// Whatever the program or the Agent does, `dd` keeps a bounded amount of memory: what waits has a limit, what is too much is
// dropped, counted and said once. Each row is a process that measures itself, and the README states the bounds.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { absentAgentUrl } from '../support/agent'
import { repoRoot } from '../support/repo-root'
import { runNode } from '../support/spawn'
import { INDEX, outcomeOf, traced } from './traced'

/** The exporter keeps 8 MiB at most, and a payload or two are on their way. */
const MAX_GROWTH_MIB = 40
/** Of a span that is open and held by the program. */
const MAX_OPEN_SPAN_BYTES = 1000

/** Runs `body`, in which `await turn()` lets the program breathe and measures; returns the largest growth, and what `body` returns. */
const measured = (body: string) => `
  const { tracer } = require(${JSON.stringify(INDEX)})
  tracer.init()
  const memory = () => { gc(); const { heapUsed, external } = process.memoryUsage(); return heapUsed + external }
  const pause = () => new Promise((resolve) => setImmediate(resolve))
  let before, largest = 0, turns = 0
  async function turn() {
    await pause()
    if (++turns % 40 === 0) largest = Math.max(largest, memory() - before)
  }
  async function main() {
    for (let n = 0; n < 200; n++) tracer.trace('warm-up', { tags: { n } }, () => {})
    await tracer.flush()
    before = memory()
    const result = await (async () => { ${body} })()
    largest = Math.max(largest, memory() - before)
    await tracer.flush()
    await pause()
    const { sentSpans, droppedSpans } = tracer.diagnostics().traces
    console.log(JSON.stringify({ largestMib: largest / 2 ** 20, leftMib: (memory() - before) / 2 ** 20, result, sentSpans, droppedSpans }))
  }
  main()`

interface Measured {
  readonly largestMib: number
  readonly leftMib: number
  readonly result: number
  readonly sentSpans: number
  readonly droppedSpans: number
}

describe('the memory of a program', function () {
  this.timeout(120_000)
  let sink: Server
  let url: string
  let takenBytes = 0
  before(async () => {
    sink = createServer((request, response) => {
      request.on('data', (part: Buffer) => {
        takenBytes += part.length
      })
      request.on('end', () => response.end('{}'))
    }).listen(0, '127.0.0.1')
    await once(sink, 'listening')
    url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`
  })
  after(() => sink.close())
  const run = async (body: string, agentUrl = url, env: Record<string, string> = {}) => {
    takenBytes = 0
    const program = traced({ code: measured(body), execArgv: ['--expose-gc'], timeoutMs: 100_000 }, agentUrl, env)
    const ended = outcomeOf(await runNode(program))
    assert.deepEqual([ended.code, ended.stderr], [0, ''])
    const figures = JSON.parse(ended.stdout) as Measured
    if (process.env['DD_TEST_SHOW_FIGURES'])
      console.log('      ', JSON.stringify(figures), `${(takenBytes / 2 ** 20).toFixed(1)} MiB sent`)
    return { ...figures, said: ended.said }
  }

  it('holds one trace of an hour with 10⁶ spans, all of which are sent', async () => {
    const { largestMib, leftMib, sentSpans, droppedSpans, said } = await run(`
      const hourMs = 3_600_000, spans = 1_000_000, startMs = Date.now() - hourMs
      const root = tracer.startSpan('hour', { startTime: startMs })
      for (let n = 0; n < spans; n++) {
        const atMs = startMs + (hourMs * n) / spans
        tracer.startSpan('work', { childOf: root, resource: 'select ' + (n % 1000), tags: { n }, startTime: atMs }).finish(atMs + 3)
        if (n % 2000 === 0) await turn()
        if (n % 20_000 === 0) await tracer.flush()
      }
      root.finish()`)
    assert.deepEqual([sentSpans, droppedSpans, said], [200 + 1_000_000 + 1, 0, []])
    assert.ok(takenBytes > 100 * 2 ** 20, `${takenBytes} bytes`)
    assert.ok(largestMib < MAX_GROWTH_MIB, `grown by ${largestMib} MiB`)
    assert.ok(leftMib < MAX_GROWTH_MIB / 2, `${leftMib} MiB are left`)
  })

  const forgotten: [name: string, body: string, spans: number][] = [
    [
      '10⁵ spans of one trace that nobody finishes, nor holds',
      `const root = tracer.startSpan('root')
       for (let n = 0; n < 100_000; n++) { tracer.startSpan('open', { childOf: root, tags: { n } }); if (n % 1000 === 0) await turn() }
       root.finish()`,
      1,
    ],
    [
      '10⁵ traces whose root nobody finishes, nor holds, each with a finished span',
      `for (let n = 0; n < 100_000; n++) {
         tracer.startSpan('done', { childOf: tracer.startSpan('open', { tags: { n } }), tags: { n } }).finish()
         if (n % 1000 === 0) await turn()
       }`,
      100_000,
    ],
    [
      '10⁵ active spans whose work never settles',
      `for (let n = 0; n < 100_000; n++) {
         void tracer.trace('stuck', { tags: { n } }, () => new Promise(() => {}))
         if (n % 1000 === 0) await turn()
       }`,
      0,
    ],
  ]
  for (const [name, body, spans] of forgotten) {
    it(`holds ${name}`, async () => {
      const { largestMib, leftMib, sentSpans, droppedSpans, said } = await run(body)
      assert.deepEqual([sentSpans, droppedSpans, said], [200 + spans, 0, []])
      assert.ok(largestMib < MAX_GROWTH_MIB, `grown by ${largestMib} MiB`)
      assert.ok(leftMib < MAX_GROWTH_MIB / 2, `${leftMib} MiB are left`)
    })
  }

  it('lets finished spans go that wait for one that nobody finishes, when their time is over', async () => {
    const { leftMib, sentSpans } = await run(
      `const held = []
       for (let n = 0; n < 5000; n++) {
         const open = tracer.startSpan('open')
         held.push(open)
         tracer.startSpan('done', { childOf: open }).finish()
       }
       while (tracer.diagnostics().traces.sentSpans < 5200) await new Promise((resolve) => setTimeout(resolve, 20))
       return held.length`,
      url,
      { DD_TRACE_MAX_AGE: '100', DD_TRACE_FLUSH_INTERVAL: '50' },
    )
    assert.equal(sentSpans, 200 + 5000)
    assert.ok(leftMib < MAX_GROWTH_MIB / 2, `${leftMib} MiB are left`)
  })

  it('pays for 10⁵ open spans that it holds itself, but not much', async () => {
    const { result } = await run(`
      const held = []
      const first = memory()
      for (let n = 0; n < 100_000; n++) held.push(tracer.startSpan('open', { tags: { n } }))
      const each = (memory() - first) / held.length
      return each`)
    assert.ok(result > 100 && result < MAX_OPEN_SPAN_BYTES, `${result} bytes each`)
  })

  it('holds 10⁵ traces for an Agent that is away, drops and counts them, and says so once', async () => {
    const { largestMib, leftMib, sentSpans, droppedSpans, said } = await run(
      `for (let n = 0; n < 100_000; n++) {
         tracer.trace('work', { resource: 'select ' + n + ' from a_table_with_a_name', tags: { n } }, () => tracer.trace('part', () => {}))
         if (n % 500 === 0) await turn()
       }`,
      await absentAgentUrl(),
      { DD_TRACE_FLUSH_INTERVAL: '100' },
    )
    assert.deepEqual([sentSpans, droppedSpans], [0, 200 + 200_000])
    assert.equal(said.length, 1)
    assert.match(said[0] ?? '', /^dd: traces cannot be sent to the Agent at [^\n]* \([^)]*\); \d+ dropped so far$/)
    assert.ok(largestMib < MAX_GROWTH_MIB, `grown by ${largestMib} MiB`)
    assert.ok(leftMib < MAX_GROWTH_MIB, `${leftMib} MiB are left`)
  })

  it('is bounded by what the README says', () => {
    const readme = readFileSync(join(repoRoot, 'README.md'), 'utf8')
    assert.ok(readme.includes(`${MAX_GROWTH_MIB} MiB of memory`))
    assert.ok(readme.includes(`${MAX_OPEN_SPAN_BYTES} bytes for a span that is open`))
  })
})
