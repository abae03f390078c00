// The postgres plugin (postgres.js) against a real PostgreSQL: its promises that start when they are awaited look the same with
// and without `dd`, and each gives one span under whoever awaited it.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { type PluginSetting, tracer } from '../../src'
import { describeWith, needsConcurrency, postgres } from '../services'
import { childrenOf, find, type ReceivedSpan } from '../support/agent'
import { describeCallStyles } from '../support/call-styles'
import { withAndWithoutComments } from '../support/comment-settings'
import { freePort } from '../support/free-port'
import { describeLibrary, type Library } from '../support/library'
import { Tracing } from '../support/tracing'
import { type Row, rows, rowsOf, type Sql, two } from './postgres-styles'

type Postgres = ((url: string, options?: object) => Sql) & { PostgresError: new () => Error }

/** A second copy, loaded after the patches: a connection's route is learnt from what the driver's files get from each other. */
function freshly(library: Library): Postgres {
  const inside = join(library.folder, 'node_modules', 'postgres')
  for (const path of Object.keys(require.cache)) if (path.startsWith(inside)) delete require.cache[path]
  return library.load<Postgres>()
}

describeLibrary('postgres', { name: 'postgres', majors: { 3: ['3.0.0', '3.4.9'] } }, (library) => {
  describeWith(postgres, 'postgres', (server) => {
    let tracing: Tracing
    let connect: Postgres
    const quiet = { onnotice: () => {} }
    const open = () => connect(server().url, { ...quiet, max: 1 })
    const load = () => {
      connect = library.load<Postgres>()
    }
    const close = (sql: Sql) => sql.end({ timeout: 0 })
    const start = async (options: PluginSetting = true) => {
      tracing = await Tracing.start({ postgres: options })
      connect = freshly(library)
    }
    const stop = () => tracing.stop()

    for (const [title, setting] of withAndWithoutComments) {
      describeCallStyles<Sql, Row>(title, rows, {
        without: { before: load, open, close },
        with: {
          before: () => start(setting),
          async open() {
            tracing.clear()
            return open()
          },
          async check({ resources, failed = false }) {
            const spans = await tracing.spans()
            assert.deepEqual(
              spans.map(({ resource }) => resource),
              resources,
            )
            for (const span of spans) {
              assert.equal(span.error, failed ? 1 : 0)
              assert.equal(span.type, 'sql')
              assert.equal(span.service, 'test-postgres')
              checkTags(span, server().url)
            }
          },
          close,
          after: stop,
        },
      })
    }

    describe('in a program', () => {
      let sql: Sql

      before(async () => {
        await start()
        sql = connect(server().url, { ...quiet, max: 3 })
      })
      beforeEach(() => tracing.clear())
      after(async () => {
        await sql.end()
        await stop()
      })

      it('has whoever awaits a query as its parent', async () => {
        const query = tracer.trace('writes', () => ({ query: two(sql) }))
        await tracer.trace('awaits', async () => rowsOf(await query.query))
        const spans = await tracing.spans()
        assert.equal(find(spans, 'postgres.query').parent_id, find(spans, 'awaits').span_id)
      })

      it('gives each of 20 requests on a cold pool its own queries, and calls back in its context', async () => {
        const cold = connect(server().url, { ...quiet, max: 2 })
        await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            tracer.trace('request', { resource: `r${n}` }, async (span) => {
              const active = () => assert.equal(tracer.activeSpan, span)
              await cold.unsafe(`select ${n} as first`)
              active()
              await cold.unsafe(`select ${n} as second`).forEach(active)
              await cold.begin(async (inner) => {
                active()
                await inner.unsafe(`select ${n} as third`)
              })
              active()
            }),
          ),
        )
        await cold.end()
        const spans = await tracing.spans()
        for (let n = 0; n < 20; n++) {
          assert.deepEqual(
            childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans).map(({ resource }) => resource),
            [`select ${n} as first`, `select ${n} as second`, 'begin ', `select ${n} as third`, 'commit'],
          )
        }
        assert.equal(spans.length, 20 * 6)
      })

      // Several at once fail in 3.0.0 of itself.
      it('calls a cursor back in its context, on a connection that another opened', async () => {
        const one = connect(server().url, { ...quiet, max: 1 })
        await tracer.trace('opens', () => one`select 1`)
        await tracer.trace('request', async (span) => {
          await two(one).cursor(1, () => assert.equal(tracer.activeSpan, span))
          assert.equal(tracer.activeSpan, span)
        })
        await one.end()
        const spans = await tracing.spans()
        assert.equal(childrenOf(find(spans, 'request'), spans).length, 1)
      })

      // 3.0.0 has nothing of the kind.
      if (library.version !== '3.0.0') {
        it('traces what runs on a reserved connection', async () => {
          await tracer.trace('request', async () => {
            const reserved = await sql.reserve()
            await Promise.all([reserved`select 1 as a`, reserved`select 2 as b`])
            reserved.release()
          })
          const spans = await tracing.spans()
          assert.equal(childrenOf(find(spans, 'request'), spans).length, 2)
          for (const span of spans.filter(({ name }) => name !== 'request')) checkTags(span, server().url)
        })
      }

      it('traces listening and notifying', async function () {
        needsConcurrency(this, server())
        let heard = (_payload: string): void => {}
        const payload = new Promise<string>((resolve) => (heard = resolve))
        await sql.listen('dd_news', (news) => heard(news))
        await sql.notify('dd_news', 'hello')
        assert.equal(await payload, 'hello')
        const texts = (await tracing.spans()).map(({ resource }) => resource)
        assert.deepEqual(texts, ['listen "dd_news"', 'select pg_notify($1, $2)'])
      })

      it('finishes the span of a query that is cancelled while it runs', async function () {
        needsConcurrency(this, server())
        const slow = sql.unsafe('select pg_sleep(10)').execute()
        const failed = assert.rejects(slow, { code: '57014' })
        while (!(slow as unknown as { active: boolean }).active) await sql`select 1`
        await slow.cancel()
        await failed
        assert.equal(find(await tracing.spans(), { resource: 'select pg_sleep(10)' }).error, 1)
      })

      it('finishes the span of a query whose connection is lost', async function () {
        needsConcurrency(this, server())
        const other = connect(server().url, { ...quiet, max: 1 })
        const [found] = (await other`select pg_backend_pid() as pid`) as [{ pid: number }]
        const failed = assert.rejects(other.unsafe('select pg_sleep(10)'))
        await sql`select pg_terminate_backend(${found.pid})`
        await failed
        // It waits for ever for the query that was lost.
        await other.end({ timeout: 0 })
        const span = find(await tracing.spans(), { resource: 'select pg_sleep(10)' })
        assert.equal(span.error, 1)
        assert.equal(span.metrics['db.pid'], found.pid)
      })

      it('tells the text and the route of a query that finds no server', async () => {
        const nowhere = connect(`postgres://me@127.0.0.1:${await freePort()}/db`, { ...quiet, connect_timeout: 1 })
        await assert.rejects(nowhere`select ${1}::int, ${2}::int`, { code: 'ECONNREFUSED' })
        await nowhere.end({ timeout: 0 })
        const span = find(await tracing.spans(), 'postgres.query')
        assert.equal(span.resource, 'select $1::int, $2::int')
        assert.equal(span.meta['db.name'], 'db')
        assert.equal(span.meta['out.host'], '127.0.0.1')
        assert.equal(span.metrics['db.pid'], undefined)
        assert.equal(span.error, 1)
      })

      it('names no host where there are several', async () => {
        const { host, port, username, pathname } = new URL(server().url)
        const several = connect(`postgres://${username}@${host},127.0.0.2:${port}${pathname}`, { ...quiet, max: 1 })
        await several`select 1`
        await several.end()
        const { meta, metrics } = find(await tracing.spans(), 'postgres.query')
        assert.equal(meta['db.user'], username)
        assert.equal(meta['out.host'], undefined)
        assert.equal(metrics['network.destination.port'], undefined)
      })
    })

    it('takes its service from the options', async () => {
      await start({ service: 'orders-db' })
      const sql = open()
      await sql`select 1`
      await close(sql)
      assert.equal(find(await tracing.spans(), 'postgres.query').service, 'orders-db')
      await stop()
    })

    it('leaves the library as it was, before and after', async () => {
      await start(false)
      const file = (name: string) => join(library.folder, 'node_modules/postgres/cjs/src', name)
      const { Query } = library.load<{ Query: { prototype: Record<string, () => void> } }>(file('query.js'))
      const connection = () => library.load<() => void>(file('connection.js'))
      const originals = [Object.getOwnPropertyDescriptors(Query.prototype), connection()] as const
      await stop()
      tracing = await Tracing.start({ postgres: true })
      for (const method of ['handle', 'forEach', 'cursor']) {
        const [patched, original] = [Query.prototype[method]!, originals[0][method]!.value as () => void]
        assert.notEqual(patched, original)
        assert.equal(patched.name, original.name)
        assert.equal(patched.length, original.length)
      }
      await stop()
      assert.deepEqual([Object.getOwnPropertyDescriptors(Query.prototype), connection()], originals)
    })
  })
})

function checkTags(span: ReceivedSpan, serverUrl: string): void {
  const { hostname, port, pathname, username } = new URL(serverUrl)
  assert.equal(span.name, 'postgres.query')
  assert.equal(span.meta['component'], 'postgres')
  assert.equal(span.meta['span.kind'], 'client')
  assert.equal(span.meta['db.type'], 'postgres')
  assert.equal(span.meta['db.name'], pathname.slice(1))
  assert.equal(span.meta['db.user'], username)
  assert.equal(span.meta['out.host'], hostname)
  assert.equal(span.metrics['network.destination.port'], Number(port))
  assert.equal(span.meta['_dd.base_service'], 'test')
  assert.ok((span.metrics['db.pid'] ?? 0) > 0)
}
