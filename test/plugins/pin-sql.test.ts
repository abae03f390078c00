// Pins on what programs hold of the drivers of SQL databases: clients, pools, clusters, their wrappers for promises.

import { strict as assert } from 'node:assert'
import { Pin } from '../../src'
import { describeWith, mariadb, mysql, needsConcurrency, postgres } from '../services'
import { describePins, itFollowsPins, servicesOf, traced } from '../support/pin-suite'
import { TdsServer } from '../support/tds-server'
import { type Cluster, type Connection, called, configOf, connected, type Driver, type Pool } from './mysql-driver'
import type * as pg from './pg-driver'

describePins({ pg: '8.23.1', 'pg-pool': '3.14.0' }, undefined, (set) => {
  describeWith(postgres, 'pg', (server) => {
    interface Driver {
      Client: new (config: object) => pg.Client
      Pool: new (config: object) => pg.Pool & { connect(): Promise<pg.Client> }
    }
    let driver: Driver
    before(function () {
      needsConcurrency(this, server())
    })
    traced({ pg: true }, () => {
      driver = set.require('pg') as Driver
    })
    const query = async (client: { query(text: string): unknown }) => client.query('select 1')
    const openPool = () => new driver.Pool({ connectionString: server().url, max: 2 })

    itFollowsPins<pg.Client>('a client', {
      async open() {
        const client = new driver.Client({ connectionString: server().url })
        await client.connect()
        return client
      },
      close: (client) => client.end(),
      run: query,
      names: ['pg.query'],
    })
    itFollowsPins<pg.Pool>('a pool', {
      open: openPool,
      close: (pool) => pool.end(),
      async run(pool) {
        await query(pool)
        const client = await pool.connect()
        await query(client)
        client.release()
      },
      names: ['pg.query', 'pg.pool.acquire'],
    })

    it('on one client of a pool beats that of the pool', async () => {
      const pool = openPool()
      const [one, two] = [await pool.connect(), await pool.connect()]
      Pin.override(pool, { service: 'pool', tags: { team: 'pool' } })
      const services = await servicesOf(
        ['pg.query'],
        [
          [one, { service: 'one' }, () => query(one)],
          [two, undefined, () => query(two)],
        ],
      )
      one.release()
      two.release()
      await pool.end()
      assert.deepEqual(services, [['one pool'], ['pool pool']])
    })
  })
})

for (const [name, version] of [
  ['mysql', '2.18.1'],
  ['mysql2', '1.7.0'],
  ['mysql2', '3.24.6'],
] as const) {
  describePins({ [name]: version }, undefined, (set) => {
    describeWith(mysql, name, (server) => {
      let driver: Driver
      traced({ [name]: true }, () => {
        driver = set.require(name) as Driver
      })
      const names = ['mysql.query', `${name}.pool.acquire`]
      const query = (client: { query(...args: unknown[]): unknown }) =>
        called((callback) => client.query('select 1', callback))
      const borrow = (pool: Pool) => called<Connection>((callback) => pool.getConnection(callback))
      const openPool = () => driver.createPool({ ...configOf(server()), connectionLimit: 2 })

      itFollowsPins<Connection>('a connection', {
        open: () => connected(driver, configOf(server())),
        close: (connection) => connection.destroy(),
        run: query,
        names: ['mysql.query'],
      })
      itFollowsPins<Pool>('a pool', {
        open: openPool,
        close: (pool) => called((callback) => pool.end(callback)),
        async run(pool) {
          await query(pool)
          const connection = await borrow(pool)
          await query(connection)
          connection.release()
        },
        names,
      })
      itFollowsPins<Cluster>('a cluster', {
        open() {
          const cluster = driver.createPoolCluster()
          cluster.add('A', configOf(server()))
          return cluster
        },
        close: (cluster) => cluster.end(),
        async run(cluster) {
          const connection = await borrow(cluster.of('*'))
          await query(connection)
          connection.release()
        },
        names,
      })

      it('on one connection of a pool beats that of the pool', async () => {
        const pool = openPool()
        const [one, two] = [await borrow(pool), await borrow(pool)]
        Pin.override(pool, { service: 'pool', tags: { team: 'pool' } })
        const services = await servicesOf(
          ['mysql.query'],
          [
            [one, { service: 'one' }, () => query(one)],
            [two, undefined, () => query(two)],
          ],
        )
        one.release()
        two.release()
        await called((callback) => pool.end(callback))
        assert.deepEqual(services, [['one pool'], ['pool pool']])
      })

      if (name === 'mysql2') {
        interface Promised {
          query(text: string): Promise<unknown>
          getConnection(): Promise<Promised & { release(): void }>
          end(): Promise<void>
        }
        let promised: { createConnection(config: object): Promise<Promised>; createPool(config: object): Promised }
        before(() => {
          promised = set.require('mysql2/promise') as typeof promised
        })
        itFollowsPins<Promised>('a connection by promise', {
          open: () => promised.createConnection(configOf(server())),
          close: (connection) => connection.end(),
          run: (connection) => connection.query('select 1'),
          names: ['mysql.query'],
        })
        itFollowsPins<Promised>('a pool by promise', {
          open: () => promised.createPool(configOf(server())),
          close: (pool) => pool.end(),
          async run(pool) {
            await pool.query('select 1')
            const connection = await pool.getConnection()
            await connection.query('select 2')
            connection.release()
          },
          names,
        })
      }
    })
  })
}

