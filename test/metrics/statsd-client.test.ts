// StatsD over UDP, TCP and Unix sockets: what the vectors do not say. Bad input never throws and never spoils a packet; all that was
// recorded is accounted for; options and the environment are heeded or refused.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientCounts } from '../../src/metrics/client-stats'
import { type MetricsEnvironment, useEnvironment } from '../../src/metrics/metrics-environment'
import type { MetricsError } from '../../src/metrics/metrics-error'
import { StatsClient, type StatsClientOptions } from '../../src/metrics/statsd/statsd-client'
import { TCPStatsClient } from '../../src/metrics/statsd/tcp-stats-client'
import { UnixSocketStatsClient } from '../../src/metrics/statsd/unix-socket-stats-client'
import { StreamServer, UdpServer } from '../support/metric-servers'
import { RecordingTransport } from '../support/vectors/recording-transport'

let transport: RecordingTransport
let errors: MetricsError[]

function make(options: StatsClientOptions = {}): StatsClient {
  return new StatsClient({ transport, onError: (error) => errors.push(error), ...options })
}

/** Recorded is sent plus dropped. */
function assertAccounted(counts: ClientCounts): void {
  const { recorded, linesSent, droppedInvalid, droppedTooLong, droppedClosed, droppedQueue, droppedWriter } = counts
  assert.equal(recorded, linesSent + droppedInvalid + droppedTooLong + droppedClosed + droppedQueue + droppedWriter)
}

