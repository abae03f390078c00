// Ten thousand traces of ten spans in a row, from a program with `dd` to `dog agent`, each a process of its own: every one arrives, and the
// agent, which keeps the last thousand, needs no more memory after twenty thousand than after ten.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExporterCounts } from '../../src/export/export-counts'
import { MAX_BYTES, MAX_SPANS, MAX_TRACES } from '../../src/local-agent/trace-store'
import { DOG, Dog } from '../cli/dog-process'
import { INDEX, outcomeOf, traced } from '../process/traced'
import { runNode } from '../support/spawn'
import { send } from './send'

const TRACES = 10_000
const SPANS = 10

/** What the agent may hold after a collection: its code, a thousand traces of ten spans, and nothing else that grows. */
const MAX_HEAP_MIB = 48
/** Between two measurements of the same; what the second ten thousand would leave if one in fifty stayed. */
const MAX_DRIFT_MIB = 4
/** One payload of 8 MB holds nearly all 100,000 spans in v0.5. So much would not do if two of them were there at once. */
const OLD_SPACE_MIB = 192

/** Prints what is in use after a collection, when it is asked to. */
const MEASURE = `
  let measured = 0
  process.on('SIGUSR2', () => {
    gc()
    const { heapUsed, external } = process.memoryUsage()
    console.log('MEASURED ' + ++measured + ': ' + (heapUsed + external))
  })`

/** @param between what the program does after each trace, the nth from 0 on */
const program = (between: string) => `
  const { setImmediate: turn } = require('node:timers/promises')
  const { tracer } = require(${JSON.stringify(INDEX)})
  const ids = []
  async function main() {
    for (let nth = 0; nth < ${TRACES}; nth++) {
      const tags = { 'http.method': 'GET', 'http.route': '/items/:id', 'http.status_code': '200', nth }
      tracer.trace('web.request', { type: 'web', resource: 'GET /items/:id', tags }, (span) => {
        ids.push(span.traceId)
        for (let query = 1; query < ${SPANS}; query++) {
          tracer.trace('pg.query', { type: 'sql', service: 'shop-postgres', resource: 'select name from item where id = $' + query }, () => {})
        }
      })
      ${between}
    }
    await tracer.flush()
    console.log(JSON.stringify({ ids, counts: tracer.diagnostics().traces }))
  }
  main()`

interface Made {
  readonly ids: readonly string[]
  readonly counts: ExporterCounts
  readonly said: readonly string[]
}

/** Counts the spans of each trace that the live stream tells of. */
class LiveTraces {
  readonly spans = new Map<string, number>()
  #text = ''
  #wait: { readonly traces: number; readonly resolve: () => void } | undefined

