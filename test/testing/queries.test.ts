// What a test may ask of recorded spans, and what it is told when there is no answer: all that is there, drawn as a tree.

import { strict as assert } from 'node:assert'
import { createTestTracer, NoSpanError, type RecordedNode, type Recording, type SpanQuery } from '../../src/testing'

describe('recorded spans', () => {
  let recorded: Recording

  /** A request that reads twice, the second time in vain; and a job apart. */
  before(() => {
    recorded = createTestTracer({ service: 'shop' })
    const { tracer } = recorded
    let at = 1_700_000_000_000
    const open = (name: string, options: object = {}) => tracer.startSpan(name, { startTime: at++, ...options })
    const root = open('web.request', { kind: 'server', resource: 'GET /a', type: 'web' })
    root.setTag('http.status_code', 200)
    const handler = open('handler', { childOf: root })
    const first = open('pg.query', { childOf: handler, service: 'db', resource: 'select 1', tags: { rows: 3 } })
    const second = open('pg.query', { childOf: handler, service: 'db', resource: 'select 2' })
    second.setError(new Error('boom'))
    const job = open('job', { childOf: null, resource: 'nightly' })
    for (const span of [job, second, first, handler, root]) span.finish(at++)
  })
  after(() => recorded.stop())

  const rows: [query: string | SpanQuery, resources: string[]][] = [
    ['pg.query', ['select 1', 'select 2']],
    ['pg', []],
    [{}, ['GET /a', 'handler', 'select 1', 'select 2', 'nightly']],
    [{ name: /^pg/ }, ['select 1', 'select 2']],
    [{ name: /^pg/g, resource: /2$/y }, []],
    [{ resource: 'select 2' }, ['select 2']],
    [{ resource: 'select' }, []],
    [{ service: 'db', error: false }, ['select 1']],
    [{ error: true }, ['select 2']],
    [{ kind: 'server' }, ['GET /a']],
    [{ type: 'web' }, ['GET /a']],
    [{ type: '' }, ['handler', 'select 1', 'select 2', 'nightly']],
    [{ childOf: null }, ['GET /a', 'nightly']],
    [{ tags: { 'http.status_code': '200' } }, ['GET /a']],
    [{ tags: { 'http.status_code': 200 } }, ['GET /a']],
    [{ tags: { rows: 3 } }, ['select 1']],
    [{ tags: { rows: '3' } }, ['select 1']],
    [{ tags: { rows: /\d/ } }, ['select 1']],
    [{ tags: { rows: 4 } }, []],
    [{ name: 'pg.query', tags: { rows: undefined } }, ['select 2']],
    [{ tags: { toString: /./ as never } }, []],
    [{ tags: { 'error.message': 'boom', 'error.type': /^Err/ } }, ['select 2']],
  ]
  for (const [query, resources] of rows) {
    it(`that are ${JSON.stringify(query, (_, value) => (value instanceof RegExp ? String(value) : value))}`, () => {
      assert.deepEqual(
        recorded.findAll(query).map(({ resource }) => resource),
        resources,
      )
      if (resources.length > 0) assert.equal(recorded.find(query).resource, resources[0])
      else assert.throws(() => recorded.find(query), NoSpanError)
    })
  }

  it('can be asked for by their place', () => {
    const handler = recorded.find('handler')
    assert.equal(recorded.findAll({ childOf: handler }).length, 2)
    assert.equal(recorded.find({ name: 'handler', childOf: recorded.find('web.request') }).spanId, handler.spanId)
    assert.equal(recorded.findAll({ traceId: handler.traceId }).length, 4)
  })

  it('come in the order in which they finished, and are found in the order in which they began', () => {
    assert.deepEqual(
      recorded.spans().map(({ resource }) => resource),
      ['nightly', 'select 2', 'select 1', 'handler', 'GET /a'],
    )
  })

  it('are a tree', () => {
    type Outline = (string | Outline)[]
    const outline = (nodes: readonly RecordedNode[]): Outline =>
      nodes.map(({ resource, children }) => [resource, ...outline(children)])
    assert.deepEqual(outline(recorded.tree()), [['GET /a', ['handler', ['select 1'], ['select 2']]], ['nightly']])
  })

  it('are drawn, with the tags that were asked for, when none fits', () => {
    const drawing = `\
├─ web.request  GET /a  (shop, server)
│  └─ handler  handler  (shop)
│     ├─ pg.query  select 1  (db)
│     └─ pg.query  select 2  (db, error)
└─ job  nightly  (shop)`
    assert.equal(String(recorded), drawing)
    const message = (query: string | SpanQuery) => {
      try {
        recorded.find(query)
      } catch (error) {
        return (error as Error).message
      }
      return assert.fail('there is one')
    }
    assert.equal(message('nothing'), `no span { name: 'nothing' }; there are:\n${drawing}`)
    assert.equal(
      message({ name: 'pg.query', tags: { rows: 4 } }).split('\n')[3],
      '│     ├─ pg.query  select 1  (db, rows=3)',
    )
    const empty = createTestTracer()
    assert.throws(() => empty.find({ name: /x/ }), { message: 'no span { name: /x/ }; none is finished' })
    void empty.stop()
  })

  const wrong: [title: string, query: unknown, message: RegExp][] = [
    ['a misspelt field', { resourse: 'x' }, /no field resourse; there are: name, service, resource/],
    ['nothing', undefined, /a query is a span's name or an object with some of name.*not undefined/],
    ['a pattern alone', null, /not null/],
    ['a number', 5, /not 5/],
  ]
  for (const [title, query, message] of wrong) {
    it(`cannot be asked for by ${title}`, async () => {
      assert.throws(() => recorded.find(query as never), { name: 'TypeError', message })
      assert.throws(() => recorded.findAll(query as never), { name: 'TypeError', message })
      await assert.rejects(recorded.waitFor(query as never), { name: 'TypeError', message })
    })
  }
})
