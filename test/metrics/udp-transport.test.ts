// Packets over UDP: in their order, counted whatever becomes of them, with one lookup and not one per packet, and found again by a
// server that was away or has moved.

import { strict as assert } from 'node:assert'
import { Socket } from 'node:dgram'
import type { LookupAddress } from 'node:dns'
import { networkInterfaces } from 'node:os'
import type { Lookup } from '../../src/metrics/transport/server-address'
import { UdpTransport, type UdpTransportOptions } from '../../src/metrics/transport/udp-transport'
import { UdpServer } from '../support/metric-servers'
import { recordDelays } from '../support/record-delays'
import { HeardStats, send } from './heard-packets'

let server: UdpServer
let stats: HeardStats
const open: UdpTransport[] = []

function make(options: Partial<UdpTransportOptions> = {}): UdpTransport {
  const transport = new UdpTransport({ host: '127.0.0.1', port: server.port, ...options })
  transport.listen(stats)
  open.push(transport)
  return transport
}

/** Answers when it is told to. */
class HeldLookup {
  asked = 0
  #done: (() => void)[] = []
  readonly lookup: Lookup = (_host, _options, done) => {
    this.asked++
    this.#done.push(() => done(null, [{ address: '127.0.0.1', family: 4 }]))
  }

  answer(): void {
    for (const done of this.#done.splice(0)) done()
  }
}

describe('the UDP transport', () => {
  beforeEach(async () => {
    server = await UdpServer.start()
    stats = new HeardStats()
  })

  afterEach(async () => {
    await Promise.all(open.splice(0).map((transport) => transport.close(0)))
    await server.stop()
  })

  it('sends packets in their order and counts them', async () => {
    const transport = make()
    const packets = Array.from({ length: 500 }, (_, i) => `a${i}:1|c`)
    send(transport, ...packets)
    await transport.flush()
    assert.deepEqual(await server.got(500), packets)
    assert.deepEqual([stats.packetsSent, stats.linesSent, stats.bytesSent], [500, 500, packets.join('').length])
  })

  it('sends with UTF-8, and nothing for an empty packet', async () => {
    const transport = make()
    send(transport, '', 'café:1|c')
    assert.deepEqual(await server.got(1), ['café:1|c'])
    assert.equal(stats.packetsSent, 1)
  })

  it('speaks IPv6', async function () {
    const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
    if (!hasIpv6) {
      this.test!.title += ' (skipped: this machine has no ::1)'
      this.skip()
    }
    await server.stop()
    server = await UdpServer.start('::1')
    send(make({ host: '::1' }), 'six:1|c')
    assert.deepEqual(await server.got(1), ['six:1|c'])
  })

  const wrong: [options: Partial<UdpTransportOptions>, message: RegExp][] = [
    [{ host: 5 as never }, /host is a string, not number/],
    [{ port: 0 }, /port is a whole number from 1 to 65535, not 0/],
    [{ port: 65_536 }, /port/],
    [{ port: '8125' as never }, /port/],
    [{ host: '127.0.0.1', family: 6 }, /127.0.0.1 is no IPv6 address/],
    [{ host: '::1', family: 4 }, /::1 is no IPv4 address/],
    [{ maxWaitingPackets: 0 }, /maxWaitingPackets/],
    [{ maxWaitingBytes: 0.5 }, /maxWaitingBytes/],
    [{ whenFull: 'wait' as never }, /whenFull is one of drop-oldest, drop-newest, not wait/],
    [{ sendBufferBytes: 0 }, /sendBufferBytes/],
    [{ lookupIntervalMs: -1 }, /lookupIntervalMs/],
  ]
  for (const [options, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => new UdpTransport({ host: 'x', port: 1, ...options }), { name: 'TypeError', message })
    })
  }

