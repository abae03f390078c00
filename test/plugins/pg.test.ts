// The pg plugin against a real PostgreSQL: every way to ask for a query looks the same to the program with and without `dd`, and
// gives one span under the right parent.

import { strict as assert } from 'node:assert'
import type { EventEmitter } from 'node:events'
import { tracer } from '../../src'
import { describeWith, needsConcurrency, postgres, type RunningService } from '../services'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles, type Probe } from '../support/call-styles'
import { withAndWithoutComments } from '../support/comment-settings'
import { describeLibrary, type Library, type LibraryVersions } from '../support/library'
import { Tracing } from '../support/tracing'
import { type Client, checkTags, type Pool } from './pg-driver'

interface Cursor extends EventEmitter {
  read(rows: number, callback: (error: unknown, rows: unknown[]) => void): void
  close(callback: () => void): void
}

interface Pg {
  Client: new (config: object) => Client
  Pool: new (config: object) => Pool
  Query: new (...args: unknown[]) => EventEmitter
}

/** The release under test. */
let pg: Pg
let PgCursor: new (text: string, values?: unknown[]) => Cursor
let QueryStream: new (text: string, values?: unknown[]) => NodeJS.ReadableStream

/** Two rows, so that what is fetched bit by bit ends after a second look. */
const TEXT = 'select n from generate_series(1, $1::int) n'
const WRONG = 'select from where'

interface Row extends CallStyle<Client> {
  readonly resource?: string
  readonly failed?: boolean
  readonly stream?: boolean
  /** Nothing is asked of the server. */
  readonly untraced?: boolean
}

const rowsOf = (result: unknown) => (result as { rows?: unknown } | undefined)?.rows
/** Results hold parsers and fields of the driver; rows are what a program wants. */
const withRows = (probe: Probe) => {
  const callback = probe.callback()
  return function (this: unknown, error: unknown, result: unknown) {
    callback.call(this, error, rowsOf(result))
  }
}
const promised = (result: unknown) => (result as Promise<unknown>).then(rowsOf)
const ended = (probe: Probe, emitter: EventEmitter | NodeJS.ReadableStream, event = 'end') => {
  emitter.on('error', probe.optional('error'))
  emitter.on(
    event,
    probe.callback(event, () => {}),
  )
  return undefined
}

