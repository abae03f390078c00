// When the Agent is asked what it can do, what is made of its answer, and that nobody ever waits for it.

import { strict as assert } from 'node:assert'
import { setImmediate as turn } from 'node:timers/promises'
import { AgentClient } from '../../src/export/agent-client'
import { AgentInfo } from '../../src/export/agent-info'
import { absentAgentUrl } from '../support/agent'
import { HeldTimers } from '../support/held-timers'
import { runNode } from '../support/spawn'
import { agent, exporterTo, rawAgent, useAgent } from './agents-and-exporters'
import { uniqueChunk } from './made-chunk'

const MINUTE_MS = 60_000

describe('what the Agent can do', () => {
  useAgent()
  let nowMs: number
  let clients: AgentClient[]
  beforeEach(() => {
    agent.info = { version: '7', endpoints: ['/v0.6/stats'], client_drop_p0s: true, span_events: true }
    agent.state = undefined
    nowMs = 5
    clients = []
  })
  afterEach(() => {
    for (const client of clients) client.close()
  })
  const deadlines = HeldTimers.declare()

  const infoOf = (url = agent.url) => {
    const client = new AgentClient({ url: new URL(url), tracerVersion: '1.0.0', timeoutMs: deadlines.ms })
    clients.push(client)
    return { client, info: new AgentInfo(client, () => nowMs) }
  }
  const ask = async (info: AgentInfo) => {
    info.refresh()
    if (agent.mode === 'hang') {
      await agent.waitForRequests(1)
      deadlines.goOff()
    }
    await info.settled()
    return info.features
  }

  it('is read from its answer', async () => {
    agent.info = {
      version: '7.70.1',
      endpoints: ['/v0.4/traces', '/v0.6/stats'],
      client_drop_p0s: true,
      span_events: true,
      peer_tags: ['db.name'],
      span_kinds_stats_computed: ['Client'],
      filter_tags: { require: ['a'], reject: ['b:c'] },
      filter_tags_regex: { reject: ['d:e.*'] },
      ignore_resources: ['^x'],
      config: { anything: 'else' },
    }
    assert.deepEqual(await ask(infoOf().info), {
      version: '7.70.1',
      endpoints: new Set(['/v0.4/traces', '/v0.6/stats']),
      clientDropsRejected: true,
      spanEvents: true,
      peerTags: ['db.name'],
      countedKinds: new Set(['client']),
      filterTags: { require: ['a'], reject: ['b:c'] },
      filterTagPatterns: { require: [], reject: ['d:e.*'] },
      ignoredResources: ['^x'],
    })
  })

  it('is nothing new where things are of other types', async () => {
    agent.info = { version: 7, endpoints: 'all', client_drop_p0s: 1, peer_tags: [null, 'a'], filter_tags: 'b' }
    const features = await ask(infoOf().info)
    assert.deepEqual(
      [features!.version, features!.endpoints.size, features!.clientDropsRejected, features!.peerTags],
      ['', 0, false, ['a']],
    )
    assert.deepEqual(features!.filterTags, { require: [], reject: [] })
  })

  it('is asked once while nothing changes', async () => {
    const { info } = infoOf()
    await ask(info)
    nowMs += MINUTE_MS * 100
    await ask(info)
    assert.equal(agent.requests.length, 1)
  })

  const unknown: [title: string, spoil: () => void][] = [
    ['it is an old one', () => (agent.info = undefined)],
    ['it fails', () => (agent.mode = { status: 500 })],
    ['it does not answer', () => (agent.mode = 'hang')],
    ['it hangs up', () => (agent.mode = 'close')],
  ]
  for (const [title, spoil] of unknown) {
    it(`is not known where ${title}, and asked again after a minute`, async () => {
      spoil()
      const { info } = infoOf()
      assert.equal(await ask(info), undefined)
      agent.mode = 'ok'
      agent.info = { version: '8' }
      nowMs += MINUTE_MS - 1
      assert.equal(await ask(info), undefined)
      nowMs += 1
      assert.equal((await ask(info))?.version, '8')
      assert.equal(agent.requests.length, 2)
    })
  }

  it('is not known where there is no Agent', async () => {
    assert.equal(await ask(infoOf(await absentAgentUrl()).info), undefined)
  })

  it('is asked again when another reply says that it has changed, once', async () => {
    agent.state = 'a'
    const { client, info } = infoOf()
    await ask(info)
    await client.send({ method: 'PUT', path: '/v0.4/traces', bytes: Buffer.from([0x90]) }).reply
    await ask(info)
    assert.equal(agent.requests.length, 2)
    agent.state = 'b'
    agent.info = { version: '9' }
    await client.send({ method: 'PUT', path: '/v0.4/traces', bytes: Buffer.from([0x90]) }).reply
    assert.equal((await ask(info))?.version, '9')
    await ask(info)
    assert.equal(agent.requests.length, 4)
    agent.clear()
  })

  it('stays known while the Agent is away', async () => {
    agent.state = 'a'
    const { client, info } = infoOf()
    await ask(info)
    client.state = 'b'
    agent.mode = 'close'
    assert.equal((await ask(info))?.version, '7')
  })

  describe('is in nobody’s way', () => {
    it('traces arrive though its answer never does', async () => {
      const { url, requests } = await rawAgent((request, response) => {
        if (request.url !== '/info') response.end('{}')
      })
      const exporter = exporterTo(url, { nativeSpanEvents: true, limits: { timeoutMs: deadlines.ms } })
      exporter.export(uniqueChunk())
      const flushed = exporter.flush()
      while (requests.length < 2 || exporter.counts.sentChunks < 1) await turn()
      assert.equal(deadlines.count, 1, 'only the question is still open')
      deadlines.goOff()
      await flushed
    })

    for (const [title, wait, code] of [
      ['no process stays for its answer', '', 0],
      ['but one that waits for it does', 'void info.settled().then(() => process.exit(7))', 7],
    ] as const) {
      it(title, async () => {
        agent.mode = 'hang'
        const load = (file: string) => `require(${JSON.stringify(require.resolve(`../../src/export/${file}.js`))})`
        const url = JSON.stringify(agent.url)
        const run = await runNode({
          code: `
            const { AgentClient } = ${load('agent-client')}
            const { AgentInfo } = ${load('agent-info')}
            const info = new AgentInfo(new AgentClient({ url: new URL(${url}), tracerVersion: '1.0.0', timeoutMs: 300 }))
            info.refresh()
            process.on('exit', (code) => console.log(code === 7 ? 'waited' : 'left'))
            ${wait}`,
        })
        assert.deepEqual([run.code, run.stdout, run.stderr], [code, code === 7 ? 'waited\n' : 'left\n', ''])
      })
    }

    it('has a connection of its own, that is not kept', async () => {
      const exporter = exporterTo(agent.url, { nativeSpanEvents: true })
      exporter.export(uniqueChunk())
      await exporter.flush()
      const asked = agent.requests.find(({ url }) => url === '/info')
      assert.deepEqual([asked?.method, asked?.headers.connection], ['GET', 'close'])
    })
  })
})
