// Packets over TCP and Unix sockets: framed as the server reads them, whole or not at all, counted whatever becomes of them, and sent
// again by itself when a server that was away comes back.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MetricsError } from '../../src/metrics/metrics-error'
import { StreamTransport, type StreamTransportOptions } from '../../src/metrics/transport/stream-transport'
import { holdRefusingPort } from '../support/loopback'
import { StreamServer } from '../support/metric-servers'
import { recordDelays } from '../support/record-delays'
import { HeardStats, send } from './heard-packets'

let server: StreamServer & { readonly port: number }
let stats: HeardStats
const open: StreamTransport[] = []

function make(options: Partial<StreamTransportOptions> = {}): StreamTransport {
  const transport = new StreamTransport({
    kind: 'tcp',
    to: { host: '127.0.0.1', port: server.port },
    framing: 'newline',
    ...options,
  })
  transport.listen(stats)
  open.push(transport)
  return transport
}

const dropped = () => stats.droppedQueue + stats.droppedWriter

describe('the stream transport', () => {
  beforeEach(async () => {
    server = await StreamServer.tcp()
    stats = new HeardStats()
  })

  afterEach(async () => {
    await Promise.all(open.splice(0).map((transport) => transport.close(0)))
    await server.stop()
  })

  it('connects with the first packet, and ends each with a newline', async () => {
    const transport = make()
    await transport.flush()
    assert.equal(server.connections, 0)
    send(transport, 'a:1|c', 'b:0|g\nb:-1|g', 'café:1|c')
    await transport.flush()
    assert.equal(await server.got('café:1|c\n'), 'a:1|c\nb:0|g\nb:-1|g\ncafé:1|c\n')
    assert.deepEqual([stats.packetsSent, stats.linesSent, stats.bytesSent, server.connections], [3, 4, 26, 1])
  })

  it('writes the length before each packet where that is how they are told apart, and no empty frame', async () => {
    const transport = make({ framing: 'length' })
    send(transport, 'a:1|c', '', 'é:1|g')
    await transport.flush()
    await server.got('g')
    assert.equal(server.received[0]!.toString('hex'), '05000000613a317c63' + '06000000c3a93a317c67')
  })

  it('speaks to Unix sockets', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dd-stream-'))
    const path = join(folder, 'statsd.sock')
    const unix = await StreamServer.unix(path)
    try {
      const transport = make({ kind: 'uds-stream', to: { path } })
      send(transport, 'a:1|c')
      assert.equal(await unix.got('\n'), 'a:1|c\n')
      await transport.close()
    } finally {
      await unix.stop()
      rmSync(folder, { recursive: true })
    }
  })

  it('sends thousands of packets in their order', async () => {
    const transport = make()
    const packets = Array.from({ length: 5000 }, (_, i) => `metric${i}:1|c`)
    for (const packet of packets) {
      send(transport, packet)
      if (packet.endsWith('00:1|c')) await transport.flush()
    }
    await transport.flush()
    assert.equal(await server.got('metric4999:1|c\n'), packets.map((packet) => `${packet}\n`).join(''))
    assert.deepEqual([stats.packetsSent, server.received.length], [5000, 1])
  })

  const wrong: [options: object, message: RegExp][] = [
    [{ to: { host: 5, port: 1 } }, /host is a string, not number/],
    [{ to: { host: 'x', port: 0 } }, /port is a whole number/],
    [{ to: { path: null } }, /path is a string, not null/],
    [{ timeoutMs: 0 }, /timeoutMs/],
    [{ framing: 'none' }, /framing is one of newline, length, not none/],
    [{ maxWaitingPackets: -1 }, /maxWaitingPackets/],
  ]
  for (const [options, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, () => assert.throws(() => make(options), { name: 'TypeError', message }))
  }

  describe('whose server is away', () => {
    it('keeps packets, and sends them when it comes, accounting for each', async () => {
      const transport = make({ random: () => 1 })
      send(transport, 'first:1|c')
      await server.got('first')
      await transport.flush()
      await server.stop()
      // The end of the connection has to be seen, or a packet goes where nobody reads.
      await new Promise((resolve) => setTimeout(resolve, 20))
      for (let i = 0; i < 100; i++) send(transport, `away${i}:1|c`)
      await transport.flush(20)
      assert.equal(stats.linesSent, 1)
      assert.ok(stats.failures.length > 0)
      assert.match(stats.failures[0]!.message, /^127.0.0.1:\d+: connect ECONNREFUSED/)
      await server.start()
      await transport.flush()
      const text = await server.got('away99:1|c\n')
      assert.equal(text.split('\n').length - 1, 101)
      assert.deepEqual([stats.linesSent, dropped()], [101, 0])
    })

    it('loses at most what the system had taken when it is killed again and again', async () => {
      const transport = make({ random: () => 1 })
      let recorded = 0
      for (let round = 0; round < 4; round++) {
        for (let i = 0; i < 200; i++) {
          send(transport, `round${round}.${i}:1|c`)
          recorded++
          if (i === 100) server.hangUp()
          if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
        }
        await transport.flush()
        assert.equal(stats.linesSent + dropped(), recorded)
      }
      await server.got('round3.199:1|c\n')
      const whole = server.received.flatMap((received) => received.toString().split('\n').slice(0, -1))
      assert.ok(whole.length <= stats.linesSent && whole.length >= 400, `${whole.length} of ${stats.linesSent}`)
      assert.ok(whole.every((line) => /^round\d\.\d+:1\|c$/.test(line)))
      assert.equal(new Set(whole).size, whole.length)
    })

    const limits: [options: Partial<StreamTransportOptions>, sent: string, arrived: string][] = [
      [{ maxWaitingPackets: 3 }, 'abc', 'abc'],
      [{ maxWaitingPackets: 3 }, 'abcd', 'bcd'],
      [{ maxWaitingPackets: 3, whenFull: 'drop-newest' }, 'abcd', 'abc'],
      [{ maxWaitingBytes: 15 }, 'abc', 'abc'],
      [{ maxWaitingBytes: 14 }, 'abc', 'bc'],
      [{ maxWaitingBytes: 14, whenFull: 'drop-newest' }, 'abc', 'ab'],
    ]
    for (const [options, sent, arrived] of limits) {
      it(`with ${JSON.stringify(options)} keeps ${arrived} of ${sent}`, async () => {
        const transport = make(options)
        send(transport, ...[...sent].map((name) => `${name}:1|c`))
        await transport.flush()
        assert.equal(await server.got(arrived.at(-1)!), [...arrived].map((name) => `${name}:1|c\n`).join(''))
        const lost = sent.length - arrived.length
        assert.deepEqual(
          [stats.linesSent, stats.droppedQueue, stats.packetsDropped, stats.bytesDropped],
          [arrived.length, lost, lost, lost * 5],
        )
      })
    }

    it('tries again after pauses that double, up to ten seconds, and are cut by up to a half', async () => {
      const refusing = await holdRefusingPort()
      const pauses: number[][] = []
      try {
        for (const dice of [0, 1]) {
          const transport = make({ to: { host: '127.0.0.1', port: refusing.port }, random: () => dice })
          const own: number[] = []
          for (let i = 0; i < 9; i++) {
            const delays = recordDelays()
            send(transport, 'a:1|c')
            // An attempt of its own takes the place of the pause.
            await assert.rejects(transport.connect(), { code: 'socket' })
            delays.stop()
            own.push(delays.ms.at(-1)!)
          }
          pauses.push(own)
          await transport.close(0)
        }
      } finally {
        await refusing.release()
      }
      assert.deepEqual(pauses[0], [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
      assert.deepEqual(
        pauses[1],
        pauses[0].map((ms) => ms / 2),
      )
    })

    it('flushes within its time, and keeps what is left', async () => {
      await server.stop()
      const transport = make({ random: () => 1 })
      send(transport, 'a:1|c')
      await transport.flush(5)
      assert.deepEqual([stats.linesSent, dropped()], [0, 0])
      await server.start()
      assert.equal(await server.got('\n'), 'a:1|c\n')
    })

    it('says why there is no connection to who asks for one', async () => {
      const refusing = await holdRefusingPort()
      try {
        const transport = make({ to: { host: '127.0.0.1', port: refusing.port } })
        await assert.rejects(transport.connect(), (error) => {
          assert.ok(error instanceof MetricsError)
          assert.equal(error.code, 'socket')
          assert.match(error.message, new RegExp(`^no connection to 127.0.0.1:${refusing.port}: .*ECONNREFUSED`))
          return true
        })
      } finally {
        await refusing.release()
      }
      const nowhere = make({ kind: 'uds-stream', to: { path: '/nowhere/dd.sock' } })
      await assert.rejects(nowhere.connect(), /no connection to \/nowhere\/dd.sock: .*ENOENT/)
      const impossible = make({ kind: 'uds-stream', to: { path: 'a\0b' } })
      await assert.rejects(impossible.connect(), { name: 'MetricsError', code: 'socket' })
    })
  })

  it('connects again when the server has ended an idle connection', async () => {
    const transport = make()
    send(transport, 'a:1|c')
    await server.got('\n')
    server.endAll()
    await server.until(() => server.connections === 0)
    await new Promise((resolve) => setTimeout(resolve, 10))
    send(transport, 'b:1|c')
    assert.equal(await server.got('b:1|c\n'), 'a:1|c\nb:1|c\n')
    assert.deepEqual([stats.linesSent, stats.errors, server.received.length], [2, 0, 2])
  })

  it('gives up a connection that takes nothing: half a packet is lost, the others come by another one', async () => {
    server.isReading = false
    const transport = make({ timeoutMs: 50, framing: 'length' })
    await transport.connect()
    await server.until(() => server.connections === 1)
    server.isReading = true
    const huge = 'x'.repeat(32 * 1024 * 1024)
    send(transport, huge, 'a:1|c')
    await server.got('a:1|c')
    await transport.flush()
    assert.equal(server.received.at(-1)!.toString('hex'), '05000000613a317c63')
    assert.deepEqual([stats.linesSent, stats.droppedWriter, stats.bytesDropped], [1, 1, huge.length])
    assert.match(stats.failures[0]!.message, /the server took nothing for 50 ms/)
  })

  it('gives up a connection that does not come about', async () => {
    const { connect } = Socket.prototype
    Socket.prototype.connect = function (this: Socket) {
      return this
    } as never
    try {
      await assert.rejects(make({ timeoutMs: 5 }).connect(), /no connection within 5 ms/)
    } finally {
      Socket.prototype.connect = connect
    }
  })

  it('connects once for all who ask, and not where there is a connection', async () => {
    const transport = make()
    await Promise.all([transport.connect(), transport.connect()])
    await transport.connect()
    send(transport, 'a:1|c')
    await server.got('\n')
    assert.equal(server.received.length, 1)
  })

  it('opens sockets muted', async () => {
    let isMuted = false
    const mute = <T>(fn: () => T): T => {
      isMuted = true
      try {
        return fn()
      } finally {
        isMuted = false
      }
    }
    const seen: boolean[] = []
    const { connect } = Socket.prototype
    Socket.prototype.connect = function (this: Socket, ...args: never) {
      seen.push(isMuted)
      return Reflect.apply(connect, this, args)
    } as never
    try {
      await make({ mute }).connect()
    } finally {
      Socket.prototype.connect = connect
    }
    assert.deepEqual(seen, [true])
  })

  describe('that is disconnected', () => {
    it('sends what waits, and opens another connection for what comes later', async () => {
      const transport = make()
      send(transport, 'a:1|c')
      const ended = transport.disconnect()
      send(transport, 'b:1|c')
      await ended
      send(transport, 'c:1|c')
      await transport.flush()
      assert.match(await server.got('c:1|c\n'), /^a:1\|c\nb:1\|c\nc:1\|c\n$/)
      await transport.disconnect()
      await server.until(() => server.connections === 0)
      assert.deepEqual([stats.linesSent, dropped(), stats.errors], [3, 0, 0])
    })

    it('does nothing where there is no connection', async () => {
      const transport = make()
      await transport.disconnect()
      await transport.disconnect()
      assert.deepEqual([server.received.length, stats.errors], [0, 0])
    })
  })

  describe('that is closed', () => {
    it('sends what waits, then drops what comes, and closes once', async () => {
      const transport = make()
      send(transport, 'a:1|c')
      const closed = transport.close()
      assert.equal(transport.close(), closed)
      send(transport, 'late:1|c')
      await closed
      assert.equal(await server.got('\n'), 'a:1|c\n')
      assert.deepEqual([stats.linesSent, stats.droppedWriter], [1, 1])
      await assert.rejects(transport.connect(), { code: 'closed' })
      await server.until(() => server.connections === 0)
    })

    it('drops what it cannot send in time, and counts it', async () => {
      const refusing = await holdRefusingPort()
      try {
        const transport = make({ to: { host: '127.0.0.1', port: refusing.port } })
        send(transport, 'a:1|c', 'b:1|c')
        await transport.close(5)
        assert.deepEqual([stats.linesSent, stats.droppedWriter, stats.packetsDropped], [0, 2, 2])
      } finally {
        await refusing.release()
      }
    })

    it('breaks off a packet that is not taken in time, and counts it', async () => {
      server.isReading = false
      const transport = make()
      await transport.connect()
      await server.until(() => server.connections === 1)
      send(transport, 'x'.repeat(32 * 1024 * 1024), 'b:1|c')
      await transport.close(5)
      assert.deepEqual([stats.linesSent, stats.droppedWriter], [0, 2])
    })
  })
})
