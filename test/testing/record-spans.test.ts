// Recording: the tracer of the process keeps its spans in memory and meets no Agent, and is as it was before when the recording is
// over. Where that depends on who was first, or on the environment, a process of its own shows it.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import http, { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PatchError, patch, tracer } from '../../src'
import { createTestTracer, NoSpanError, type Recording, RecordingError, recordSpans } from '../../src/testing'
import { type FakeAgent, startAgent } from '../support/agent'
import { runNode } from '../support/spawn'

const TESTING = JSON.stringify(join(__dirname, '../../src/testing'))
const INDEX = JSON.stringify(join(__dirname, '../../src'))

/** One request to a server that answers at once. */
async function request(): Promise<void> {
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const asked = get({ host: '127.0.0.1', port, agent: false }, (response) => void response.resume())
  await once(asked, 'close')
  server.close()
  await once(server, 'close')
}

describe('recordSpans', () => {
  let recorded: Recording
  afterEach(() => recorded.stop())

  it('keeps what the tracer makes, as plain values', async () => {
    recorded = recordSpans({ service: 'shop' })
    const other = { traceId: '0'.repeat(31).concat('a'), spanId: '0'.repeat(15).concat('b') }
    await tracer.trace('outer', { resource: 'r', type: 'web', kind: 'server' }, async (span) => {
      span.setTags({ text: 'a', number: 5, yes: true }).addLink(other, { why: 'x' })
      span.addEvent('seen', { n: 1 }, 1_700_000_000_000.5)
      tracer.startSpan('inner', { service: 'db', startTime: 1_700_000_000_000 }).finish(1_700_000_000_002.5)
    })
    const [inner, outer] = recorded.spans()
    assert.ok(inner && outer)
    const { traceId, spanId, startMs, durationMs, ...rest } = outer
    assert.match(`${traceId} ${spanId}`, /^[0-9a-f]{32} [0-9a-f]{16}$/)
    assert.ok(Math.abs(startMs - Date.now()) < 5000 && durationMs >= 0)
    assert.deepEqual(rest, {
      parentId: undefined,
      name: 'outer',
      service: 'shop',
      resource: 'r',
      type: 'web',
      kind: 'server',
      error: false,
      tags: { 'span.kind': 'server', text: 'a', yes: 'true' },
      metrics: { number: 5, ...rest.metrics },
      links: [{ ...other, attributes: { why: 'x' } }],
      events: [{ name: 'seen', timeMs: 1_700_000_000_000.5, attributes: { n: 1 } }],
      samplingPriority: 1,
    })
    assert.deepEqual(
      [inner.traceId, inner.parentId, inner.service, inner.kind, inner.startMs, inner.durationMs],
      [traceId, spanId, 'db', undefined, 1_700_000_000_000, 2.5],
    )
  })

  it('shows a span as soon as it has finished, though its trace goes on', () => {
    recorded = recordSpans()
    const root = tracer.startSpan('root')
    tracer.startSpan('child', { childOf: root }).finish()
    assert.deepEqual(
      recorded.spans().map(({ name, samplingPriority }) => [name, samplingPriority]),
      [['child', undefined]],
    )
    root.finish()
    assert.equal(recorded.find('child').samplingPriority, 1)
  })

  it('keeps rejected traces too, with their decision', () => {
    recorded = recordSpans()
    tracer.trace('op', (span) => void span.setTag('manual.drop', true))
    assert.equal(recorded.find('op').samplingPriority, -1)
  })

  it('patches what it is told to, and undoes it', async () => {
    const original = http.get
    recorded = recordSpans({ service: 'shop', patch: { http: true } })
    await request()
    const server = await recorded.waitFor('web.request')
    assert.equal(server.parentId, recorded.find('http.request').spanId)
    await recorded.stop()
    assert.equal(http.get, original)
    assert.equal(tracer.isEnabled, false)
  })

  it('patches everything, if asked', async () => {
    recorded = recordSpans({ patch: true })
    await request()
    assert.equal((await recorded.waitFor('web.request')).kind, 'server')
  })

  it('throws for a plugin that there is not, and leaves nothing behind', () => {
    assert.throws(() => recordSpans({ patch: { ftp: true } }), PatchError)
    assert.equal(tracer.isEnabled, false)
    recorded = recordSpans()
    assert.equal(tracer.isEnabled, true)
  })

  it('is one at a time, and says so', async () => {
    recorded = recordSpans()
    assert.throws(() => recordSpans(), RecordingError)
    await recorded.stop()
    await recorded.stop()
    recorded = recordSpans()
    tracer.trace('op', () => {})
    assert.equal(recorded.spans().length, 1)
  })

  it('can be asked after its end, and takes no more', async () => {
    recorded = recordSpans()
    const late = tracer.startSpan('late')
    tracer.startSpan('early').finish()
    await recorded.stop()
    late.finish()
    tracer.startSpan('never').finish()
    const names = recorded.spans().map(({ name }) => name)
    assert.deepEqual(names.slice(0, 1), ['early'])
    assert.ok(!names.includes('never'))
    recorded.clear()
    assert.deepEqual(recorded.spans(), [])
  })

  it('ends with the block it is declared in', () => {
    {
      using own = recordSpans()
      recorded = own
      assert.equal(tracer.isEnabled, true)
    }
    assert.equal(tracer.isEnabled, false)
  })

  it('forgets at clear also what is under way', () => {
    recorded = recordSpans()
    const left = tracer.startSpan('left')
    tracer.startSpan('done').finish()
    recorded.clear()
    assert.deepEqual(recorded.spans(), [])
    tracer.startSpan('below', { childOf: left }).finish()
    left.finish()
    tracer.startSpan('next').finish()
    assert.deepEqual(
      recorded.spans().map(({ name }) => name),
      ['next'],
    )
  })

  it('goes on when the program stops the tracer and starts it anew', async () => {
    recorded = recordSpans({ service: 'shop' })
    tracer.trace('before', () => {})
    await tracer.shutdown()
    tracer.trace('off', () => {})
    tracer.init({ service: 'again' })
    tracer.trace('after', () => {})
    assert.deepEqual(
      recorded.spans().map(({ name, service }) => [name, service]),
      [
        ['before', 'shop'],
        ['after', 'again'],
      ],
    )
  })

  describe('with a tracer that was started before', () => {
    let agent: FakeAgent
    beforeEach(async () => {
      agent = await startAgent()
      tracer.init({ service: 'mine', agentUrl: agent.url, flushIntervalMs: 60_000 })
    })
    afterEach(async () => {
      await recorded.stop()
      await tracer.shutdown()
      await agent.close()
    })

    it('takes its spans, and gives it back with all it had', async () => {
      patch({ http: true, raiseErrors: true })
      const before = tracer.startSpan('before')
      recorded = recordSpans({ service: 'mine' })
      tracer.trace('during', () => {})
      await request()
      before.finish()
      await recorded.waitFor('web.request')
      await tracer.flush()
      assert.deepEqual(
        agent.spans().map(({ name }) => name),
        ['before'],
      )
      await recorded.stop()
      tracer.trace('after', () => {})
      await request()
      await tracer.flush()
      assert.deepEqual([recorded.findAll('during').length, recorded.findAll('after').length], [1, 0])
      assert.deepEqual(
        new Set(agent.spans().map(({ name }) => name)),
        new Set(['before', 'after', 'http.request', 'web.request']),
      )
    })

    it('says which option comes too late', () => {
      recorded = recordSpans()
      void recorded.stop()
      assert.throws(() => recordSpans({ service: 'mine', env: 'test' }), {
        name: 'RecordingError',
        message: /another env: call recordSpans\(\) before/,
      })
      recorded = recordSpans({ service: 'mine', scope: 'async_local_storage' })
    })
  })

  describe('waitFor', () => {
    beforeEach(() => {
      recorded = recordSpans()
    })

    it('gives what is there already, or comes later', async () => {
      tracer.trace('op', () => {})
      assert.equal((await recorded.waitFor('op')).name, 'op')
      const later = recorded.waitFor({ name: 'later', tags: { a: 1 } })
      tracer.trace('later', () => {})
      setImmediate(() => tracer.trace('later', { tags: { a: 1 } }, () => {}))
      assert.equal((await later).metrics['a'], 1)
    })

    it('waits on over a clear', async () => {
      const later = recorded.waitFor('op')
      recorded.clear()
      tracer.trace('op', () => {})
      assert.equal((await later).name, 'op')
    })

    it('says after its time what there was instead, with a stack of the test', async () => {
      tracer.trace('other', () => {})
      const error = await recorded.waitFor('op', { timeoutMs: 1 }).then(
        () => assert.fail(),
        (reason: Error) => reason,
      )
      assert.ok(error instanceof NoSpanError)
      assert.match(error.message, /^after 1 ms there is no span \{ name: 'op' \}; there are:\n└─ other {2}other {2}\(/)
      assert.match(String(error.stack), /record-spans\.test/)
    })
  })
})

describe('createTestTracer', () => {
  it('makes tracers that know neither each other nor the one of the process', async () => {
    const recorded = recordSpans({ service: 'shop' })
    const [a, b] = [createTestTracer({ service: 'a' }), createTestTracer({ service: 'b' })]
    tracer.trace('outer', () =>
      a.tracer.trace('of a', () => b.tracer.trace('of b', () => a.tracer.startSpan('inner').finish())),
    )
    assert.deepEqual(
      [recorded, a, b].map((one) => one.spans().map(({ name, service }) => `${service} ${name}`)),
      [['shop outer'], ['a inner', 'a of a'], ['b of b']],
    )
    assert.equal(a.find('inner').parentId, a.find('of a').spanId)
    assert.equal(b.find('of b').parentId, undefined)
    await a.stop()
    a.tracer.trace('after', () => {})
    b.tracer.trace('after', () => {})
    assert.deepEqual([a.findAll('after').length, b.findAll('after').length, tracer.isEnabled], [0, 1, true])
    await Promise.all([b.stop(), recorded.stop()])
  })
})

describe('a program that records its spans', () => {
  const run = (code: string, env: Record<string, string> = {}, execArgv: string[] = []) =>
    runNode({
      code: `const { recordSpans } = require(${TESTING}); const { tracer, patchAll } = require(${INDEX});\n${code}`,
      env,
      execArgv,
    })

  it('opens no connection, whatever the environment says of an Agent', async () => {
    const agent = await startAgent()
    const code = `
      const net = require('node:net')
      const connect = net.Socket.prototype.connect
      net.Socket.prototype.connect = function (...args) { console.log('connects'); return connect.apply(this, args) }
      const recorded = recordSpans({ patch: true })
      tracer.init({ service: 'program' }); patchAll()
      tracer.trace('op', () => {})
      tracer.flush().then(() => recorded.stop()).then(() => {
        console.log(recorded.find('op').service, tracer.isEnabled)
      })`
    const env = { DD_TRACE_AGENT_URL: agent.url, DD_SERVICE: 'env', DD_TRACE_ENABLED: 'false' }
    const { stdout, stderr, code: exit } = await run(code, env)
    assert.deepEqual([stdout, stderr, exit], ['env false\n', '', 0])
    assert.deepEqual(agent.spans(), [])
    await agent.close()
  })

  it('is held by nothing, though a recording and a span are left open', async () => {
    const { stdout, code, durationMs } = await run(
      `const recorded = recordSpans(); tracer.trace('op', () => {}); tracer.startSpan('open'); console.log(recorded.spans().length)`,
    )
    assert.deepEqual([stdout, code], ['1\n', 0])
    assert.ok(durationMs < 5000)
  })

  it('may have been told before that tracing is off', async () => {
    const { stdout, stderr } = await run(
      `tracer.init(); const recorded = recordSpans({ service: 'shop' }); tracer.trace('op', () => {}); console.log(recorded.find('op').service)`,
      { DD_TRACE_ENABLED: 'false' },
    )
    assert.deepEqual([stdout, stderr], ['shop\n', ''])
  })

  it('may put its own clock in place of the timers', async () => {
    const { stdout } = await run(`
      globalThis.setTimeout = () => { throw new Error('mocked') }
      const recorded = recordSpans()
      recorded.waitFor('op', { timeoutMs: 5 }).catch((error) => console.log(error.message))`)
    assert.match(stdout, /^after 5 ms there is no span \{ name: 'op' \}; none is finished/)
  })
})