describe('a StatsD client', () => {
  beforeEach(() => {
    transport = new RecordingTransport()
    errors = []
  })
  afterEach(() => useEnvironment(() => ({})))

  const refused: [title: string, call: (client: StatsClient) => void, message: RegExp][] = [
    ['NaN', (client) => client.gauge('a', Number.NaN), /^a was not sent: the value NaN$/],
    ['Infinity', (client) => client.incr('a', Number.POSITIVE_INFINITY), /the value Infinity/],
    ['a text for a number', (client) => client.decr('a', '5' as never), /a value that is no number \(string\)/],
    ['null', (client) => client.gauge('a', null as never), /no number \(object\)/],
    ['no value', (client) => client.gauge('a', undefined as never), /no number \(undefined\)/],
    ['no name', (client) => client.incr(''), /^a metric was not sent: it has no name$/],
    ['a name that is none', (client) => client.incr(Symbol('s') as never), /it has no name/],
    ['an object for a set', (client) => client.set('a', {} as never), /no number \(object\)/],
    ['an empty text for a set', (client) => client.set('a', ''), /an empty value of a set/],
    ['a negative time', (client) => client.timing('a', -1), /a time below zero/],
    ['a time that cannot tell', (client) => client.timing('a', { total: () => Number.NaN }), /the value NaN/],
    [
      'a time that throws',
      (client) =>
        client.timing('a', {
          total() {
            throw new RangeError('relative to what')
          },
        }),
      /no number \(object\)/,
    ],
  ]
  for (const [title, call, message] of refused) {
    it(`counts ${title}, and says so`, () => {
      const client = make()
      call(client)
      assert.deepEqual(transport.take(), [])
      assert.deepEqual([client.stats().recorded, client.stats().droppedInvalid], [1, 1])
      assert.equal(errors[0]!.code, 'invalid')
      assert.match(errors[0]!.message, message)
      assertAccounted(client.stats())
    })
  }

  const lines: [title: string, call: (client: StatsClient) => void, line: string][] = [
    ['-0', (client) => client.decr('a', 0), 'a:0|c'],
    ['a bigint', (client) => client.decr('a', 9007199254740993n), 'a:-9007199254740993|c'],
    ['a tiny number', (client) => client.gauge('a', 1.5e-9), 'a:0.0000000015|g'],
    ['a huge one', (client) => client.gauge('a', -1.5e22), 'a:0|g\na:-15000000000000000000000|g'],
    ['a delta of -0', (client) => client.gauge('a', -0, { delta: true }), 'a:+0|g'],
    ['a whole time', (client) => client.timing('a', 5), 'a:5|ms'],
    ['a time as bigint', (client) => client.timing('a', 5n), 'a:5|ms'],
    ['a set of names in any script', (client) => client.set('naïve', 'Ω:1|\n'), 'naïve:Ω_1__|s'],
    ['a name full of separators', (client) => client.incr('a b\tc@d#e,f\u0000'), 'a_b_c_d_e_f_:1|c'],
    ['no count', (client) => client.incr('a', undefined), 'a:1|c'],
    ['a rate above 1', (client) => client.incr('a', 1, { rate: 2 }), 'a:1|c'],
    ['no rate', (client) => client.incr('a', 1, { rate: undefined }), 'a:1|c'],
    ['null as options', (client) => client.incr('a', 1, null as never), 'a:1|c'],
  ]
  for (const [title, call, line] of lines) {
    it(`writes ${title}`, () => {
      const client = make()
      call(client)
      assert.deepEqual(transport.take(), [line])
      assertAccounted(client.stats())
    })
  }

  it('never records at a rate of 0, always at 1, and keeps where the dice are equal', () => {
    const client = make({ random: () => 0 })
    client.incr('never', 1, { rate: 0 })
    client.incr('less', 1, { rate: -1 })
    assert.deepEqual([transport.take(), client.stats().sampledOut, client.stats().recorded], [[], 2, 0])
    const equal = make({ random: () => 0.5 })
    equal.incr('equal', 1, { rate: 0.5 })
    equal.incr('below', 1, { rate: 0.49 })
    assert.deepEqual(transport.take(), ['equal:1|c|@0.5'])
  })

  it('takes the rate of the client where a call has none, and tells of one that is none', () => {
    const client = make({ rate: 0.5, random: () => 0 })
    client.incr('a')
    client.incr('b', 1, { rate: 1 })
    client.incr('c', 1, { rate: 'often' as never })
    assert.deepEqual(transport.take(), ['a:1|c|@0.5', 'b:1|c', 'c:1|c|@0.5'])
    assert.match(errors[0]!.message, /a rate that is no number was not heeded/)
  })

  it('refuses options that are none, as a rate in their place', () => {
    assert.throws(() => make().incr('a', 1, 0.5 as never), { name: 'TypeError', message: /options are an object/ })
  })

  const prefixes: [prefix: string, line: string][] = [
    ['app', 'app.a:1|c'],
    ['app.', 'app.a:1|c'],
    ['app..', 'app.a:1|c'],
    ['my app:x', 'my_app_x.a:1|c'],
    ['.', 'a:1|c'],
  ]
  for (const [prefix, line] of prefixes) {
    it(`puts the prefix ${JSON.stringify(prefix)} before names`, () => {
      make({ prefix }).incr('a')
      assert.deepEqual(transport.take(), [line])
    })
  }

  const wrong: [options: object, message: RegExp][] = [
    [{ prefix: 5 }, /prefix is a string, not number/],
    [{ rate: 1.5 }, /rate is a number from 0 to 1/],
    [{ rate: '1' }, /rate is a number from 0 to 1/],
    [{ rate: Number.NaN }, /rate/],
    [{ maxUdpSize: 0 }, /maxUdpSize is a whole number from 1 to 65467, not 0/],
    [{ maxUdpSize: 65_468 }, /maxUdpSize/],
    [{ onError: 'log' }, /onError is a function, not string/],
    [{ transport: undefined, port: 'x' }, /port is a whole number/],
    [{ transport: undefined, host: null }, /host is a string, not null/],
    [{ transport: undefined, host: '127.0.0.1', ipv6: true }, /127.0.0.1 is no IPv6 address/],
  ]
  for (const [options, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, () => assert.throws(() => make(options), { name: 'TypeError', message }))
  }

  it('takes 65,467 bytes and refuses to try more', async () => {
    const server = await UdpServer.start()
    const client = make({ transport: undefined, host: '127.0.0.1', port: server.port })
    client.incr('x'.repeat(65_463))
    client.incr('x'.repeat(65_464))
    client.incr('é'.repeat(32_732))
    assert.equal((await server.got(1))[0]!.length, 65_467)
    assert.deepEqual([client.stats().linesSent, client.stats().droppedTooLong], [1, 2])
    assert.match(errors[0]!.message, /a line of 65468 bytes is too long/)
    assertAccounted(client.stats())
    await client.close()
    await server.stop()
  })

  it('counts what is recorded after it was closed, and says so once', async () => {
    const client = make()
    client.incr('a')
    await client.close()
    client.incr('b')
    client.timer('c').start().stop()
    using pipe = client.pipeline()
    pipe.incr('d')
    pipe.send()
    assert.deepEqual(transport.take(), ['a:1|c'])
    assert.equal(client.stats().droppedClosed, 3)
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['closed'],
    )
    assertAccounted(client.stats())
  })

  it('tells of a failing way to the server, and of what is dropped by it', async () => {
    const client = new TCPStatsClient({ host: '127.0.0.1', port: 1, onError: (error) => errors.push(error) })
    for (let i = 0; i < 2050; i++) client.incr('a')
    await client.flush(20)
    assert.deepEqual(new Set(errors.map(({ code }) => code)), new Set(['overflow', 'socket']))
    await client.close(1)
    const counts = client.stats()
    assert.deepEqual([counts.recorded, counts.droppedQueue, counts.droppedWriter], [2050, 2, 2048])
    assertAccounted(counts)
  })

  it('is closed at the end of a block', async () => {
    let isClosed = false
    transport.close = async () => {
      isClosed = true
    }
    {
      await using client = make()
      client.incr('a')
    }
    assert.equal(isClosed, true)
  })

  it('measures with the monotonic clock', async () => {
    const client = make()
    const wrapped = client.timer('work')(() => new Promise((resolve) => setTimeout(resolve, 10)))
    await wrapped()
    const [, ms] = /^work:([\d.]+)\|ms$/.exec(transport.take()[0]!) ?? []
    assert.ok(Number(ms) >= 9 && Number(ms) < 1000, ms)
  })

  describe('and the environment', () => {
    const set = (statsd: MetricsEnvironment['statsd']) => useEnvironment(() => ({ statsd }))

    it('takes host, port, prefix and size from it', async () => {
      const server = await UdpServer.start()
      set({ host: '127.0.0.1', port: server.port, prefix: 'env', maxUdpSize: 17 })
      const client = new StatsClient()
      const pipe = client.pipeline()
      for (let i = 0; i < 3; i++) pipe.incr('a')
      pipe.send()
      assert.deepEqual(await server.got(3), ['env.a:1|c', 'env.a:1|c', 'env.a:1|c'])
      await client.close()
      await server.stop()
    })

    it('takes only IPv6 where it says so', () => {
      set({ host: '127.0.0.1', isIpv6: true })
      assert.throws(() => new StatsClient(), /127.0.0.1 is no IPv6 address/)
    })

    it('takes what is given over it', () => {
      set({ prefix: 'env', maxUdpSize: 5, isIpv6: true })
      make({ prefix: 'own', maxUdpSize: 512, ipv6: false }).incr('a')
      make({ prefix: '' }).incr('b')
      assert.deepEqual(transport.take(), ['own.a:1|c', 'b:1|c'])
    })

    it('is heeded by TCP and Unix sockets', async () => {
      const server = await StreamServer.tcp()
      set({ host: '127.0.0.1', port: server.port, prefix: 'env' })
      const client = new TCPStatsClient()
      client.incr('a')
      assert.equal(await server.got('\n'), 'env.a:1|c\n')
      await client.close()
      await server.stop()
    })
  })

  describe('over a connection', () => {
    it('connects, closes and connects again when it is told to, and by itself', async () => {
      const server = await StreamServer.tcp()
      const client = new TCPStatsClient({ host: 'localhost', port: server.port, prefix: 'p' })
      await client.connect()
      await server.until(() => server.connections === 1)
      client.incr('a')
      await client.reconnect()
      await server.until(() => server.received.length === 2)
      client.incr('b')
      await client.close()
      await client.close()
      await server.until(() => server.connections === 0)
      client.incr('c')
      await client.flush()
      await server.got('p.c:1|c\n')
      assert.deepEqual(server.received.map(String), ['p.a:1|c\n', 'p.b:1|c\n', 'p.c:1|c\n'])
      assertAccounted(client.stats())
      await client.close()
      await server.stop()
    })

    it('says that it cannot connect', async () => {
      const client = new TCPStatsClient({ host: '127.0.0.1', port: 1 })
      await assert.rejects(client.connect(), { name: 'MetricsError', code: 'socket', message: /127.0.0.1:1/ })
      await assert.rejects(client.reconnect(), { code: 'socket' })
    })

    it('writes to a Unix socket, whole pipelines in one write', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'dd-statsd-'))
      const socketPath = join(folder, 'socket')
      const server = await StreamServer.unix(socketPath)
      const client = new UnixSocketStatsClient({ socketPath, prefix: 'p' })
      const pipe = client.pipeline()
      for (let i = 0; i < 1000; i++) pipe.gauge('g', -i)
      pipe.send()
      await client.flush()
      const text = await server.got('-999|g\n')
      assert.equal(text.split('\n').length - 1, 1999)
      assert.deepEqual([client.stats().packetsSent, client.stats().linesSent], [1, 1000])
      assertAccounted(client.stats())
      await client.close()
      await server.stop()
      rmSync(folder, { recursive: true })
    })

    it('refuses options of a wrong kind', () => {
      assert.throws(() => new UnixSocketStatsClient(undefined as never), /socketPath is a string, not undefined/)
      assert.throws(() => new UnixSocketStatsClient({ socketPath: 5 as never }), /socketPath is a string/)
      assert.throws(() => new TCPStatsClient({ port: 0 }), /port is a whole number/)
      assert.throws(() => new TCPStatsClient({ timeoutMs: -1 }), /timeoutMs is a whole number/)
    })
  })
})
