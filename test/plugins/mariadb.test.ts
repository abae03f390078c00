// The mariadb plugin against a real MariaDB: its promise and its callback interface, each with connections, statements, streams, batches,
// pools and clusters.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { gte } from 'semver'
import { type PluginSetting, tracer } from '../../src'
import { describeWith, mariadb } from '../services'
import { childrenOf, find, type ReceivedSpan } from '../support/agent'
import { describeCallStyles } from '../support/call-styles'
import { withAndWithoutComments } from '../support/comment-settings'
import { freePort } from '../support/free-port'
import { describeLibrary, type Library } from '../support/library'
import { Tracing } from '../support/tracing'
import {
  type Callback,
  type CallbackConnection,
  type CallbackDriver,
  type Connection,
  calling,
  type Driver,
  promised,
  type Row,
} from './mariadb-styles'
import { called, configOf, linesOf, TEXT } from './mysql-driver'

const acquire = 'mariadb.pool.acquire'
const versions = { name: 'mariadb', majors: { 3: ['3.0.1', '3.5.4'] } } as const

describeLibrary('mariadb', versions, (library) => {
  describeWith(mariadb, 'mariadb', (server) => {
    let tracing: Tracing
    const options = () => configOf(server())

    function check(spans: readonly ReceivedSpan[], { resources = [TEXT], failed = false }: Row<never>): void {
      assert.deepEqual(
        linesOf(spans),
        resources.map((resource) => `mariadb.query ${resource}`),
      )
      for (const span of spans) checkSpan(span)
      assert.deepEqual(
        spans.map(({ error }) => error),
        resources.map(() => (failed ? 1 : 0)),
      )
      if (failed) assert.match(spans[0]?.meta['error.message'] ?? '', /syntax/)
    }

    function checkSpan(span: ReceivedSpan): void {
      const { host, port, user, database } = options()
      assert.equal(span.type, 'sql')
      assert.equal(span.service, 'test-mariadb')
      const {
        component,
        'span.kind': kind,
        'db.type': type,
        'db.name': name,
        'db.user': by,
        'out.host': out,
      } = span.meta
      assert.deepEqual(
        [component, kind, type, name, by, out, span.metrics['network.destination.port']],
        ['mariadb', 'client', 'mariadb', database, user, host, port],
      )
    }

    const start = async (setting: PluginSetting = true) => {
      tracing = await Tracing.start({ mariadb: setting })
    }

    describe('by promise', () => {
      let driver: Driver
      const open = () => driver.createConnection(options())
      const close = (connection: Connection) => connection.destroy()
      const load = () => {
        driver = fresh<Driver>(library)
      }

      for (const [title, setting] of withAndWithoutComments) {
        describeCallStyles<Connection, Row<Connection>>(title, promised, {
          without: { before: load, open, close },
          with: {
            before: () => start(setting).then(load),
            open,
            check: async (row) => check(await tracing.spans(), row),
            close: async (connection) => {
              close(connection)
              await tracing.spans()
              tracing.clear()
            },
            after: () => tracing.stop(),
          },
        })
      }

      describe('in a program', () => {
        before(() => start().then(load))
        afterEach(() => tracing.clear())
        after(() => tracing.stop())

        it('gives each of 20 concurrent requests on a cold pool its own queries', async () => {
          const pool = driver.createPool({ ...options(), connectionLimit: 5 })
          const ask = (n: number) =>
            tracer.trace('request', { resource: `r${n}` }, async (span) => {
              await pool.query(`select ${n}`)
              assert.equal(tracer.activeSpan, span)
              await pool.execute('select ?', [n])
              const borrowed = await pool.getConnection()
              assert.equal(tracer.activeSpan, span)
              const statement = await borrowed.prepare('select ? + 1')
              await statement.execute([n])
              assert.equal(tracer.activeSpan, span)
              await borrowed.release()
            })
          await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
          await pool.end()
          const spans = await tracing.spans()
          for (let n = 0; n < 20; n++) {
            const children = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
            assert.deepEqual(linesOf(children), [
              `mariadb.query select ${n}`,
              'mariadb.query select ?',
              `${acquire} ${acquire}`,
              'mariadb.query select ? + 1',
            ])
            for (const child of children) checkSpan(child)
            assert.ok((children[2]?.metrics['mariadb.pool.wait_time'] ?? -1) >= 0)
          }
          assert.equal(spans.length, 100)
        })

        it('gives one span for what a cluster does, however many nodes it tries', async () => {
          const cluster = driver.createPoolCluster({ removeNodeErrorCount: 1 })
          cluster.add('A', { ...options(), port: await freePort(), acquireTimeout: 300, initializationTimeout: 200 })
          cluster.add('B', options())
          await tracer.trace('request', async () => {
            await cluster.of('.*', 'ORDER').query('select 1')
            const borrowed = await cluster.getConnection('.*', 'ORDER')
            await borrowed.query('select 2')
            await borrowed.release()
          })
          await cluster.end()
          const spans = await tracing.spans()
          assert.deepEqual(linesOf(childrenOf(find(spans, 'request'), spans)), [
            'mariadb.query select 1',
            `${acquire} ${acquire}`,
            'mariadb.query select 2',
          ])
          assert.equal(spans.length, 4)
        })

        it('runs the listeners of a stream in the context of its call, whoever opened the connection', async () => {
          const connection = await tracer.trace('opener', open)
          const ask = (n: number) =>
            tracer.trace('request', { resource: `r${n}` }, async (span) => {
              const seen: unknown[] = []
              const stream = connection.queryStream('select ?', [n])
              for (const event of ['data', 'end']) stream.on(event, () => seen.push(tracer.activeSpan))
              await once(stream, 'close')
              assert.deepEqual(seen, [span, span])
            })
          await Promise.all([ask(1), ask(2)])
          close(connection)
          const spans = await tracing.spans()
          for (const resource of ['r1', 'r2']) {
            assert.equal(childrenOf(find(spans, { resource }), spans).length, 1)
          }
        })

        it('ends the span of a query whose connection is lost', async () => {
          const connection = await open()
          const [{ id }] = (await connection.query('select connection_id() as id')) as [{ id: number }]
          const slow = connection.query('select sleep(5)').catch((error: Error) => error)
          const queued = connection.query('select 2').catch((error: Error) => error)
          const other = await open()
          await other.query(`kill ${id}`)
          close(other)
          assert.ok((await slow) instanceof Error)
          assert.ok((await queued) instanceof Error)
          const spans = await tracing.spans()
          for (const resource of ['select sleep(5)', 'select 2']) assert.equal(find(spans, { resource }).error, 1)
        })
      })

      it('takes its service from the options, and is asked by a URL as well', async () => {
        await start({ service: 'orders-db' })
        load()
        const connection = await driver.createConnection(server().url.replace('mysql:', 'mariadb:'))
        await connection.query('select 1')
        close(connection)
        const span = find(await tracing.spans(), 'mariadb.query')
        assert.equal(span.service, 'orders-db')
        assert.equal(span.metrics['network.destination.port'], options()['port'])
        await tracing.stop()
      })

      it('leaves the library alone when it is off, and after', async () => {
        await start()
        load()
        const connection = await open()
        const prototype = Object.getPrototypeOf(connection) as Connection
        const { query } = prototype
        await tracing.stop()
        assert.notEqual(prototype.query, query)
        assert.deepEqual([prototype.query.name, prototype.query.length], [query.name, query.length])
        close(connection)
        const { query: original } = prototype
        await start(false)
        const untraced = await open()
        assert.equal(prototype.query, original)
        await untraced.query('select 1')
        close(untraced)
        assert.deepEqual(await tracing.spans(), [])
        await tracing.stop()
      })
    })

    describe('by callback', () => {
      let driver: CallbackDriver
      const open = async () => {
        const connection = driver.createConnection(options())
        connection.on('error', () => {})
        await called((callback) => connection.connect(callback as Callback))
        return connection
      }
      const close = (connection: CallbackConnection) => connection.end()
      const load = () => {
        driver = fresh<CallbackDriver>(library, 'mariadb/callback')
      }

      const known = calling.filter(({ since = '3.0.0' }) => gte(library.version, since))

      for (const [title, setting] of withAndWithoutComments) {
        describeCallStyles<CallbackConnection, Row<CallbackConnection>>(title, known, {
          without: { before: load, open, close },
          with: {
            before: () => start(setting).then(load),
            open,
            check: async (row) => check(await tracing.spans(), row),
            close: async (connection) => {
              close(connection)
              await tracing.spans()
              tracing.clear()
            },
            after: () => tracing.stop(),
          },
        })
      }

      it('runs callbacks in the context of their call, on a pool that is shared', async () => {
        await start()
        load()
        const pool = driver.createPool({ ...options(), connectionLimit: 2 })
        const ask = (n: number) =>
          tracer.trace('request', { resource: `r${n}` }, async (span) => {
            const here = () => assert.equal(tracer.activeSpan, span)
            await new Promise<void>((resolve, reject) => {
              pool.query(`select ${n}`, () => {
                here()
                pool.getConnection((error, borrowed) => {
                  if (error) return reject(error)
                  here()
                  borrowed.ping(() => {
                    here()
                    borrowed.query(`select ${n} + 1`, () => {
                      here()
                      borrowed.end()
                      resolve()
                    })
                  })
                })
              })
            })
          })
        await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
        await called((callback) => pool.end(callback as Callback))
        const spans = await tracing.spans()
        await tracing.stop()
        for (let n = 0; n < 20; n++) {
          const children = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
          assert.deepEqual(linesOf(children), [
            `mariadb.query select ${n}`,
            `${acquire} ${acquire}`,
            `mariadb.query select ${n} + 1`,
          ])
        }
        assert.equal(spans.length, 80)
      })
    })
  })
})

/** Loaded anew: who has its exports already keeps those of a bundle untraced. */
function fresh<T>(library: Library, specifier = library.name): T {
  for (const path of Object.keys(require.cache)) if (path.startsWith(library.folder)) delete require.cache[path]
  return library.load<T>(specifier)
}
