// Metrics that are broken or meant to hurt: whatever comes, every line is accounted for, nothing throws, and memory stays within bounds.

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { FrameReader } from '../../src/local-agent/dogstatsd/frame-reader'
import { MetricStore } from '../../src/local-agent/dogstatsd/metric-store'
import { parseLine } from '../../src/local-agent/dogstatsd/parse-datagram'
import { startLocalAgent } from '../../src/local-agent/start-local-agent'
import { send } from './send'

const MB = 1024 * 1024

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const heapBytes = () => {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/** Lines that are nearly right: the parts of the format in any order. */
const part = fc.constantFrom(
  ...['a', 'é', '\u{1f600}', ':', '|', '|', '#', '@', ',', '_e{', '_sc|', '}', '{', '\\n', '\r', ' ', '\0', '\uFFFD'],
  ...[
    '1',
    '-1',
    '0.5',
    '1e999',
    'nan',
    '0x1p4',
    '18446744073709551616',
    'c',
    'g',
    'ms',
    'h',
    's',
    'd',
    'T',
    '|@0',
    '|#',
  ],
  ...[
    'host:',
    'dd.internal.card:',
    '__proto__',
    'constructor',
    'd:',
    'h:',
    'm:',
    't:error',
    '5,4',
    'c:',
    'e:',
    'card:',
  ],
)
const nearly = fc.array(part, { maxLength: 30 }).map((parts) => Buffer.from(parts.join('')))
const template = fc
  .tuple(part, part, part, part, part)
  .map(([a, b, c, d, e]) => Buffer.from(`${a}:${b}|${c}|${d}${e}\n_e{${b},${c}}:${a}|${d}\n_sc|${a}|${b}|${d}${e}`))
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))