const rows: Row[] = [
  {
    name: 'text and callback',
    run: (client, probe) => client.query('select 1 as n', withRows(probe)),
    resource: 'select 1 as n',
  },
  { name: 'text, values and callback', run: (client, probe) => client.query(TEXT, [2], withRows(probe)) },
  {
    name: 'text, callback and an explicit undefined',
    run: (client, probe) => client.query('select 1 as n', withRows(probe), undefined),
    resource: 'select 1 as n',
  },
  { name: 'text, as a promise', run: (client) => promised(client.query('select 1 as n')), resource: 'select 1 as n' },
  { name: 'text and values, as a promise', run: (client) => promised(client.query(TEXT, [2])) },
  { name: 'configuration, as a promise', run: (client) => promised(client.query({ text: TEXT, values: [2] })) },
  { name: 'configuration and values', run: (client) => promised(client.query({ text: TEXT }, [2])) },
  { name: 'named configuration', run: (client) => promised(client.query({ name: 'two', text: TEXT, values: [2] })) },
  {
    name: 'configuration and callback',
    run: (client, probe) => client.query({ text: TEXT, values: [2] }, withRows(probe)),
  },
  {
    name: 'configuration that holds the callback',
    run: (client, probe) => client.query(Object.freeze({ text: TEXT, values: [2], callback: withRows(probe) })),
  },
  {
    name: 'Query that tells by events',
    run(client, probe) {
      const query = client.query(new pg.Query(TEXT, [2])) as EventEmitter
      query.on('row', probe.callback('row'))
      return ended(probe, query)
    },
  },
  { name: 'Query with callback', run: (client, probe) => void client.query(new pg.Query(TEXT, [2], withRows(probe))) },
  { name: 'Query and callback', run: (client, probe) => void client.query(new pg.Query(TEXT, [2]), withRows(probe)) },
  {
    name: 'Cursor read to its end',
    stream: true,
    run(client, probe) {
      const cursor = client.query(new PgCursor(TEXT, [2])) as Cursor
      const done = probe.callback('read')
      cursor.read(1, () => cursor.read(5, () => cursor.read(5, (error, last) => done(error, last))))
      cursor.on(
        'end',
        probe.callback('end', () => {}),
      )
    },
  },
  {
    name: 'Cursor closed early',
    stream: true,
    run(client, probe) {
      const cursor = client.query(new PgCursor(TEXT, [2])) as Cursor
      const done = probe.callback('close')
      cursor.read(1, () => cursor.close(() => done()))
    },
  },
  {
    name: 'QueryStream',
    stream: true,
    run(client, probe) {
      const stream = client.query(new QueryStream(TEXT, [2])) as NodeJS.ReadableStream
      stream.on('data', probe.optional('data'))
      return ended(probe, stream, 'close')
    },
  },
  {
    name: 'an error to a callback',
    run: (client, probe) => client.query(WRONG, withRows(probe)),
    resource: WRONG,
    failed: true,
  },
  { name: 'an error to a promise', run: (client) => promised(client.query(WRONG)), resource: WRONG, failed: true },
  {
    name: 'an error that nobody handles',
    run(client, probe) {
      void client.query(WRONG)
      return probe.unhandled()
    },
    resource: WRONG,
    failed: true,
  },
  {
    name: 'an error to a Query by event',
    run(client, probe) {
      const query = client.query(new pg.Query(WRONG)) as EventEmitter
      query.on('error', probe.callback('error'))
    },
    resource: WRONG,
    failed: true,
  },
  {
    name: 'an error to a Cursor',
    stream: true,
    run(client, probe) {
      const cursor = client.query(new PgCursor(WRONG)) as Cursor
      cursor.read(1, probe.callback('read'))
    },
    resource: WRONG,
    failed: true,
  },
  {
    name: 'an error to a QueryStream',
    stream: true,
    run(client, probe) {
      const stream = client.query(new QueryStream(WRONG)) as NodeJS.ReadableStream
      stream.on('error', probe.callback('error'))
      stream.resume()
    },
    resource: WRONG,
    failed: true,
  },
  { name: 'a query of nothing', run: (client) => client.query(null), untraced: true },
  {
    name: 'a callback that throws',
    run(client, probe) {
      client.query('select 1 as n', () => {
        throw new Error('from the callback')
      })
      return probe.unhandled()
    },
    resource: 'select 1 as n',
  },
]

const versions: LibraryVersions = {
  name: 'pg',
  majors: { 8: ['8.0.3', '8.23.1'] },
  beside: { 'pg-cursor': '2.22.0', 'pg-query-stream': '4.17.0' },
}

describeWith(postgres, 'pg', (server) => {
  describeLibrary('pg', versions, (library) => testPg(library, server))
})