describePins({ mariadb: '3.5.4' }, undefined, (set) => {
  describeWith(mariadb, 'mariadb', (server) => {
    interface Connection {
      query(text: string): Promise<unknown>
      release(): Promise<void>
      end(): Promise<void>
    }
    interface Pool extends Connection {
      getConnection(): Promise<Connection>
    }
    let driver: { createConnection(options: object): Promise<Connection>; createPool(options: object): Pool }
    traced({ mariadb: true }, () => {
      driver = set.require('mariadb') as typeof driver
    })
    const query = (client: Connection) => client.query('select 1')

    itFollowsPins<Connection>('a connection', {
      open: () => driver.createConnection(configOf(server())),
      close: (connection) => connection.end(),
      run: query,
      names: ['mariadb.query'],
    })
    itFollowsPins<Pool>('a pool', {
      open: () => driver.createPool({ ...configOf(server()), connectionLimit: 2 }),
      close: (pool) => pool.end(),
      async run(pool) {
        await query(pool)
        const connection = await pool.getConnection()
        await query(connection)
        await connection.release()
      },
      names: ['mariadb.query', 'mariadb.pool.acquire'],
    })

    it('on one connection of a pool beats that of the pool', async () => {
      const pool = driver.createPool({ ...configOf(server()), connectionLimit: 2 })
      const [one, two] = [await pool.getConnection(), await pool.getConnection()]
      Pin.override(pool, { service: 'pool', tags: { team: 'pool' } })
      const services = await servicesOf(
        ['mariadb.query'],
        [
          [one, { service: 'one' }, () => query(one)],
          [two, undefined, () => query(two)],
        ],
      )
      await Promise.all([one.release(), two.release()])
      await pool.end()
      assert.deepEqual(services, [['one pool'], ['pool pool']])
    })
  })
})

describePins({ postgres: '3.4.9' }, undefined, (set) => {
  describeWith(postgres, 'postgres', (server) => {
    type Sql = ((text: TemplateStringsArray) => Promise<unknown>) & {
      begin<T>(run: (sql: Sql) => T): Promise<T>
      end(): Promise<void>
    }
    let connect: (url: string, options: object) => Sql
    before(function () {
      needsConcurrency(this, server())
    })
    traced({ postgres: true }, () => {
      connect = set.require('postgres') as typeof connect
    })
    itFollowsPins<Sql>('its function', {
      open: () => connect(server().url, { max: 2 }),
      close: (sql) => sql.end(),
      async run(sql) {
        await sql`select 1`
        await sql.begin((inside) => inside`select 2`)
      },
      names: ['postgres.query'],
    })
  })
})

describePins({ mssql: '12.7.14', tedious: '19.2.2' }, undefined, (set) => {
  interface Pool {
    connect(): Promise<Pool>
    request(): { query(text: string): Promise<unknown> }
    close(): Promise<void>
  }
  let server: TdsServer
  let mssql: { ConnectionPool: new (config: object) => Pool }
  before(async () => {
    server = await TdsServer.start()
  })
  after(() => server.stop())
  traced({ tedious: true }, () => {
    mssql = set.require('mssql') as typeof mssql
  })
  itFollowsPins<Pool>('a pool', {
    open: () =>
      new mssql.ConnectionPool({
        server: '127.0.0.1',
        port: server.port,
        user: 'reader',
        password: 'secret',
        database: 'shop',
        options: { encrypt: false },
        validateConnection: false,
      }).connect(),
    close: (pool) => pool.close(),
    run: (pool) => pool.request().query('select 1 as n'),
    names: ['tedious.request'],
  })
})