describe('local agent, hostile metrics', () => {
  it('accounts for every line of 100,000 datagrams of anything', function () {
    this.timeout(120_000)
    const store = new MetricStore()
    let lines = 0
    fc.assert(
      fc.property(fc.oneof(nearly, template, bytes), (datagram) => {
        store.take(datagram)
        lines += datagram
          .toString('latin1')
          .split('\n')
          .filter((line) => line.replace(/\r$/, '') !== '').length
        assert.equal(store.counters.received, lines)
      }),
      { numRuns: 100_000 },
    )
    const { rejectedLines, lines: understood, bytes: held } = store.counters
    const counts = Object.values(understood)
    assert.ok(rejectedLines > 10_000 && counts.every((count) => count > 0), JSON.stringify(store.counters))
    assert.ok(held > 0 && held < 64 * MB)
    // What was taken can be shown.
    for (const shown of [store.latest(1e6, 60), store.events.latest(1e6), store.checks.latest(1e6)])
      JSON.stringify(shown)
  })

  it('reads frames wherever the stream is cut, 10,000 times', () => {
    const packet = fc.uint8Array({ minLength: 1, maxLength: 100 }).map((array) => Buffer.from(array))
    fc.assert(
      fc.property(
        fc.array(packet, { maxLength: 20 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 150 })),
        (packets, cuts) => {
          const got: Buffer[] = []
          const reader = new FrameReader(100, (each) => got.push(Buffer.from(each)))
          let rest = Buffer.concat(packets.flatMap((each) => [Buffer.from([each.length, 0, 0, 0]), each]))
          while (rest.length > 0) {
            const { value: cut } = cuts.next()
            assert.equal(reader.push(rest.subarray(0, cut)), undefined)
            rest = rest.subarray(cut)
          }
          assert.deepEqual(got, packets)
          assert.equal(reader.pendingBytes, 0)
        },
      ),
      { numRuns: 10_000 },
    )
  })

  const floods: [title: string, line: (i: number) => string][] = [
    ['series without end', (i) => `n${i}:1|c|#a:${i},b:${'t'.repeat(100)}`],
    ['windows without end', (i) => `n${i % 200}:1|c|T${Math.floor(Date.now() / 1000) - (i % 3600)}`],
    ['sets without end', (i) => `n${i % 50}:${i}-${'v'.repeat(200)}|s`],
    ['distributions of any size', (i) => `n${i % 50}:${(i * 7919) % 1009}e${(i % 600) - 300}|d`],
    ['events', (i) => `_e{9,700}:${String(i).padStart(9, '0')}|${'x'.repeat(700)}`],
    ['service checks', (i) => `_sc|n${i}|0|m:${'x'.repeat(700)}`],
    ['lines that are wrong', (i) => `${'w'.repeat(1000)}${i}`],
    // A slice of a text keeps the whole text.
    ['long lines with short names', (i) => `a.name.of.its.own.${i % 6000}:1|c|#a:tag.of.its.own|${'?'.repeat(8000)}`],
    ['long lines with short values', (i) => `n${i % 20}:a value of its own ${i % 6000}|s|${'?'.repeat(8000)}`],
  ]
  for (const [title, line] of floods) {
    it(`stays within its bounds in a flood of ${title}`, function () {
      this.timeout(120_000)
      const store = new MetricStore({ maxSeries: 10_000, maxBytes: 16 * MB })
      const before = heapBytes()
      for (let i = 0; i < 60_000; i++) store.take(Buffer.from(line(i)))
      const grown = heapBytes() - before
      const { bytes: estimated, received } = store.counters
      assert.equal(received, 60_000)
      assert.ok(estimated <= 16 * MB)
      assert.ok(grown < 28 * MB, `${grown} bytes, estimated as ${estimated}`)
    })
  }

  it('keeps nothing of long chunks of a stream but the beginning of a frame', async () => {
    const before = process.memoryUsage().arrayBuffers
    const readers = Array.from({ length: 1000 }, () => {
      const reader = new FrameReader(65_533, () => {})
      reader.push(Buffer.concat([Buffer.from([0xfd, 0xff, 0, 0]), Buffer.alloc(65_533), Buffer.from([1, 0])]))
      return reader
    })
    collectGarbage()
    // V8 gives buffers back in another thread.
    await nextTurn()
    collectGarbage()
    const grown = process.memoryUsage().arrayBuffers - before
    assert.ok(grown < 32 * MB, `${grown} bytes of ${readers.length * 65_533}`)
    assert.ok(readers.every(({ pendingBytes }) => pendingBytes === 2))
  })

  it('reads a line of millions of tags in time', () => {
    const store = new MetricStore()
    store.take(Buffer.from(`a:1|c|#${'t,'.repeat(2_000_000)}`))
    store.take(Buffer.from(`a${':1'.repeat(2_000_000)}|c`))
    store.take(Buffer.from(`_e{1,1}:a|b${'|h:x'.repeat(1_000_000)}`))
    store.take(Buffer.from(`_sc|a|0${'|h:x'.repeat(1_000_000)}`))
    assert.equal(store.counters.received, 4)
  })

  it('does not backtrack over long numbers', () => {
    for (const value of [
      '1'.repeat(60_000),
      '1_'.repeat(30_000),
      `0x${'f'.repeat(60_000)}`,
      `${'_'.repeat(60_000)}x`,
    ]) {
      for (const more of ['', 'e', 'p', '.', '_']) parseLine(Buffer.from(`a:${value}${more}|g|@${value}|T${value}`))
    }
  })

  it('goes on after floods of rubbish over each way in', async function () {
    this.timeout(60_000)
    const folder = mkdtempSync(join(tmpdir(), 'dd-hostile-'))
    const path = join(folder, 'socket')
    const agent = await startLocalAgent({ port: 0, dogstatsdPort: 0, dogstatsdSocket: path })
    const before = heapBytes()
    try {
      const udp = createSocket('udp4')
      const datagram = Buffer.alloc(9000, 'x\n:|#')
      for (let i = 0; i < 2000; i++) {
        await new Promise((resolve) => udp.send(datagram, agent.dogstatsd.port, '127.0.0.1', resolve))
      }
      for (let i = 0; i < 200; i++) {
        const socket = connect(path)
        socket.on('error', () => {}).resume()
        // At first a frame that never ends.
        socket.write(i < 100 ? Buffer.from([0, 32, 0, 0, 97]) : Buffer.alloc(100_000, i))
        if (i >= 100) await new Promise((resolve) => socket.once('close', resolve))
      }
      const { text } = await send(`${agent.url}/api/metrics?limit=1`)
      const { listener, rejectedLines } = JSON.parse(text).counters
      assert.ok(listener.datagrams > 0 && listener.cutDatagrams === listener.datagrams && rejectedLines > 0)
      assert.equal(listener.connections, 200)
      await new Promise<void>((resolve) => udp.send('good:1|c', agent.dogstatsd.port, '127.0.0.1', () => resolve()))
      while (agent.metrics.counters.lines.count === 0) await new Promise(setImmediate)
      udp.close()
      assert.ok(heapBytes() - before < 32 * MB)
    } finally {
      await agent.close()
      rmSync(folder, { recursive: true })
    }
  })
})
