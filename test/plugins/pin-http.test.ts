// Pins on what programs hold of Node's own servers and clients, and of undici: agents, modules, sessions, dispatchers.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import type { Server } from 'node:net'
import { Pin } from '../../src'
import { describePins, itFollowsPins, servicesOf, traced } from '../support/pin-suite'
import { ask, closed, listening, portOf } from './pinned-site'

describe('pins with http', () => {
  traced({ http: true })
  let site: Server
  before(async () => {
    site = await listening(http.createServer((_request, response) => response.end('hello')))
  })
  after(() => closed(site))

  itFollowsPins<http.Agent>('an agent', {
    open: () => new http.Agent({ keepAlive: true }),
    close: (agent) => agent.destroy(),
    run: (agent) => ask(portOf(site), '/', { agent }),
    names: ['http.request'],
  })
  itFollowsPins<Server>('a server', {
    open: () => listening(http.createServer((_request, response) => response.end('hello'))),
    close: closed,
    run: (server) => ask(portOf(server)),
    names: ['web.request'],
  })

  it('on the module holds for agents that have none', async () => {
    const agent = new http.Agent()
    const services = await servicesOf(
      ['http.request'],
      [
        [http, { service: 'module' }, () => ask(portOf(site), '/', {})],
        [agent, { service: 'agent' }, () => ask(portOf(site), '/', { agent })],
      ],
    )
    Pin.of(http)!.removeFrom(http)
    assert.deepEqual(services, [['module -'], ['agent -']])
  })

  it('hold for functions that are called without their module', async () => {
    const agent = new http.Agent()
    // Not before it is patched.
    const { get } = http
    const services = await servicesOf(
      ['http.request'],
      [
        [{}, { service: 'nobody' }, () => ask(portOf(site), '/', {}, get)],
        [http, { service: 'module' }, () => ask(portOf(site), '/', {}, get)],
        [agent, { service: 'agent' }, () => ask(portOf(site), '/', { agent }, get)],
      ],
    )
    Pin.of(http)!.removeFrom(http)
    assert.deepEqual(services, [['test -'], ['module -'], ['agent -']])
  })
})

describe('pins with http2', () => {
  traced({ http2: true })
  itFollowsPins<{ server: Server; session: http2.ClientHttp2Session }>('a session', sessions('session', 'http.request'))
  itFollowsPins<{ server: Server; session: http2.ClientHttp2Session }>('a server', sessions('server', 'web.request'))

  function sessions(which: 'server' | 'session', name: string) {
    return {
      async open() {
        const server = await listening(http2.createServer((_request, response) => void response.end('hello')))
        return { server: server as Server, session: http2.connect(`http://127.0.0.1:${portOf(server)}`) }
      },
      async close({ server, session }: { server: Server; session: http2.ClientHttp2Session }) {
        session.close()
        await closed(server)
      },
      pinned: (both: { server: Server; session: http2.ClientHttp2Session }) => both[which],
      async run({ session }: { session: http2.ClientHttp2Session }) {
        const stream = session.request({ ':path': '/' })
        for await (const part of stream) assert.equal(String(part), 'hello')
        if (!stream.closed) await once(stream, 'close')
      },
      names: [name],
    }
  }
})

for (const version of ['5.29.0', '6.29.1']) {
  describePins({ undici: version }, undefined, (set) => {
    interface Dispatcher {
      request(options: object): Promise<{ body: { text(): Promise<string> } }>
      close(): Promise<void>
    }
    type Make = new (origin?: unknown, options?: object) => Dispatcher
    let undici: Record<'Agent' | 'Pool' | 'Client', Make> & {
      fetch(url: string, options: object): Promise<{ text(): Promise<string> }>
    }
    let site: Server
    before(async () => {
      site = await listening(http.createServer((_request, response) => response.end('hello')))
    })
    after(() => closed(site))
    traced({ undici: true }, () => {
      undici = set.require('undici') as typeof undici
    })
    const origin = () => `http://127.0.0.1:${portOf(site)}`
    const shared = {
      close: (dispatcher: Dispatcher) => dispatcher.close(),
      async run(dispatcher: Dispatcher) {
        const { body } = await dispatcher.request({ origin: origin(), path: '/', method: 'GET' })
        await body.text()
      },
      names: ['http.request'],
    }
    itFollowsPins<Dispatcher>('a client', { ...shared, open: () => new undici.Client(origin()) })
    itFollowsPins<Dispatcher>('a busy pool', { ...shared, open: () => new undici.Pool(origin(), { connections: 1 }) })
    itFollowsPins<Dispatcher>('an agent', {
      ...shared,
      open: () => new undici.Agent(),
      async run(agent) {
        await shared.run(agent)
        await (await undici.fetch(origin(), { dispatcher: agent })).text()
      },
    })
  })
}
