// How a DogStatsd sends: by which way, in which packets, when, and that nothing is lost with the end of the process. Servers and
// processes are real.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { DogStatsd } from '../../src/metrics/dogstatsd/dogstatsd'
import type { DogStatsdOptions } from '../../src/metrics/dogstatsd/dogstatsd-options'
import { useEnvironment } from '../../src/metrics/metrics-environment'
import { StreamServer, UdpServer } from '../support/metric-servers'
import { recordDelays } from '../support/record-delays'
import { runNode } from '../support/spawn'
import { recordedClient } from './recorded-client'

const QUIET: DogStatsdOptions = { telemetry: false, originDetection: false }
const MODULE = JSON.stringify(join(__dirname, '../../src/metrics/dogstatsd/dogstatsd.js'))

describe('a DogStatsd sends', () => {
  let udp: UdpServer
  let folder: string
  beforeEach(async () => {
    udp = await UdpServer.start()
    folder = mkdtempSync(join(tmpdir(), 'dd-dogstatsd-'))
  })
  afterEach(async () => {
    useEnvironment(() => ({}))
    await udp.stop()
    rmSync(folder, { recursive: true })
  })

  describe('lines', () => {
    it('together after a tenth of a second, without keeping the process', () => {
      const delays = recordDelays()
      try {
        const { client, take } = recordedClient({ flushIntervalMs: undefined })
        client.increment('x')
        client.gauge('y', 1)
        assert.deepEqual([delays.ms, take()], [[100], []])
      } finally {
        delays.stop()
      }
    })

    it('as many as a packet takes, in bytes, and no line that is longer', async () => {
      const { client, take, errors } = recordedClient({ flushIntervalMs: 60_000, packetBytes: 11 })
      for (const name of ['é', 'b', 'ccc', 'dd', 'eeeeeeeeee']) client.increment(name)
      client.increment('ddd', 1, { tags: ['a'] })
      assert.deepEqual(take(), ['é:1|c', 'b:1|c', 'ccc:1|c', 'dd:1|c'])
      await client.flush()
      assert.deepEqual(take(), ['ddd:1|c|#a'])
      assert.deepEqual([client.stats().droppedTooLong, errors.length, errors[0]?.code], [1, 1, 'too-long'])
    })

    it('when the time has come, and again when there are others', async () => {
      const client = new DogStatsd({ ...QUIET, host: '127.0.0.1', port: udp.port, flushIntervalMs: 1 })
      client.increment('x')
      client.increment('y')
      assert.deepEqual(await udp.got(1), ['x:1|c\ny:1|c'])
      client.increment('z')
      assert.deepEqual((await udp.got(2))[1], 'z:1|c')
      await client.close()
    })
  })

  describe('by', () => {
    const recordedBy = async (options: DogStatsdOptions) => {
      const client = new DogStatsd({ ...QUIET, ...options })
      client.increment('x')
      await client.close()
      const { linesSent, droppedWriter } = client.stats()
      assert.deepEqual([linesSent, droppedWriter], [1, 0])
    }

    it('UDP to the host and port of the environment, or its URL', async () => {
      useEnvironment(() => ({ host: '127.0.0.1', port: udp.port }))
      await recordedBy({})
      useEnvironment(() => ({ host: 'nobody.invalid', port: 9, dogstatsdUrl: `udp://127.0.0.1:${udp.port}` }))
      await recordedBy({})
      useEnvironment(() => ({ host: 'nobody.invalid', dogstatsdUrl: 'udp://nobody.invalid' }))
      await recordedBy({ host: '127.0.0.1', port: udp.port })
      await recordedBy({ url: `udp://localhost:${udp.port}` })
      assert.equal((await udp.got(4)).length, 4)
    })

    it('UDP where the URL of the environment is none', async () => {
      useEnvironment(() => ({ dogstatsdUrl: 'unixgram:///var/run/dsd.socket', host: '127.0.0.1', port: udp.port }))
      await recordedBy({})
      assert.deepEqual(await udp.got(1), ['x:1|c'])
    })

    it('a Unix socket, with the length before each packet for the Agent and a newline behind it for others', async () => {
      const path = join(folder, 'dsd.sock')
      const server = await StreamServer.unix(path)
      await recordedBy({ path })
      await recordedBy({ url: `unixstream://${path}`, dialect: 'statsd', telemetry: undefined })
      await server.got('x:1|c\n')
      assert.deepEqual(server.received.map(String), ['\x05\0\0\0x:1|c', 'x:1|c\n'])
      await server.stop()
    })

    it('TCP', async () => {
      const server = await StreamServer.tcp()
      await recordedBy({ url: `tcp://127.0.0.1:${server.port}` })
      assert.equal(await server.got('\n'), 'x:1|c\n')
      await server.stop()
    })

    it('any stream', async () => {
      const written: string[] = []
      const stream = new Writable({
        write(chunk, _encoding, done) {
          written.push(String(chunk))
          done()
        },
      })
      await recordedBy({ stream })
      assert.deepEqual(written, ['x:1|c\n'])
    })

    it('packets as large as the way bears', async () => {
      const bytes = async (options: DogStatsdOptions) => {
        const client = new DogStatsd({
          ...QUIET,
          flushIntervalMs: 60_000,
          port: udp.port,
          host: '127.0.0.1',
          ...options,
        })
        for (let n = 0; n < 1000; n++) client.increment('x'.repeat(91))
        await client.close()
        const longest = Math.max(...(await udp.got(client.stats().packetsSent)).map((packet) => packet.length))
        udp.packets.length = 0
        return longest
      }
      // Lines of 95 bytes and a newline between.
      assert.equal(await bytes({}), 42 * 96 - 1)
      assert.equal(await bytes({ dialect: 'statsd', telemetry: undefined }), 14 * 96 - 1)
      assert.equal(await bytes({ maxPacketBytes: 959 }), 959)
      assert.equal(await bytes({ maxPacketBytes: 958 }), 9 * 96 - 1)
    })
  })

  describe('all that was recorded, when the process', () => {
    const ends: Readonly<Record<string, { code: string; kill?: true; exit: number | NodeJS.Signals }>> = {
      'has nothing more to do': { code: '', exit: 0 },
      'calls process.exit': { code: 'process.exit(3)', exit: 3 },
      'calls process.exit later': { code: 'setImmediate(() => process.exit(3))', exit: 3 },
      'throws an exception': { code: "throw new RangeError('the end')", exit: 1 },
      'rejects a promise': { code: "Promise.reject(new RangeError('the end'))", exit: 1 },
      'gets a signal': { code: "setInterval(() => {}, 1000); console.log('waiting')", kill: true, exit: 'SIGTERM' },
      'records in `exit`': { code: "process.on('exit', () => client.increment('last', 4))", exit: 0 },
    }
    for (const [how, { code, kill, exit }] of Object.entries(ends)) {
      it(how, async () => {
        const ended = await runNode({
          code: `
            const { DogStatsd } = require(${MODULE})
            const client = new DogStatsd({ url: 'udp://127.0.0.1:${udp.port}', flushIntervalMs: 60_000, aggregation: true, telemetry: false, originDetection: false })
            for (let n = 0; n < 1000; n++) { client.increment('sum'); client.histogram('h', n) }
            ${code}`,
          ...(kill && { killAfterOutput: /waiting/ }),
        })
        assert.equal(ended.signal ?? ended.code, exit, ended.stderr)
        assert.ok(ended.durationMs < 5000)
        const isAll = () => /sum:1000\|c/.test(udp.packets.join('\n'))
        await udp.until(() => isAll() && (how !== 'records in `exit`' || /last:4/.test(udp.packets.join('\n'))))
        const lines = udp.packets.join('\n').split('\n')
        assert.deepEqual(
          lines.filter((line) => line.startsWith('h:')),
          Array.from({ length: 1000 }, (_, n) => `h:${n}|h`),
        )
      })
    }

    it('ends while the name of the server is looked up', async () => {
      const { code } = await runNode({
        code: `
          const { DogStatsd } = require(${MODULE})
          const client = new DogStatsd({ url: 'udp://localhost:${udp.port}', flushIntervalMs: 60_000, telemetry: false, originDetection: false })
          client.increment('x')`,
      })
      assert.equal(code, 0)
      assert.deepEqual(await udp.got(1), ['x:1|c'])
    })

    it('ends without a client: one that is closed leaves no trace in it', async () => {
      const { stdout, code } = await runNode({
        code: `
          const { emit } = process
          const names = process.eventNames().length
          const { DogStatsd } = require(${MODULE})
          const clients = [1, 2].map(() => new DogStatsd({ url: 'udp://127.0.0.1:${udp.port}' }))
          const isWatched = process.emit !== emit
          Promise.all(clients.map((client) => client.close())).then(() => console.log(isWatched, process.emit === emit, process.eventNames().length - names))`,
      })
      assert.deepEqual([stdout, code], ['true true 0\n', 0])
    })
  })

  it('nothing twice and loses nothing, over a server that comes back', async () => {
    const client = new DogStatsd({ ...QUIET, host: '127.0.0.1', port: udp.port, flushIntervalMs: 60_000 })
    for (let n = 0; n < 10_000; n++) {
      client.increment('count')
      if (n === 5000) {
        await client.flush()
        await udp.until(() => udp.packets.join('\n').split('\n').length === 5001)
        await udp.stop()
        await udp.start()
      }
      if (n % 500 === 0) await new Promise(setImmediate)
    }
    await client.close()
    const { recorded, linesSent, droppedQueue, droppedWriter, packetsSent } = client.stats()
    assert.equal(recorded, linesSent + droppedQueue + droppedWriter)
    await udp.got(packetsSent)
    assert.equal(udp.packets.join('\n').split('\n').length, linesSent)
  })
})
