// The pg plugin and pools, by the package that they come from: a program that asks for a client gets a span for the wait, and the
// query of a pool a tag.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { describeWith, postgres, type RunningService } from '../services'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles, type Probe } from '../support/call-styles'
import { freePort } from '../support/free-port'
import { describeLibrary, type Library, type LibraryVersions } from '../support/library'
import { Tracing } from '../support/tracing'
import { type Client, checkConnection, type Pool } from './pg-driver'

const WRONG = 'select from where'

interface PoolRow extends CallStyle<Pool> {
  /** The spans. */
  readonly names: readonly string[]
}

const released = (client: Client) => {
  client.release()
  return 'released'
}

const poolRows: PoolRow[] = [
  { name: 'a client, as a promise', run: (pool) => pool.connect().then(released), names: ['pg.pool.acquire'] },
  {
    name: 'a client by callback',
    run(pool, probe) {
      const done = probe.callback()
      return pool.connect((error, client, release) => {
        release()
        done(error, typeof client.query)
      })
    },
    names: ['pg.pool.acquire'],
  },
  {
    name: 'a client that nobody waits for, of a pool that is closed',
    run(pool, probe) {
      const closing = { ...pool, ending: true }
      void Reflect.apply(pool.connect, closing, [])
      return probe.unhandled()
    },
    names: ['pg.pool.acquire'],
  },
  { name: 'a query, as a promise', run: (pool) => rowsOf(pool.query('select 1 as n')), names: ['pg.query'] },
  {
    name: 'a query by callback',
    run: (pool, probe) => pool.query('select $1::int as n', [1], withRows(probe)),
    names: ['pg.query'],
  },
  { name: 'a wrong query', run: (pool) => rowsOf(pool.query(WRONG)), names: ['pg.query'] },
  { name: 'a query by mistake', run: (pool, probe) => pool.query(probe.callback()), names: [] },
]

const rowsOf = (asked: unknown) => (asked as Promise<{ rows: unknown }>).then(({ rows }) => rows)
const withRows = (probe: Probe) => {
  const callback = probe.callback()
  return (error: unknown, result?: { rows: unknown }) => callback(error, result?.rows)
}

const versions: LibraryVersions = {
  name: 'pg-pool',
  majors: { 3: ['3.0.0', '3.14.0'] },
  beside: { pg: '8.23.1' },
}

describeWith(postgres, 'pg', (server) => {
  describeLibrary('pg', versions, (library) => testPool(library, server))
})

function testPool(library: Library, server: () => RunningService): void {
  let tracing: Tracing
  let PgPool: new (config: object) => Pool

  before(() => {
    PgPool = library.load()
  })

  const openPool = () => new PgPool({ connectionString: server().url, max: 1 })
  const closePool = (pool: Pool) => pool.end()

  describeCallStyles<Pool, PoolRow>('a pool asked for', poolRows, {
    without: { open: openPool, close: closePool },
    with: {
      before: async () => {
        tracing = await Tracing.start({ pg: true })
      },
      open: openPool,
      async check({ names }) {
        assert.deepEqual(
          (await tracing.spans()).map(({ name }) => name),
          names,
        )
        tracing.clear()
      },
      close: closePool,
      after: () => tracing.stop(),
    },
  })

  describe('in a program', () => {
    let pool: Pool

    before(async () => {
      tracing = await Tracing.start({ pg: true })
      pool = openPool()
    })
    beforeEach(async () => {
      await tracing.spans()
      tracing.clear()
    })
    after(async () => {
      await pool.end()
      await tracing.stop()
    })

    it('says how long a query of a pool has waited for its client, and gives who asks for one a span', async () => {
      const borrowed = await pool.connect()
      const waiting = tracer.trace('request', () => pool.query('select 1'))
      const asked = tracer.trace('request', () => pool.connect())
      const called = tracer.trace(
        'request',
        () => new Promise<() => void>((resolve) => pool.connect((_error, _client, release) => resolve(release))),
      )
      await borrowed.query('select pg_sleep(0.05)')
      borrowed.release()
      await waiting
      const again = await asked
      again.release()
      const release = await called
      release()
      const spans = await tracing.spans()
      const waited = (resource: string) => find(spans, { resource }).metrics['db.pool.wait_time_ms']
      assert.ok(waited('select 1')! >= 45, `waited ${waited('select 1')} ms`)
      assert.equal(waited('select pg_sleep(0.05)'), undefined)
      const acquires = spans.filter(({ name }) => name === 'pg.pool.acquire')
      assert.equal(acquires.length, 3)
      for (const span of acquires) {
        const { metrics, duration, resource, type, service, meta } = span
        assert.deepEqual([resource, type, service], ['pg.pool.acquire', 'sql', 'test-postgres'])
        assert.ok(Math.abs(metrics['db.pool.wait_time_ms']! - Number(duration) / 1e6) < 5)
        checkConnection(span, server().url)
        assert.equal(meta['error.message'], undefined)
      }
      const requests = spans.filter(({ name }) => name === 'request')
      assert.deepEqual(
        requests.map((request) => childrenOf(request, spans).map(({ resource }) => resource)),
        [['select 1'], ['pg.pool.acquire'], ['pg.pool.acquire']],
      )
    })

    it('gives the error of a pool that finds no server', async () => {
      const port = await freePort()
      const lonely = new PgPool({ host: '127.0.0.1', port, database: 'none', user: 'nobody' })
      const told = await tracer.trace(
        'request',
        (span) =>
          new Promise((resolve) => lonely.connect((error) => resolve(tracer.activeSpan === span ? error : undefined))),
      )
      const rejected = await lonely.connect().catch((error: unknown) => error)
      const failed = await (lonely.query('select 1') as Promise<unknown>).catch((error: unknown) => error)
      await lonely.end()
      for (const error of [told, rejected, failed]) assert.match(String(error), /ECONNREFUSED/)
      const spans = (await tracing.spans()).filter(({ name }) => name !== 'request')
      assert.equal(spans.length, 2)
      for (const { name, error, meta, metrics } of spans) {
        assert.deepEqual([name, error, meta['out.host']], ['pg.pool.acquire', 1, '127.0.0.1'])
        assert.deepEqual([meta['db.name'], metrics['network.destination.port']], ['none', port])
        assert.match(meta['error.message'] ?? '', /ECONNREFUSED/)
      }
    })
  })

  it('leaves the library as it was, before and after', async () => {
    const looks = () => Object.getOwnPropertyDescriptors(PgPool.prototype)
    const shape = () => Object.values(looks()).map(({ value, ...rest }) => [value?.name, value?.length, rest])
    const [original, shaped] = [looks(), shape()]
    tracing = await Tracing.start({ pg: false })
    assert.deepEqual(looks(), original)
    await tracing.stop()
    tracing = await Tracing.start({ pg: true })
    assert.notDeepEqual(looks(), original)
    assert.deepEqual(shape(), shaped)
    await tracing.stop()
    assert.deepEqual(looks(), original)
  })
}
