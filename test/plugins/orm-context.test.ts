// knex, sequelize, typeorm and drizzle over the drivers that are traced, against a real PostgreSQL and a real MariaDB.

import { describeWith, mysql, postgres } from '../services'
import { describeLibrary, type Library } from '../support/library'
import { describeOrm, type Orm } from './orm-suite'

type Answer = Promise<unknown>

interface Knex {
  raw(text: string): Answer & { asCallback(done: (error: unknown) => void): void }
  select(raw: unknown): Answer & { stream(): AsyncIterable<unknown> }
  transaction(body: (trx: Knex) => Answer): Answer
  transaction(): Promise<Knex & { commit(): Answer }>
  destroy(): Answer
}

const beside = { pg: '8.23.1' }
const quiet = { logging: false }

const PG = { driver: 'pg', span: 'pg.query' }

function knexOver(library: Library, client: string, url: string): Orm {
  const knex = library.load<(config: object) => Knex>()({ client, connection: url, pool: { min: 0, max: 2 } })
  const rest = (text: string) => knex.raw(text.replace('select ', ''))
  return {
    async ask(text) {
      await knex.raw(text(0))
      await new Promise<void>((resolve, reject) =>
        knex.raw(text(1)).asCallback((error) => (error ? reject(error) : resolve())),
      )
      await knex.select(rest(text(2)))
      for await (const _row of knex.select(rest(text(3))).stream());
    },
    transaction: async (first, second) => {
      await knex.transaction(async (trx) => {
        await trx.raw(first)
        await trx.raw(second)
      })
    },
    later(text) {
      const query = knex.select(rest(text))
      return () => query
    },
    close: () => knex.destroy(),
  }
}

describeLibrary(
  'pg',
  {
    name: 'knex',
    // 3.0.0 was published without half of its files.
    majors: { 0: ['0.95.0', '0.95.15'], 1: ['1.0.7'], 2: ['2.5.1'], 3: ['3.0.1', '3.3.0'] },
    beside: { ...beside, 'pg-query-stream': '4.17.0', mysql2: '3.16.0' },
  },
  (library) => {
    describeWith(postgres, 'knex', (server) => {
      describeOrm({ ...PG, ways: 4, late: true }, () => knexOver(library, 'pg', server().url))
    })
    describeWith(mysql, 'knex', (server) => {
      describeOrm({ driver: 'mysql2', span: 'mysql.query', ways: 4, late: true }, () =>
        knexOver(library, 'mysql2', server().url),
      )
    })
  },
)

interface Sequelize {
  query(text: string, options?: object): Answer
  transaction(body: (transaction: object) => Answer): Answer
  close(): Answer
}

describeLibrary('pg', { name: 'sequelize', majors: { 6: ['6.1.0', '6.37.8'] }, beside }, (library) => {
  describeWith(postgres, 'sequelize', (server) => {
    describeOrm({ ...PG, ways: 2, late: false }, () => {
      const { Sequelize } = library.load<{ Sequelize: new (url: string, options: object) => Sequelize }>()
      const sequelize = new Sequelize(server().url, { ...quiet, pool: { min: 0, max: 2 } })
      return {
        async ask(text) {
          await sequelize.query(text(0))
          await sequelize.query(text(1), { plain: true })
        },
        transaction: async (first, second) => {
          await sequelize.transaction(async (transaction) => {
            await sequelize.query(first, { transaction })
            await sequelize.query(second, { transaction })
          })
        },
        close: () => sequelize.close(),
      }
    })
  })
})

interface Runner {
  query(text: string): Answer
}

interface DataSource extends Runner {
  initialize(): Answer
  transaction(body: (manager: Runner) => Answer): Answer
  createQueryRunner(): Runner & { release(): Answer }
  destroy(): Answer
}

describeLibrary(
  'pg',
  {
    name: 'typeorm',
    majors: { 0: ['0.3.0', '0.3.31'], 1: ['1.0.0', '1.1.1'] },
    beside: { ...beside, 'reflect-metadata': '0.2.2' },
  },
  (library) => {
    describeWith(postgres, 'typeorm', (server) => {
      describeOrm({ ...PG, ways: 2, late: false }, async () => {
        library.load('reflect-metadata')
        const { DataSource } = library.load<{ DataSource: new (options: object) => DataSource }>()
        const source = new DataSource({ type: 'postgres', url: server().url, ...quiet, extra: { max: 2 } })
        await source.initialize()
        return {
          async ask(text) {
            await source.query(text(0))
            const runner = source.createQueryRunner()
            await runner.query(text(1))
            await runner.release()
          },
          transaction: async (first, second) => {
            await source.transaction(async (manager) => {
              await manager.query(first)
              await manager.query(second)
            })
          },
          close: () => source.destroy(),
        }
      })
    })
  },
)

interface Drizzle {
  execute(query: unknown): Answer
  select(columns: object): { from(query: unknown): Answer }
  transaction(body: (inner: Drizzle) => Answer): Answer
}

describeLibrary(
  'pg',
  { name: 'drizzle-orm', majors: { 0: ['0.29.0', '0.45.4'] }, beside: { ...beside, postgres: '3.4.9' } },
  (library) => {
    const wayOf = (db: Drizzle, close: () => Answer) => {
      const { sql } = library.load<{ sql: { raw(text: string): unknown } }>()
      return {
        ask: async (text: (way: number) => string) => void (await db.execute(sql.raw(text(0)))),
        transaction: async (first: string, second: string) => {
          await db.transaction(async (inner) => {
            await inner.execute(sql.raw(first))
            await inner.execute(sql.raw(second))
          })
        },
        later(text: string) {
          const query = db.select({ late: sql.raw(text.replace('select ', '')) }).from(sql.raw('(select 1) as one'))
          return () => query
        },
        close,
      }
    }

    describeWith(postgres, 'drizzle', (server) => {
      describeOrm({ ...PG, ways: 1, late: true }, () => {
        const { Pool } = library.load<{ Pool: new (options: object) => { end(): Answer } }>('pg')
        const pool = new Pool({ connectionString: server().url, max: 2 })
        const { drizzle } = library.load<{ drizzle(client: object): Drizzle }>('drizzle-orm/node-postgres')
        return wayOf(drizzle(pool), () => pool.end())
      })

      describeOrm({ driver: 'postgres', span: 'postgres.query', ways: 1, late: true }, () => {
        const connect = library.load<(url: string, options: object) => { end(): Answer }>('postgres')
        const sql = connect(server().url, { max: 2, onnotice: () => {} })
        const { drizzle } = library.load<{ drizzle(client: object): Drizzle }>('drizzle-orm/postgres-js')
        return wayOf(drizzle(sql), () => sql.end())
      })
    })
  },
)
