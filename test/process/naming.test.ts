// What the settings for names do, in programs: services by variables, the schema `v1`, one service for all, peers.

import { strict as assert } from 'node:assert'
import { type InitOptions, type PluginSetting, tracer } from '../../src'
import { describeWith, redis } from '../services'
import { type FakeAgent, find, startAgent } from '../support/agent'
import { describePackages } from '../support/library'
import { runNode } from '../support/spawn'
import { Tracing } from '../support/tracing'
import { oneRequest, traced } from './traced'

describe('names by variables', () => {
  let agent: FakeAgent
  before(async () => {
    agent = await startAgent()
  })
  after(() => agent.close())

  async function spansWith(env: Record<string, string>) {
    agent.clear()
    const { code, stderr } = await runNode(traced({ code: oneRequest() }, agent.url, env))
    assert.deepEqual([code, stderr], [0, ''])
    return agent.waitForSpans(2)
  }

  const kinds = async (env: Record<string, string>) =>
    (await spansWith(env)).map(({ name, service, meta }) => `${meta['span.kind']} ${name} of ${service}`).sort()

  it('are those of v0 without any', async () =>
    assert.deepEqual(await kinds({}), ['client http.request of shop', 'server web.request of shop']))

  it('are those of v1, with peers', async () => {
    const env = { DD_TRACE_SPAN_ATTRIBUTE_SCHEMA: 'v1' }
    assert.deepEqual(await kinds(env), ['client http.client.request of shop', 'server http.server.request of shop'])
    const [client] = agent.spans().filter(({ meta }) => meta['span.kind'] === 'client')
    assert.equal(client!.meta['peer.service'], '127.0.0.1')
    assert.equal(client!.meta['_dd.peer.service.source'], 'out.host')
    const server = find(agent.spans(), 'http.server.request')
    assert.equal(server.meta['peer.service'], undefined)
  })

  it('are without peers where that is said', async () => {
    await spansWith({ DD_TRACE_SPAN_ATTRIBUTE_SCHEMA: 'v1', DD_TRACE_PEER_SERVICE_DEFAULTS_ENABLED: 'false' })
    for (const { meta } of agent.spans()) assert.equal(meta['peer.service'], undefined)
  })

  it('have peers in v0 where that is asked for, under other names', async () => {
    await spansWith({
      DD_TRACE_PEER_SERVICE_DEFAULTS_ENABLED: 'true',
      DD_TRACE_PEER_SERVICE_MAPPING: 'other:x,127.0.0.1:myself',
    })
    const { meta } = find(agent.spans(), 'http.request')
    assert.deepEqual(
      [meta['peer.service'], meta['_dd.peer.service.source'], meta['_dd.peer.service.remapped_from']],
      ['myself', 'out.host', '127.0.0.1'],
    )
  })

  for (const variable of ['DD_HTTP_SERVICE', 'DD_TRACE_HTTP_SERVICE']) {
    it(`have the service of ${variable}`, async () =>
      assert.deepEqual(await kinds({ [variable]: 'web' }), ['client http.request of web', 'server web.request of web']))
  }

  it('have services under other names', async () => {
    const mapped = await kinds({ DD_SERVICE_MAPPING: 'shop:store,pg:db' })
    assert.deepEqual(mapped, ['client http.request of store', 'server web.request of store'])
    for (const { meta } of agent.spans()) assert.equal(meta['_dd.base_service'], undefined)
    const plugin = await kinds({ DD_SERVICE_MAPPING: 'http:web,web:front' })
    assert.deepEqual(plugin, ['client http.request of front', 'server web.request of front'])
  })

  it('of spans by hand may be others too', async () => {
    agent.clear()
    const code = `
const { tracer } = require(${JSON.stringify(require.resolve('../../src'))})
tracer.trace('mine', { service: 'old' }, () => {})`
    await runNode(traced({ code }, agent.url, { DD_SERVICE_MAPPING: 'old:new' }))
    assert.equal(find(await agent.waitForSpans(1), 'mine').service, 'new')
  })
})

describePackages('ioredis 5.11.1', { ioredis: '5.11.1' }, undefined, (set) => {
  describeWith(redis, 'names of the spans of a client', (server) => {
    const rows: [name: string, options: InitOptions, setting: PluginSetting, service: string][] = [
      ['by itself', {}, true, 'test-redis'],
      ['by an option', {}, { service: 'cache' }, 'cache'],
      ['by its name', { serviceMapping: { ioredis: 'cache' } }, true, 'cache'],
      ['by an option before its name', { serviceMapping: { ioredis: 'cache' } }, { service: 'own' }, 'own'],
      ['by another name for its service', { serviceMapping: { 'test-redis': 'cache' } }, true, 'cache'],
      ['by another name for the option', { serviceMapping: { own: 'cache' } }, { service: 'own' }, 'cache'],
      ['without the name of the integration', { removeIntegrationServiceNames: true }, true, 'test'],
      ['by an option all the same', { removeIntegrationServiceNames: true }, { service: 'cache' }, 'cache'],
      ['in v1', { spanAttributeSchema: 'v1' }, true, 'test'],
    ]
    for (const [name, options, setting, service] of rows) {
      it(`have a service ${name}`, async () => {
        const tracing = await Tracing.start({ ioredis: setting }, options)
        const client = new (set.require('ioredis') as new (url: string) => Client)(server().url)
        await tracer.trace('request', () => client.get('dd-test'))
        client.disconnect()
        const span = find(await tracing.spans(), 'redis.command')
        await tracing.stop()
        assert.equal(span.service, service)
        assert.equal(span.meta['_dd.svc_src'], service === 'test' ? undefined : 'ioredis')
      })
    }
  })
})

interface Client {
  get(key: string): Promise<unknown>
  disconnect(): void
}
