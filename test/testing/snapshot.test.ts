// A snapshot is the same in every run: two runs of one program, with other ids, times, ports and processes, must give one value, and
// what differs in substance must not.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tracer } from '../../src'
import { createTestTracer, recordSpans, type SnapshotSpan } from '../../src/testing'

/** A request to a server on a port that the system picks, in a trace that fails once. */
async function program(path = '/items'): Promise<SnapshotSpan[]> {
  const recorded = recordSpans({ service: 'shop', patch: { http: true } })
  try {
    const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await tracer.trace('job', async (span) => {
      span.addEvent('begun', { address: `127.0.0.1:${port}` })
      const asked = get({ host: '127.0.0.1', port, path, agent: false }, (response) => void response.resume())
      await once(asked, 'close')
      span.setError(new Error(`connect ECONNREFUSED 127.0.0.1:${port}`))
      span.setTag('message.id', crypto.randomUUID())
    })
    server.close()
    await once(server, 'close')
    await recorded.waitFor('web.request')
    return recorded.snapshot()
  } finally {
    await recorded.stop()
  }
}

describe('a snapshot', () => {
  it('is the same in two runs, and another of another program', async () => {
    const first = await program()
    assert.deepEqual(await program(), first)
    assert.notDeepEqual(await program('/other'), first)
    const [job] = first
    const [request] = job?.children ?? []
    assert.equal(job?.tags?.['error.message'], 'connect ECONNREFUSED 127.0.0.1:<port>')
    assert.deepEqual(
      [job.tags['error.stack'], job.tags['message.id'], job.events],
      ['<stack>', '<uuid>', [{ name: 'begun', attributes: { address: '127.0.0.1:<port>' } }]],
    )
    assert.match(String(request?.tags?.['http.url']), /^http:\/\/127\.0\.0\.1:<port>\/items$/)
    assert.equal(request?.children?.[0]?.name, 'web.request')
    assert.doesNotMatch(JSON.stringify(first), /_dd\.|runtime-id|process_id|durationMs|startMs/)
  })

  it('is plain data with a fixed order of keys, and nothing that is empty', () => {
    const recorded = createTestTracer({ service: 'shop' })
    const { tracer: own } = recorded
    const root = own.startSpan('root', { type: 'web', tags: { z: 1, b: 'x', a: 'y', 'db.port': 5432 } })
    const other = own.startSpan('other', { childOf: null, startTime: Date.now() + 10 })
    const child = own.startSpan('child', { childOf: root })
    other.addLink(child, { why: 'after' }).addLink({ traceId: '1'.repeat(32), spanId: '2'.repeat(16) })
    for (const span of [child, other, root]) span.finish()
    const remote = own.extract('text_map', { 'x-datadog-trace-id': '7', 'x-datadog-parent-id': '8' })
    own.startSpan('remote', { childOf: remote ?? null, startTime: Date.now() + 20 }).finish()
    const text = JSON.stringify(recorded.snapshot(), null, 1)
    const wanted = [
      {
        id: 1,
        trace: 1,
        name: 'root',
        service: 'shop',
        resource: 'root',
        type: 'web',
        tags: { a: 'y', b: 'x' },
        metrics: { 'db.port': '<port>', z: 1 },
        children: [{ id: 2, name: 'child', service: 'shop', resource: 'child' }],
      },
      {
        id: 3,
        trace: 2,
        name: 'other',
        service: 'shop',
        resource: 'other',
        links: [{ span: 2, attributes: { why: 'after' } }, { span: 'elsewhere' }],
      },
      { id: 4, trace: 3, parent: 'elsewhere', name: 'remote', service: 'shop', resource: 'remote' },
    ]
    assert.equal(text, JSON.stringify(wanted, null, 1))
    void recorded.stop()
  })

  it('leaves out and masks what it is told to besides', () => {
    const recorded = createTestTracer({ service: 'shop' })
    const tags = { 'http.useragent': 'node/24', 'x.a': '1', 'x.b': 2, id: 'order-17 of user-3', keep: 'yes' }
    recorded.tracer.startSpan('op', { resource: 'order-17', tags }).finish()
    const [span] = recorded.snapshot({ ignore: ['http.useragent', /^x\./], mask: [/\d+/] })
    assert.deepEqual(
      [span?.resource, span?.tags, span?.metrics],
      ['order-<masked>', { id: 'order-<masked> of user-<masked>', keep: 'yes' }, undefined],
    )
    void recorded.stop()
  })

  const texts: [text: string, masked: string][] = [
    ['http://localhost:4567/a', 'http://localhost:<port>/a'],
    ['[::1]:4567', '[::1]:<port>'],
    ['10.0.0.7:1', '10.0.0.7:<port>'],
    ['at 12:30:45', 'at 12:30:45'],
    ['db.internal:5432', 'db.internal:5432'],
    ['v1.2.3:45', 'v1.2.3:45'],
    ['6F9619FF-8B86-D011-B42D-00C04FC964FF!', '<uuid>!'],
    ['0123456789abcdef', '0123456789abcdef'],
  ]
  for (const [text, masked] of texts) {
    it(`has ${masked} for ${text}`, () => {
      const recorded = createTestTracer()
      recorded.tracer.startSpan('op', { resource: text }).finish()
      assert.equal(recorded.snapshot()[0]?.resource, masked)
      void recorded.stop()
    })
  }
})