function testPg(library: Library, server: () => RunningService): void {
  before(() => {
    pg = library.load()
    PgCursor = library.load('pg-cursor')
    QueryStream = library.load('pg-query-stream')
  })

  let tracing: Tracing
  const open = async () => {
    const client = new pg.Client({ connectionString: server().url })
    // What a throwing callback does to the connection is not the subject.
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const close = (client: Client) => void client.end().catch(() => {})

  for (const [title, setting] of withAndWithoutComments) {
    describeCallStyles<Client, Row>(title, rows, {
      without: { open, close },
      with: {
        before: async () => {
          tracing = await Tracing.start({ pg: setting })
        },
        open: async () => {
          const client = await open()
          tracing.clear()
          return client
        },
        async check({ resource = TEXT, failed = false, stream = false, untraced = false }) {
          const spans = await tracing.spans()
          if (untraced) return assert.deepEqual(spans, [])
          const span = find(spans, 'pg.query')
          assert.equal(span.resource, resource)
          assert.equal(span.type, 'sql')
          assert.equal(span.service, 'test-postgres')
          assert.equal(span.error, failed ? 1 : 0)
          if (failed) assert.match(span.meta['error.message'] ?? '', /syntax error/)
          assert.equal(span.metrics['db.stream'], stream ? 1 : undefined)
          checkTags(span, server().url)
          return undefined
        },
        close,
        after: () => tracing.stop(),
      },
    })
  }

  describe('in a program', () => {
    let pool: Pool

    before(async () => {
      tracing = await Tracing.start({ pg: true })
      pool = new pg.Pool({ connectionString: server().url, max: 1 })
    })
    beforeEach(async () => {
      await tracing.spans()
      tracing.clear()
    })
    after(async () => {
      await pool.end()
      await tracing.stop()
    })

    it('runs callbacks in the context of the call', async () => {
      const seen = await tracer.trace(
        'request',
        (span) => new Promise((resolve) => pool.query('select 1', () => resolve(tracer.activeSpan === span))),
      )
      assert.equal(seen, true)
    })

    it('gives each of 20 concurrent requests on one pool its own queries', async () => {
      const ask = (n: number) =>
        tracer.trace('request', { resource: `r${n}` }, async (span) => {
          await pool.query(`select ${n} as first`)
          const client = await pool.connect()
          await client.query(`select ${n} as second`)
          client.release()
          await new Promise<void>((resolve, reject) =>
            pool.connect((error, borrowed, release) => {
              if (error) return reject(error)
              assert.equal(tracer.activeSpan, span)
              borrowed.query(`select ${n} as third`, () => {
                assert.equal(tracer.activeSpan, span)
                release()
                resolve()
              })
            }),
          )
        })
      await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
      const spans = await tracing.spans()
      for (let n = 0; n < 20; n++) {
        const request = find(spans, { name: 'request', resource: `r${n}` })
        assert.deepEqual(
          childrenOf(request, spans).map(({ resource }) => resource),
          [
            `select ${n} as first`,
            'pg.pool.acquire',
            `select ${n} as second`,
            'pg.pool.acquire',
            `select ${n} as third`,
          ],
        )
      }
      assert.equal(spans.length, 120)
    })

    it('keeps traces apart on several connections at once', async function () {
      needsConcurrency(this, server())
      const wide = new pg.Pool({ connectionString: server().url, max: 10 })
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          tracer.trace('request', { resource: `r${n}` }, () => wide.query('select $1::int, pg_sleep(0.01)', [n])),
        ),
      )
      await wide.end()
      const spans = await tracing.spans()
      for (const request of spans.filter(({ name }) => name === 'request')) {
        assert.equal(childrenOf(request, spans).length, 1)
      }
      assert.equal(spans.length, 40)
    })

    it('finishes the span of a query whose connection is lost', async function () {
      needsConcurrency(this, server())
      const client = new pg.Client({ connectionString: server().url })
      client.on('error', () => {})
      await client.connect()
      const { rows: found } = (await client.query('select pg_backend_pid() as pid')) as { rows: [{ pid: number }] }
      const slow = (client.query('select pg_sleep(10)') as Promise<unknown>).catch((error: Error) => error.message)
      await pool.query('select pg_terminate_backend($1)', [found[0].pid])
      assert.match(String(await slow), /terminat/i)
      const span = find(await tracing.spans(), { resource: 'select pg_sleep(10)' })
      assert.equal(span.error, 1)
    })

    it('ends the query span before the promise settles for the program', async () => {
      await tracer.trace('request', () => pool.query('select 1'))
      const spans = await tracing.spans()
      const [request, query] = [find(spans, 'request'), find(spans, 'pg.query')]
      assert.ok(query.start >= request.start)
      assert.ok(query.start + query.duration <= request.start + request.duration)
    })
  })

  it('takes its service from the options', async () => {
    tracing = await Tracing.start({ pg: { service: 'orders-db' } })
    const client = await open()
    await client.query('select 1')
    await client.end()
    const span = find(await tracing.spans(), 'pg.query')
    assert.equal(span.service, 'orders-db')
    assert.equal(span.meta['_dd.base_service'], 'test')
    await tracing.stop()
  })

  it('leaves the library as it was, before and after', async () => {
    const original = pg.Client.prototype.query
    // The class of `pg` has its methods from that of `pg-pool`.
    const looks = () => Object.getOwnPropertyDescriptors(Object.getPrototypeOf(pg.Pool.prototype))
    const pooled = looks()
    tracing = await Tracing.start({ pg: false })
    assert.equal(pg.Client.prototype.query, original)
    await tracing.stop()
    tracing = await Tracing.start({ pg: true })
    assert.notEqual(pg.Client.prototype.query, original)
    assert.equal(pg.Client.prototype.query.name, original.name)
    assert.equal(pg.Client.prototype.query.length, original.length)
    assert.deepEqual(Object.getOwnPropertyNames(pg.Client.prototype.query), Object.getOwnPropertyNames(original))
    await tracing.stop()
    assert.equal(pg.Client.prototype.query, original)
    assert.deepEqual(looks(), pooled)
  })
}
