// What holds for `mysql` and `mysql2` alike: call styles of a connection, and programs with connections, pools and clusters.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { gte } from 'semver'
import { type PluginSetting, tracer } from '../../src'
import type { RunningService } from '../services'
import { childrenOf, find } from '../support/agent'
import { describeCallStyles } from '../support/call-styles'
import { withAndWithoutComments } from '../support/comment-settings'
import { freePort } from '../support/free-port'
import type { Library } from '../support/library'
import { Tracing } from '../support/tracing'
import {
  type Connection,
  called,
  checkRow,
  checkSpan,
  configOf,
  connected,
  type Driver,
  linesOf,
  type Pool,
  type Row,
} from './mysql-driver'

export function describeDriver(
  plugin: string,
  library: Library,
  server: () => RunningService,
  rows: readonly Row[],
): void {
  let tracing: Tracing
  let driver: Driver
  const load = () => {
    driver = library.load<Driver>()
  }
  const start = async (setting: PluginSetting = true) => {
    tracing = await Tracing.start({ [plugin]: setting })
    load()
  }
  const stop = () => tracing.stop()
  const open = () => connected(driver, configOf(server()))
  const close = (connection: Connection) => connection.destroy()

  const known = rows.filter(({ since = '1.0.0' }) => gte(library.version, since))

  for (const [title, setting] of withAndWithoutComments) {
    describeCallStyles<Connection, Row>(title, known, {
      without: { before: load, open, close },
      with: {
        before: () => start(setting),
        open,
        check: async (row) => checkRow(await tracing.spans(), row, plugin, server()),
        close: (connection) => {
          close(connection)
          tracing.clear()
        },
        after: stop,
      },
    })
  }

  describe('in a program', () => {
    const acquire = `${plugin}.pool.acquire`
    const waitTag = `${plugin}.pool.wait_time`
    let connection: Connection
    let pool: Pool

    before(() => start())
    beforeEach(async () => {
      connection = await open()
      pool = driver.createPool({ ...configOf(server()), connectionLimit: 5 })
      tracing.clear()
    })
    afterEach(async () => {
      close(connection)
      await called((callback) => pool.end(callback))
    })
    after(stop)

    it('runs callbacks and listeners in the context of their call, whoever is served first', async () => {
      const seen: unknown[] = []
      const wanted: unknown[] = []
      const ask = (n: number) =>
        tracer.trace(`request ${n}`, async (span) => {
          const check = (what: string) => seen.push(`${n} ${what} ${tracer.activeSpan?.name}`)
          const query = connection.query(`select ${n}`)
          const events = ['fields', 'result', 'end']
          for (const event of events) query.on(event, () => check(event))
          await Promise.all([
            once(query, 'end'),
            called((callback) =>
              connection.query(`select ${n}`, (error: null) => {
                check('callback')
                callback(error, undefined)
              }),
            ),
            called((callback) =>
              connection.ping((error) => {
                check('ping')
                callback(error, undefined)
              }),
            ),
          ])
          wanted.push(...[...events, 'callback', 'ping'].map((what) => `${n} ${what} ${span.name}`))
        })
      await Promise.all([ask(1), ask(2)])
      assert.deepEqual(seen.sort(), wanted.sort())
      const spans = await tracing.spans()
      for (const n of [1, 2]) {
        const children = childrenOf(find(spans, `request ${n}`), spans)
        assert.deepEqual(linesOf(children), [`mysql.query select ${n}`, `mysql.query select ${n}`])
      }
    })

    it('gives each of 20 concurrent requests on a cold pool its own queries', async () => {
      const ask = (n: number) =>
        tracer.trace('request', { resource: `r${n}` }, async (span) => {
          await called((callback) => pool.query(`select ${n} as first`, callback))
          assert.equal(tracer.activeSpan, span)
          await new Promise<void>((resolve, reject) =>
            pool.getConnection((error, borrowed) => {
              if (error) return reject(error)
              assert.equal(tracer.activeSpan, span)
              borrowed.query(`select ${n} as second`, () => {
                assert.equal(tracer.activeSpan, span)
                borrowed.release()
                resolve()
              })
            }),
          )
        })
      await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
      const spans = await tracing.spans()
      for (let n = 0; n < 20; n++) {
        const request = find(spans, { name: 'request', resource: `r${n}` })
        assert.deepEqual(linesOf(childrenOf(request, spans)), [
          `mysql.query select ${n} as first`,
          `${acquire} ${acquire}`,
          `mysql.query select ${n} as second`,
        ])
      }
      assert.equal(spans.length, 80)
    })

    it('leaves no context behind with a connection that a request has opened', async () => {
      await tracer.trace('request', () => called((callback) => pool.query('select 1', callback)))
      const seen: unknown[] = []
      pool.on('release', () => seen.push(tracer.activeSpan))
      await called((callback) =>
        pool.query('select 2', (error: null) => {
          seen.push(tracer.activeSpan)
          callback(error, undefined)
        }),
      )
      assert.ok(seen.length > 0)
      assert.deepEqual([...new Set(seen)], [undefined])
      const spans = await tracing.spans()
      assert.equal(find(spans, { resource: 'select 2' }).parent_id, '0')
      assert.equal(spans.length, 3)
    })

    it('says how long a query of a pool has waited for its connection', async () => {
      const small = driver.createPool({ ...configOf(server()), connectionLimit: 1 })
      const borrowed = await called<Connection>((callback) => small.getConnection(callback))
      const waiting = called((callback) => small.query('select 1', callback))
      await called((callback) => borrowed.query('select sleep(0.05)', callback))
      borrowed.release()
      await waiting
      await called((callback) => small.end(callback))
      const spans = await tracing.spans()
      const waited = (resource: string) => find(spans, { resource }).metrics[waitTag]
      assert.ok(waited('select 1')! >= 45, `waited ${waited('select 1')} ms`)
      assert.equal(waited('select sleep(0.05)'), undefined)
      const { metrics, duration, type, meta } = find(spans, acquire)
      assert.ok(Math.abs(metrics[waitTag]! - Number(duration) / 1e6) < 5, `${metrics[waitTag]} ms of ${duration} ns`)
      assert.equal(type, 'sql')
      checkSpan(find(spans, acquire), plugin, server())
      assert.equal(meta['error.message'], undefined)
    })

    it('gives the error of a pool that finds no server', async () => {
      const lonely = driver.createPool({ host: '127.0.0.1', port: await freePort() })
      await assert.rejects(called((callback) => lonely.getConnection(callback)))
      await called((callback) => lonely.end(callback))
      const span = find(await tracing.spans(), acquire)
      assert.equal(span.error, 1)
      assert.match(span.meta['error.stack'] ?? '', /ECONNREFUSED/)
    })

    it('ends the spans of all queries whose connection is lost', async () => {
      const [{ id }] = await called<[{ id: number }]>((callback) =>
        connection.query('select connection_id() id', callback),
      )
      const told = called((callback) => connection.query('select sleep(5)', callback)).catch((error: Error) => error)
      const silent = connection.query('select 1')
      // The driver may tell the query itself or only the connection.
      const noticed = Promise.race([once(silent, 'end'), once(connection, 'error')].map((one) => one.catch(() => {})))
      const queued = called((callback) => connection.query('select 2', callback)).catch((error: Error) => error)
      const other = await open()
      await called((callback) => other.query(`kill ${id}`, callback))
      close(other)
      assert.ok((await told) instanceof Error)
      assert.ok((await queued) instanceof Error)
      await noticed
      const spans = await tracing.spans()
      for (const resource of ['select sleep(5)', 'select 1', 'select 2'])
        assert.equal(find(spans, { resource }).error, 1)
    })

    it('gives the error of a query on a connection that was closed', async function () {
      // Before, it never answers.
      if (plugin === 'mysql2' && !gte(library.version, '1.3.0')) this.skip()
      await called((callback) => connection.end(callback))
      await assert.rejects(called((callback) => connection.query('select 1', callback)))
      assert.equal(find(await tracing.spans(), { resource: 'select 1' }).error, 1)
    })

    describe('on a cluster', () => {
      const clusterOf = async () => {
        const cluster = driver.createPoolCluster({ removeNodeErrorCount: 1, defaultSelector: 'ORDER' })
        cluster.add('A', { ...configOf(server()), port: await freePort() })
        cluster.add('B', configOf(server()))
        return cluster
      }

      it('counts one acquire, however many nodes are tried', async () => {
        const cluster = await clusterOf()
        await tracer.trace('request', async (span) => {
          const borrowed = await called<Connection>((callback) => cluster.getConnection('*', 'ORDER', callback))
          assert.equal(tracer.activeSpan, span)
          await called((callback) => borrowed.query('select 1', callback))
          borrowed.release()
        })
        cluster.end()
        const spans = await tracing.spans()
        assert.deepEqual(linesOf(childrenOf(find(spans, 'request'), spans)), [
          `${acquire} ${acquire}`,
          'mysql.query select 1',
        ])
      })

      it('counts none for a query, which says how long it waited', async function () {
        const cluster = await clusterOf()
        const namespace = cluster.of('*', 'ORDER')
        // Before, a cluster only gives connections.
        if (!gte(library.version, plugin === 'mysql' ? '2.13.0' : '2.3.0')) {
          cluster.end()
          this.skip()
        }
        await tracer.trace('request', () => called((callback) => namespace.query('select 1', callback)))
        cluster.end()
        const spans = await tracing.spans()
        assert.deepEqual(linesOf(childrenOf(find(spans, 'request'), spans)), ['mysql.query select 1'])
        assert.ok(find(spans, { resource: 'select 1' }).metrics[waitTag]! > 0)
      })
    })
  })

  it('takes its service from the options', async () => {
    await start({ service: 'orders-db' })
    const connection = await open()
    await called((callback) => connection.query('select 1', callback))
    close(connection)
    const span = find(await tracing.spans(), 'mysql.query')
    assert.equal(span.service, 'orders-db')
    assert.equal(span.meta['_dd.base_service'], 'test')
    await stop()
  })

  it('leaves the library as it was, before and after', async () => {
    load()
    const connection = await open()
    const pool = driver.createPool(configOf(server()))
    const cluster = driver.createPoolCluster()
    const looks = () =>
      [connection, pool, cluster, cluster.of('*')].map((object) => {
        const methods: Record<string, [unknown, string, number, PropertyDescriptor]> = {}
        for (let at = Object.getPrototypeOf(object); at !== null; at = Object.getPrototypeOf(at)) {
          for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(at as object))) {
            const { value, ...attributes } = property
            if (typeof value === 'function')
              methods[key] ??= [value, value.name as string, value.length as number, attributes]
          }
        }
        return methods
      })
    const originals = looks()
    await start(false)
    assert.deepEqual(looks(), originals)
    await stop()
    await start()
    // The functions are others, and look the same.
    const shape = (all: ReturnType<typeof looks>) =>
      all.map((methods) => Object.fromEntries(Object.entries(methods).map(([key, [, ...rest]]) => [key, rest])))
    assert.notDeepEqual(looks(), originals)
    assert.deepEqual(shape(looks()), shape(originals))
    await stop()
    assert.deepEqual(looks(), originals)
    close(connection)
    await called((callback) => pool.end(callback))
    cluster.end()
  })
}