  private constructor(private readonly response: IncomingMessage) {
    response.setEncoding('utf8').on('data', (part: string) => this.#read(part))
  }

  static open(url: string): Promise<LiveTraces> {
    return new Promise((resolve, reject) => {
      get(`${url}/api/live`, { agent: false }, (response) => resolve(new LiveTraces(response))).once('error', reject)
    })
  }

  async until(traces: number): Promise<void> {
    if (this.spans.size >= traces) return
    await new Promise<void>((resolve) => {
      this.#wait = { traces, resolve }
    })
  }

  close(): void {
    this.response.destroy()
  }

  #read(part: string): void {
    const blocks = (this.#text + part).split('\n\n')
    this.#text = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = /^event: trace\ndata: (.*)$/m.exec(block)?.[1]
      if (data === undefined) continue
      const { id, spanCount } = JSON.parse(data) as { id: string; spanCount: number }
      this.spans.set(id, spanCount)
    }
    if (this.#wait && this.spans.size >= this.#wait.traces) this.#wait.resolve()
  }
}

for (const protocol of ['0.4', '0.5']) {
  describe(`local agent, 10,000 traces of dd by v${protocol}`, function () {
    this.timeout(120_000)
    let folder: string
    let dog: Dog
    let url: string
    let measurements = 0

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'dd-ten-thousand-'))
      const measure = join(folder, 'measure.cjs')
      writeFileSync(measure, MEASURE)
      const node = [process.execPath, '--expose-gc', `--max-old-space-size=${OLD_SPACE_MIB}`, '--require', measure]
      const args = ['agent', '--port', '0', '--otlp-port', '0', '--dogstatsd-port', '0']
      dog = new Dog(args, { command: [...node, DOG] })
      url = (await dog.prints(/shown on (http:\S+)/))[1] ?? ''
    })
    after(async () => {
      await dog.stop()
      rmSync(folder, { recursive: true })
    })

    const read = async (path: string) => JSON.parse((await send(url + path)).text)
    const made = async (between: string): Promise<Made> => {
      const env = { DD_TRACE_AGENT_PROTOCOL_VERSION: protocol, DD_TRACE_SAMPLE_RATE: undefined }
      const outcome = outcomeOf(await runNode(traced({ code: program(between), timeoutMs: 100_000 }, url, env)))
      assert.deepEqual([outcome.code, outcome.stderr], [0, ''])
      return { ...JSON.parse(outcome.stdout), said: outcome.said }
    }
    const usedMib = async (): Promise<number> => {
      dog.process.kill('SIGUSR2')
      const [, bytes] = await dog.prints(new RegExp(`^MEASURED ${++measurements}: (\\d+)$`, 'm'))
      return Number(bytes) / 2 ** 20
    }
    /** As a job that is long enough does: it makes the next ones when these are out. */
    const FLUSHES = 'if (nth % 250 === 249) await tracer.flush(); else await turn()'

    it('takes every one, says what it keeps and what it put out, and does not grow', async () => {
      const used: number[] = []
      let payloads = 0
      for (const round of [1, 2]) {
        const live = await LiveTraces.open(url)
        const { ids, counts, said } = await made(FLUSHES)
        await live.until(TRACES + (round === 1 ? 0 : MAX_TRACES))
        live.close()

        assert.deepEqual(said, [])
        assert.equal(new Set(ids).size, TRACES)
        const { sentChunks, sentSpans, droppedChunks, droppedSpans, rejectedChunks } = counts
        assert.deepEqual(
          { sentChunks, sentSpans, droppedChunks, droppedSpans, rejectedChunks },
          { sentChunks: TRACES, sentSpans: TRACES * SPANS, droppedChunks: 0, droppedSpans: 0, rejectedChunks: 0 },
        )
        const wrong = ids.filter((id) => live.spans.get(id) !== SPANS)
        assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} traces are missing, or miss spans`)

        payloads += counts.sentPayloads
        const status = await read('/api/status')
        const { traces, spans, bytes, ...limits } = status.stores.traces
        assert.deepEqual(status.intake.traces, {
          payloads,
          spans: round * TRACES * SPANS,
          refusedPayloads: 0,
          malformedSpans: 0,
        })
        assert.deepEqual([traces, spans], [MAX_TRACES, MAX_TRACES * SPANS])
        assert.deepEqual(limits, {
          evictedTraces: round * TRACES - MAX_TRACES,
          droppedSpans: 0,
          maxTraces: MAX_TRACES,
          maxSpans: MAX_SPANS,
          maxBytes: MAX_BYTES,
        })
        assert.ok(bytes > 0 && bytes < MAX_BYTES, `${bytes} bytes`)
        const { rss, heapUsed } = status.memory
        assert.ok(heapUsed > bytes / 2 && rss > heapUsed, JSON.stringify(status.memory))

        const list = await read(`/api/traces?limit=${MAX_TRACES}`)
        const kept = list.traces.map(({ id, spanCount }: { id: string; spanCount: number }) => [id, spanCount])
        assert.deepEqual(
          kept.reverse(),
          ids.slice(-MAX_TRACES).map((id) => [id, SPANS]),
        )
        used.push(await usedMib())
      }
      if (process.env['DD_TEST_SHOW_FIGURES']) console.log('      ', used.map((mib) => `${mib.toFixed(1)} MiB`).join())
      const [first = 0, second = 0] = used
      assert.ok(second < MAX_HEAP_MIB, `${second} MiB are in use`)
      assert.ok(second - first < MAX_DRIFT_MIB, `grown from ${first} to ${second} MiB`)
    })

    it('tells what was lost where a program makes them without a pause, which is more than dd lets wait', async () => {
      const before = (await read('/api/status')).intake.traces.spans
      const { ids, counts, said } = await made('')
      const { sentSpans, droppedSpans, dropReasons } = counts
      assert.equal(ids.length, TRACES)
      assert.equal(sentSpans + droppedSpans, TRACES * SPANS)
      // A payload that was answered too late counts as lost, and has arrived all the same.
      const taken = (await read('/api/status')).intake.traces.spans - before
      assert.ok(taken >= sentSpans && taken <= TRACES * SPANS, `${taken} of ${sentSpans}`)
      assert.equal(said.length, droppedSpans > 0 ? 1 : 0, said.join('\n'))
      if (process.env['DD_TEST_SHOW_FIGURES']) console.log('      ', sentSpans, 'sent', dropReasons)
      assert.ok((await usedMib()) < MAX_HEAP_MIB)
    })
  })
}
