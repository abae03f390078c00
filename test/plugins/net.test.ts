// The net plugin: a connection is a span until it is made or refused, and what happens on it belongs to whoever asked for it.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tracer } from '../../src'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles, type Probe } from '../support/call-styles'
import { Tracing } from '../support/tracing'

interface Row extends CallStyle<number> {
  readonly ipc?: boolean
  readonly failed?: boolean
  readonly spans?: number
}

const path = join(tmpdir(), `dd-test-net-${process.pid}.sock`)
const talk = (socket: net.Socket, probe: Probe) => {
  socket.on('data', probe.callback('data'))
  socket.on('end', probe.callback('end'))
  socket.end('hello')
}

const rows: Row[] = [
  { name: 'a port', run: (port, probe) => talk(net.connect(port), probe) },
  { name: 'a port and a host', run: (port, probe) => talk(net.connect(port, '127.0.0.1', probe.callback()), probe) },
  { name: 'a port as text', run: (port, probe) => talk(net.connect(String(port) as never, '127.0.0.1'), probe) },
  { name: 'options', run: (port, probe) => talk(net.connect({ port, host: '127.0.0.1' }, probe.callback()), probe) },
  { name: 'createConnection', run: (port, probe) => talk(net.createConnection({ port, host: '127.0.0.1' }), probe) },
  { name: 'a path', run: (_port, probe) => talk(net.connect(path), probe), ipc: true },
  { name: 'a path in options', run: (_port, probe) => talk(net.connect({ path }), probe), ipc: true },
  { name: 'a socket made before', run: (port, probe) => talk(new net.Socket().connect(port, '127.0.0.1'), probe) },
  {
    name: 'a port that is closed',
    run: (_port, probe) => void net.connect(1, '127.0.0.1').on('error', probe.callback('error')),
    failed: true,
  },
  {
    name: 'a port that is closed, and nobody cares',
    run(_port, probe) {
      net.connect(1, '127.0.0.1')
      return probe.unhandled()
    },
    failed: true,
  },
  {
    name: 'a connection that is given up',
    run(port, probe) {
      const socket = net.connect(port, '127.0.0.1')
      socket.on('close', probe.callback('close'))
      socket.destroy()
    },
  },
  { name: 'a port that there is not', run: () => net.connect(70_000), failed: true },
  { name: 'nothing', run: () => net.connect({} as net.NetConnectOpts), spans: 0 },
]

describe('net', () => {
  const servers = [net.createServer(), net.createServer()]
  let tracing: Tracing
  let port: number
  before(async () => {
    for (const [at, server] of servers.entries()) {
      server.on('connection', (socket) => socket.on('error', () => {}).pipe(socket))
      server.listen(at === 0 ? { port: 0, host: '127.0.0.1' } : { path })
      await once(server, 'listening')
    }
    port = (servers[0]!.address() as net.AddressInfo).port
  })
  after(() => {
    for (const server of servers) server.close()
  })

  describeCallStyles<number, Row>('connected to by', rows, {
    without: { open: () => port },
    with: {
      before: async () => {
        tracing = await Tracing.start({ net: true })
      },
      open: () => {
        tracing.clear()
        return port
      },
      async check({ ipc = false, failed = false, spans: count = 1 }) {
        const spans = await tracing.spans()
        assert.equal(spans.length, count)
        const [span] = spans
        if (span === undefined) return
        assert.equal(span.name, ipc ? 'ipc.connect' : 'tcp.connect')
        assert.equal(span.error, failed ? 1 : 0)
        assert.equal(span.service, 'test')
        assert.equal(span.meta['span.kind'], 'client')
        if (ipc) {
          assert.equal(span.resource, path)
          assert.equal(span.meta['ipc.path'], path)
        } else if (!failed) {
          const host = span.meta['tcp.remote.host']
          assert.match(String(host), /^(127\.0\.0\.1|localhost)$/)
          assert.equal(span.resource, `${host}:${port}`)
          assert.equal(span.metrics['tcp.remote.port'], port)
        }
      },
      after: () => tracing.stop(),
    },
  })

  describe('in a program', () => {
    beforeEach(async () => {
      tracing = await Tracing.start({ net: true, dns: true, http: true })
    })
    afterEach(() => tracing.stop())

    it('says where it came from, and leaves the listeners to the program', async () => {
      const socket = net.connect(port, '127.0.0.1')
      await once(socket, 'connect')
      assert.equal(socket.listenerCount('connect') + socket.listenerCount('close'), 0)
      const local = socket.localPort
      socket.destroy()
      const span = find(await tracing.spans(), 'tcp.connect')
      assert.equal(span.meta['tcp.local.address'], '127.0.0.1')
      assert.equal(span.metrics['tcp.local.port'], local)
      assert.equal(span.meta['tcp.family'], 'IPv4')
    })

    it('keeps what happens on 20 connections in the context of whoever made them', async () => {
      const one = (n: number) =>
        tracer.trace('request', { resource: `r${n}` }, async (span) => {
          const socket = net.connect(port, '127.0.0.1', () => assert.equal(tracer.activeSpan, span))
          socket.end('hello')
          const [data] = (await once(socket, 'data')) as [Buffer]
          assert.equal(String(data), 'hello')
          assert.equal(tracer.activeSpan, span)
        })
      await Promise.all(Array.from({ length: 20 }, (_, n) => one(n)))
      const spans = await tracing.spans()
      for (let n = 0; n < 20; n++) {
        const request = find(spans, { name: 'request', resource: `r${n}` })
        assert.deepEqual(
          childrenOf(request, spans).map(({ name }) => name),
          ['tcp.connect'],
        )
      }
      assert.equal(spans.length, 40)
    })

    it('sees what HTTP connects to, and never the way to the Agent', async () => {
      const server = http.createServer((_request, response) => response.end()).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port: httpPort } = server.address() as net.AddressInfo
      await tracer.trace('request', async () => {
        const [response] = (await once(
          http.get({ port: httpPort, host: 'localhost', family: 4, agent: false }),
          'response',
        )) as [http.IncomingMessage]
        response.resume()
        await once(response, 'end')
        await tracer.flush()
      })
      server.close()
      await tracer.flush()
      const spans = await tracing.spans()
      const request = find(spans, 'request')
      const own = childrenOf(request, spans).map(({ name }) => name)
      assert.deepEqual(own.sort(), ['dns.lookup', 'http.request', 'tcp.connect'])
      assert.deepEqual(
        spans.filter(({ name }) => name.endsWith('.connect')).map(({ resource }) => resource),
        [`localhost:${httpPort}`],
      )
    })
  })
})