  describe('with a host name', () => {
    it('looks it up once, however much is sent', async () => {
      const held = new HeldLookup()
      const transport = make({ host: 'metrics.test', lookup: held.lookup })
      held.answer()
      send(transport, ...Array<string>(1000).fill('a:1|c'))
      await server.got(1000)
      assert.equal(held.asked, 1)
    })

    it('keeps what is sent before it is found', async () => {
      const held = new HeldLookup()
      const transport = make({ host: 'metrics.test', lookup: held.lookup })
      send(transport, 'a:1|c', 'b:1|c')
      assert.equal(stats.packetsSent, 0)
      held.answer()
      assert.deepEqual(await server.got(2), ['a:1|c', 'b:1|c'])
    })

    // Packets have five bytes each.
    const limits: [options: Partial<UdpTransportOptions>, sent: string, arrived: string][] = [
      [{ maxWaitingPackets: 3 }, 'abc', 'abc'],
      [{ maxWaitingPackets: 3 }, 'abcd', 'bcd'],
      [{ maxWaitingPackets: 3, whenFull: 'drop-newest' }, 'abcd', 'abc'],
      [{ maxWaitingBytes: 15 }, 'abc', 'abc'],
      [{ maxWaitingBytes: 14 }, 'abc', 'bc'],
      [{ maxWaitingBytes: 14, whenFull: 'drop-newest' }, 'abc', 'ab'],
      [{ maxWaitingBytes: 4 }, 'ab', 'b'],
      [{ maxWaitingBytes: 4, whenFull: 'drop-newest' }, 'ab', 'a'],
    ]
    for (const [options, sent, arrived] of limits) {
      it(`with ${JSON.stringify(options)} keeps ${arrived} of ${sent}`, async () => {
        const held = new HeldLookup()
        const transport = make({ host: 'metrics.test', lookup: held.lookup, ...options })
        send(transport, ...[...sent].map((name) => `${name}:1|c`))
        held.answer()
        await transport.flush()
        assert.deepEqual(
          await server.got(arrived.length),
          [...arrived].map((name) => `${name}:1|c`),
        )
        const dropped = sent.length - arrived.length
        assert.deepEqual(
          [stats.linesSent, stats.droppedQueue, stats.packetsDropped, stats.bytesDropped],
          [arrived.length, dropped, dropped, dropped * 5],
        )
      })
    }

    it('tries again where it is not found, and then sends what waits', async () => {
      let asked = 0
      const lookup: Lookup = (_host, _options, done) => {
        asked++
        const error = asked < 3 ? new Error('getaddrinfo ENOTFOUND') : null
        setImmediate(done, error, error === null ? [{ address: '127.0.0.1', family: 4 }] : [])
      }
      send(make({ host: 'metrics.test', lookup, lookupIntervalMs: 5 }), 'a:1|c')
      assert.deepEqual(await server.got(1), ['a:1|c'])
      assert.equal(stats.errors, 2)
    })

    const answers: [title: string, family: 4 | 6 | undefined, addresses: LookupAddress[]][] = [
      [
        'the IPv4 address',
        undefined,
        [
          { address: '::1', family: 6 },
          { address: '127.0.0.1', family: 4 },
        ],
      ],
      ['an IPv6 address where it is asked for', 6, [{ address: '::1', family: 6 }]],
      ['an IPv6 address where there is no other', undefined, [{ address: '::1', family: 6 }]],
    ]
    for (const [title, family, addresses] of answers) {
      it(`takes ${title}`, () => {
        const asked: unknown[] = []
        const connected: unknown[] = []
        const { connect } = Socket.prototype
        Socket.prototype.connect = ((_port: number, address: unknown) => {
          connected.push(address)
        }) as never
        try {
          const lookup: Lookup = (host, options, done) => {
            asked.push([host, options])
            done(null, addresses)
          }
          make({ host: 'metrics.test', family, lookup })
        } finally {
          Socket.prototype.connect = connect
        }
        assert.deepEqual(asked, [['metrics.test', { all: true, family: family ?? 0 }]])
        assert.deepEqual(connected, [addresses.at(-1)!.address])
      })
    }

    it('finds a server that has moved', async function () {
      if (process.platform !== 'linux') {
        this.test!.title += ' (skipped: only Linux has 127.0.0.2)'
        this.skip()
      }
      let address = '127.0.0.1'
      const lookup: Lookup = (_host, _options, done) => done(null, [{ address, family: 4 }])
      const transport = make({ host: 'metrics.test', lookup, lookupIntervalMs: 20 })
      send(transport, 'before:1|c')
      await server.got(1)
      const there = await UdpServer.start('127.0.0.2', server.port)
      address = '127.0.0.2'
      const sending = setInterval(() => send(transport, 'after:1|c'), 5)
      try {
        assert.equal((await there.got(1))[0], 'after:1|c')
        await transport.flush()
        assert.equal(stats.linesSent, stats.packetsSent)
        assert.equal(stats.packetsDropped, 0)
      } finally {
        clearInterval(sending)
        await there.stop()
      }
    })

    it('stays with an address that is still among those of the name', async () => {
      let asked = 0
      const lookup: Lookup = (_host, _options, done) => {
        asked++
        const both = [
          { address: '127.0.0.1', family: 4 },
          { address: '127.0.0.3', family: 4 },
        ]
        done(null, asked === 1 ? both : both.reverse())
      }
      const transport = make({ host: 'metrics.test', lookup, lookupIntervalMs: 2 })
      while (asked < 4) await new Promise((resolve) => setTimeout(resolve, 1))
      send(transport, 'a:1|c')
      assert.deepEqual(await server.got(1), ['a:1|c'])
    })

    for (const [dice, factor] of [
      [0, 0.75],
      [0.999_999, 1.25],
    ] as const) {
      it(`looks it up again after ${factor} of the interval with ${dice}`, async () => {
        const delays = recordDelays()
        try {
          const lookup: Lookup = (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }])
          make({ host: 'metrics.test', lookup, lookupIntervalMs: 1000, random: () => dice })
        } finally {
          delays.stop()
        }
        assert.deepEqual(
          delays.ms.map((ms) => Math.round(ms)),
          [1000 * factor],
        )
      })
    }
  })

  it('looks nothing up for an address', async () => {
    const held = new HeldLookup()
    send(make({ lookup: held.lookup }), 'a:1|c')
    await server.got(1)
    assert.equal(held.asked, 0)
  })

  it('is connected at once to an address, so that nothing waits', () => {
    const transport = make({ maxWaitingPackets: 1 })
    send(transport, 'a:1|c', 'b:1|c', 'c:1|c')
    assert.equal(stats.packetsDropped, 0)
  })

  it('says that nobody listens, and is heard again by a server that comes back', async () => {
    const transport = make()
    send(transport, 'a:1|c')
    await server.got(1)
    await server.stop()
    for (let i = 0; i < 50; i++) {
      send(transport, 'lost:1|c')
      await new Promise((resolve) => setImmediate(resolve))
    }
    await transport.flush()
    assert.ok(stats.errors > 0)
    // The system tells of each packet that nobody listened for; those that it did not take are dropped.
    await new Promise((resolve) => setTimeout(resolve, 10))
    assert.equal(stats.linesRefused + stats.droppedWriter, 50)
    assert.ok(stats.failures.every(({ cause }) => (cause as NodeJS.ErrnoException).code === 'ECONNREFUSED'))
    await server.start()
    send(transport, 'b:1|c', 'c:1|c')
    assert.deepEqual((await server.got(3)).slice(1), ['b:1|c', 'c:1|c'])
    await transport.flush()
    assert.equal(stats.linesSent + stats.droppedWriter, 53)
  })

  it('opens another socket when the network has failed', async () => {
    let opened = 0
    const mute = <T>(fn: () => T): T => {
      opened++
      return fn()
    }
    const transport = make({ lookupIntervalMs: 5, mute })
    const { send: really } = Socket.prototype
    Socket.prototype.send = ((_packet: unknown, done: (error: Error) => void) => {
      done(Object.assign(new Error('send ENETUNREACH'), { code: 'ENETUNREACH' }))
    }) as never
    send(transport, 'lost:1|c', 'lost:1|c')
    Socket.prototype.send = really
    // Each is opened and connected.
    while (opened < 4) await new Promise((resolve) => setTimeout(resolve, 1))
    send(transport, 'a:1|c')
    assert.deepEqual(await server.got(1), ['a:1|c'])
    await transport.flush()
    assert.deepEqual([opened, stats.droppedWriter, stats.linesSent, stats.errors], [4, 2, 1, 2])
  })

  it('tries again where the system will not connect, and keeps packets meanwhile', async () => {
    let refusals = 0
    const { connect } = Socket.prototype
    Socket.prototype.connect = function (this: Socket, ...args: never) {
      refusals++
      if (refusals > 2) Reflect.apply(connect, this, args)
      else setImmediate(() => this.emit('error', new Error('connect EACCES')))
    } as never
    try {
      const transport = make({ lookupIntervalMs: 5 })
      send(transport, 'a:1|c')
      assert.deepEqual(await server.got(1), ['a:1|c'])
      await transport.flush()
      assert.deepEqual([stats.errors, stats.linesSent, stats.packetsDropped], [2, 1, 0])
      assert.match(stats.failures[0]!.message, /^UDP to 127.0.0.1:\d+: connect EACCES$/)
    } finally {
      Socket.prototype.connect = connect
    }
  })

  it('counts a packet that is too long for UDP', async () => {
    const transport = make()
    send(transport, 'x'.repeat(70_000), 'a:1|c')
    assert.deepEqual(await server.got(1), ['a:1|c'])
    await transport.flush()
    assert.deepEqual([stats.droppedWriter, stats.bytesDropped, stats.linesSent], [1, 70_000, 1])
    assert.match(stats.failures[0]!.message, /^UDP to 127.0.0.1:\d+: send EMSGSIZE/)
  })

  it('asks the system for a larger send buffer where it is too small', async () => {
    const sizes: number[] = []
    const { setSendBufferSize } = Socket.prototype
    Socket.prototype.setSendBufferSize = function (size) {
      sizes.push(size)
      return setSendBufferSize.call(this, size)
    }
    try {
      make({ sendBufferBytes: 1 })
      make({ sendBufferBytes: 1 << 28 })
    } finally {
      Socket.prototype.setSendBufferSize = setSendBufferSize
    }
    assert.deepEqual(sizes, [1 << 28])
  })

  it('opens sockets and looks names up muted', () => {
    let isMuted = false
    const seen: boolean[] = []
    const mute = <T>(fn: () => T): T => {
      isMuted = true
      try {
        return fn()
      } finally {
        isMuted = false
      }
    }
    const { connect } = Socket.prototype
    Socket.prototype.connect = function (this: Socket, ...args: never) {
      seen.push(isMuted)
      return Reflect.apply(connect, this, args)
    } as never
    try {
      const lookup: Lookup = (_host, _options, done) => {
        seen.push(isMuted)
        done(null, [{ address: '127.0.0.1', family: 4 }])
      }
      make({ host: 'metrics.test', lookup, mute })
    } finally {
      Socket.prototype.connect = connect
    }
    assert.deepEqual(seen, [true, true])
  })

  describe('that is closed', () => {
    it('sends what waits, then drops what comes, and closes once', async () => {
      const held = new HeldLookup()
      const transport = make({ host: 'metrics.test', lookup: held.lookup })
      send(transport, 'a:1|c')
      const closed = transport.close()
      assert.equal(transport.close(), closed)
      send(transport, 'late:1|c')
      held.answer()
      await closed
      assert.deepEqual(await server.got(1), ['a:1|c'])
      assert.deepEqual([stats.linesSent, stats.droppedWriter], [1, 1])
    })

    it('drops what it cannot send in time, and counts it', async () => {
      const held = new HeldLookup()
      const transport = make({ host: 'metrics.test', lookup: held.lookup })
      send(transport, 'a:1|c', 'b:1|c')
      await transport.close(5)
      held.answer()
      assert.deepEqual([stats.linesSent, stats.droppedWriter, stats.packetsDropped], [0, 2, 2])
    })
  })

  it('flushes within its time, and keeps what is left', async () => {
    const held = new HeldLookup()
    const transport = make({ host: 'metrics.test', lookup: held.lookup })
    send(transport, 'a:1|c')
    await transport.flush(5)
    assert.deepEqual([stats.linesSent, stats.packetsDropped], [0, 0])
    held.answer()
    assert.deepEqual(await server.got(1), ['a:1|c'])
  })
})
