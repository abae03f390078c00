// The comments of Database Monitoring as the servers see them: each query asks its server for its own text. That programs do not see
// them is shown with the call styles of each plugin, which run with comments too.

import { strict as assert } from 'node:assert'
import { type InitOptions, type PluginSetting, tracer } from '../../src'
import { describeWith, mariadb, mongo, mysql, needsConcurrency, postgres } from '../services'
import { find, type ReceivedSpan } from '../support/agent'
import { describePackages } from '../support/library'
import { TdsServer } from '../support/tds-server'
import { Tracing } from '../support/tracing'
import { type Connection, called, configOf, connected, type Driver } from './mysql-driver'
import type * as pg from './pg-driver'
import type { Sql } from './postgres-styles'
import type * as tds from './tedious-styles'

const packages = {
  ...{ pg: '8.23.1', 'pg-cursor': '2.22.0', 'pg-query-stream': '4.17.0', postgres: '3.4.9' },
  ...{ mysql: '2.18.1', mysql2: '3.24.6', mariadb: '3.5.4', tedious: '18.6.2', mongodb: '7.9.0' },
}
const PROGRAM: InitOptions = { env: 'test env', version: "1*/'2" }

let tracing: Tracing
const traced = (plugin: string, setting: PluginSetting = { dbmPropagationMode: 'full' }, more: InitOptions = {}) =>
  async function start() {
    tracing = await Tracing.start({ [plugin]: setting }, { ...PROGRAM, ...more })
  }

interface Cursor {
  comment(text: string): Cursor
  toArray(): Promise<unknown>
}

interface MongoDriver {
  MongoClient: new (
    url: string,
    options: object,
  ) => {
    on(event: string, heard: (event: { commandName: string; command: { comment?: unknown } }) => void): void
    connect(): Promise<unknown>
    db(name: string): {
      collection(name: string): {
        insertOne(document: object): Promise<unknown>
        find(filter: object): Cursor
        aggregate(stages: object[]): Cursor
      }
    }
    close(): Promise<void>
  }
}

/** The comments that the driver sends with some commands, as it tells who monitors them. */
async function commentsOf(
  { MongoClient }: MongoDriver,
  url: string,
  options: object = {},
): Promise<Record<string, unknown[]>> {
  const seen: Record<string, unknown[]> = {}
  const client = new MongoClient(url, { monitorCommands: true, ...options })
  client.on('commandStarted', ({ commandName, command }) => {
    if (/^(insert|find|aggregate)$/.test(commandName))
      seen[commandName] = [...(seen[commandName] ?? []), command.comment]
  })
  await client.connect()
  const items = client.db('dd_test').collection('items')
  await items.insertOne({ n: 1 })
  await items.find({ n: 1 }).toArray()
  await items.find({ n: 1 }).comment('mine').toArray()
  await items.aggregate([{ $match: { n: 1 } }]).toArray()
  await client.close()
  return seen
}

/** The comment of a constant text. */
function constant(database: string, system: string, host = '127.0.0.1'): string {
  const program = "dde='test%20env',ddh='HOST',ddps='test',ddpv='1%2A%2F%272'".replace('HOST', host)
  return `dddb='${database}',dddbs='test-${system}',${program}`
}

/** The comment that names a span. */
function full(span: ReceivedSpan, ...of: Parameters<typeof constant>): string {
  assert.equal(span.meta['_dd.dbm_trace_injected'], 'true')
  const id = span.meta['_dd.p.tid'] + BigInt(span.trace_id).toString(16).padStart(16, '0')
  const kept = (span.metrics['_sampling_priority_v1'] ?? 1) > 0
  const spanId = BigInt(span.span_id).toString(16).padStart(16, '0')
  return `${constant(...of)},traceparent='00-${id}-${spanId}-${kept ? '01' : '00'}'`
}

describePackages('comments in queries', packages, undefined, (set) => {
  afterEach(() => tracing.stop())

  describeWith(postgres, 'pg', (server) => {
    const TEXT = 'select query from pg_stat_activity where pid = pg_backend_pid()'
    let client: pg.Client
    before(function () {
      needsConcurrency(this, server())
    })
    const open = async () => {
      const { Client } = set.require('pg') as { Client: new (config: object) => pg.Client }
      client = new Client({ connectionString: server().url })
      await client.connect()
    }
    afterEach(() => client.end())
    const seen = async (config: unknown): Promise<string> =>
      ((await client.query(config)) as { rows: [{ query: string }] }).rows[0].query
    const own = () => tracing.spans().then((spans) => find(spans, 'pg.query'))
    const of = () => [new URL(server().url).pathname.slice(1), 'postgres'] as const

    for (const [title, config] of [
      ['text', TEXT],
      ['a configuration', { text: TEXT }],
      ['a frozen configuration', Object.freeze({ text: TEXT })],
      [
        'a configuration whose text is made when it is read',
        Object.freeze(
          Object.create(
            {
              get text() {
                return TEXT
              },
            },
            {},
          ),
        ),
      ],
    ] as const) {
      it(`has the span of its query: ${title}`, async () => {
        await traced('pg')()
        await open()
        const text = await seen(config)
        const span = await own()
        assert.equal(text, `/*${full(span, ...of())}*/ ${TEXT}`)
        assert.equal(span.resource, TEXT)
        if (typeof config === 'object') assert.equal(config.text, TEXT)
      })
    }

    it('has the span also where it submits itself, and leaves the object as it was', async () => {
      await traced('pg')()
      await open()
      const Cursor = set.require('pg-cursor') as new (
        text: string,
      ) => object & { read(n: number): Promise<[{ query: string }]>; close(): Promise<void> }
      const cursor = new Cursor(TEXT)
      const keys = Reflect.ownKeys(cursor)
      client.query(cursor)
      const [row] = await cursor.read(1)
      assert.deepEqual(
        Reflect.ownKeys(cursor).filter((key) => !keys.includes(key) && key === 'submit'),
        [],
      )
      assert.equal((cursor as { text?: string }).text, TEXT)
      await cursor.close()
      assert.equal(row.query, `/*${full(await own(), ...of())}*/ ${TEXT}`)
    })

    it('is the same each time where the statement has a name', async () => {
      await traced('pg')()
      await open()
      const named = { name: 'own', text: TEXT }
      const texts = [await seen(named), await seen(named)]
      assert.deepEqual(texts, Array(2).fill(`/*${constant(...of())}*/ ${TEXT}`))
      const [span] = await tracing.spans()
      assert.equal(span?.meta['_dd.dbm_trace_injected'], undefined)
    })

    it('does not come between a statement and its name, when the service changes', async () => {
      await traced('pg', true)()
      await open()
      const named = { name: 'own', text: TEXT }
      const first = await seen(named)
      await tracing.stop()
      await traced('pg')()
      assert.deepEqual([first, await seen(named)], [TEXT, TEXT])
    })

    it('can be the last, before a semicolon', async () => {
      await traced('pg', { dbmPropagationMode: 'service', appendComment: true })()
      await open()
      assert.equal(await seen(`${TEXT} ;`), `${TEXT} /*${constant(...of())}*/ ;`)
    })

    it('says that a trace is not kept, and by that has decided', async () => {
      await traced('pg', undefined, { sampleRate: 0, samplingRules: [] })()
      await open()
      const text = await tracer.trace('request', () => seen(TEXT))
      assert.match(text, /traceparent='00-[0-9a-f]{32}-[0-9a-f]{16}-00'\*\/ select/)
    })

    it('is not there unless it is asked for', async () => {
      await traced('pg', true)()
      await open()
      assert.equal(await seen(TEXT), TEXT)
      assert.equal((await own()).meta['_dd.dbm_trace_injected'], undefined)
    })
  })

  describeWith(postgres, 'postgres', (server) => {
    before(function () {
      needsConcurrency(this, server())
    })

    it('is constant where the statement is prepared, and names the span where it is not', async () => {
      await traced('postgres')()
      const connect = set.require('postgres') as (url: string, options: object) => Sql
      const sql = connect(server().url, { max: 1 })
      const of = [new URL(server().url).pathname.slice(1), 'postgres'] as const
      const [prepared] = await sql`select query as q, ${1}::int from pg_stat_activity where pid = pg_backend_pid()`
      const [simple] = await sql.unsafe('select query as q from pg_stat_activity where pid = pg_backend_pid()')
      await sql.end()
      const spans = await tracing.spans()
      assert.equal((prepared as { q: string }).q.split('*/ ')[0], `/*${constant(...of)}`)
      const last = spans.find(({ resource }) => resource.startsWith('select query as q from'))
      assert.equal((simple as { q: string }).q, `/*${full(last!, ...of)}*/ ${last!.resource}`)
    })
  })

  const OWN = 'select info as q from information_schema.processlist where id = connection_id()'
  const withEnd = (connection: { destroy(): void }) => connection.destroy()

  for (const plugin of ['mysql', 'mysql2'] as const) {
    describeWith(mysql, plugin, (server) => {
      it('names the span of a query, and not that of a statement', async () => {
        await traced(plugin)()
        const connection = await connected(set.require(plugin) as Driver, configOf(server()))
        const asked = [String(configOf(server())['database']), 'mysql', String(configOf(server())['host'])] as const
        const [{ q }] = await called<[{ q: string }]>((callback) => connection.query(OWN, callback))
        assert.equal(q, `/*${full(find(await tracing.spans(), 'mysql.query'), ...asked)}*/ ${OWN}`)
        if (plugin === 'mysql2') {
          const { execute } = connection as unknown as { execute(...args: unknown[]): unknown }
          for (const sql of [OWN, { sql: OWN }]) {
            const [row] = await called<[{ q: string }]>((callback) => execute.call(connection, sql, callback))
            assert.equal(row.q, `/*${constant(...asked)}*/ ${OWN}`)
          }
        }
        withEnd(connection as Connection)
      })
    })
  }

  describeWith(mariadb, 'mariadb', (server) => {
    it('names the span of a query, and not that of a statement', async () => {
      await traced('mariadb')()
      type Asking = { destroy(): void } & Record<'query' | 'execute', (sql: unknown) => Promise<[{ q: string }]>>
      const { createConnection } = set.require('mariadb') as { createConnection(config: object): Promise<Asking> }
      const connection = await createConnection(configOf(server()))
      const asked = [String(configOf(server())['database']), 'mariadb', String(configOf(server())['host'])] as const
      for (const sql of [OWN, Object.freeze({ sql: OWN })]) {
        await tracing.spans()
        tracing.clear()
        const [{ q }] = await connection.query(sql)
        assert.equal(q, `/*${full(find(await tracing.spans(), 'mariadb.query'), ...asked)}*/ ${OWN}`)
        assert.equal((await connection.execute(sql))[0].q, `/*${constant(...asked)}*/ ${OWN}`)
      }
      withEnd(connection)
    })
  })

  it('is the same for all texts of tedious, since SQL Server keeps their plans', async () => {
    const server = await TdsServer.start()
    await traced('tedious')()
    const { Connection, Request, TYPES } = set.require('tedious') as tds.Tedious
    const connection = new Connection({
      server: '127.0.0.1',
      authentication: { type: 'default', options: { userName: 'reader', password: 'secret' } },
      options: { port: server.port, database: 'shop', encrypt: false },
    })
    await called((callback) => connection.connect((error) => callback(error ?? null, undefined)))
    const [prefix, text] = [`/*${constant('shop', 'mssql')}*/ `, 'select @n as n']
    const asked: string[] = []
    const ask = (method: 'execSql' | 'execSqlBatch' | 'prepare' | 'callProcedure', sql: string) =>
      called((callback) => {
        const request = new Request(sql, (error) => callback((error ?? null) as Error | null, undefined))
        if (method === 'prepare') request.on('prepared', () => callback(null, undefined))
        if (method !== 'execSqlBatch') request.addParameter('n', TYPES.Int, 1)
        asked.push((request as unknown as { sqlTextOrProcedure: string }).sqlTextOrProcedure)
        connection[method](request)
      })
    server.texts.length = 0
    await ask('execSql', text)
    await ask('execSqlBatch', 'select 1 as n')
    assert.deepEqual(server.texts, [`${prefix}${text}`, `${prefix}select 1 as n`])
    await ask('prepare', text)
    assert.equal(server.texts.at(-1), `${prefix}${text}`)
    await ask('callProcedure', 'twice')
    connection.close()
    await server.stop()
    const spans = await tracing.spans()
    assert.deepEqual(
      spans.map(({ resource, meta }) => [resource, meta['_dd.dbm_trace_injected']]),
      asked.map((sql) => [sql, undefined]),
    )
    assert.equal(spans.length, 4)
  })

  describeWith(mongo, 'mongodb', (server) => {
    it('is in the field for comments, behind that of the program', async () => {
      await traced('mongodb')()
      const seen = await commentsOf(set.require('mongodb') as MongoDriver, server().url)
      const spans = await tracing.spans()
      const { hostname } = new URL(server().url)
      const of = ['dd_test.items', 'mongodb', hostname] as const
      const wanted = (resource: string) => full(find(spans, { resource }), ...of)
      const [find1, find2] = spans.filter(({ resource }) => resource === 'find dd_test.items')
      assert.deepEqual(seen, {
        insert: [wanted('insert dd_test.items')],
        find: [full(find1!, ...of), `mine,${full(find2!, ...of)}`],
        aggregate: [wanted('aggregate dd_test.items')],
      })
    })
  })
})

describePackages('comments in commands of old', { mongodb: '3.7.4' }, undefined, (set) => {
  describeWith(mongo, 'mongodb', (server) => {
    it('are in those that every server takes', async () => {
      await traced('mongodb')()
      const seen = await commentsOf(set.require('mongodb') as MongoDriver, server().url, { useUnifiedTopology: true })
      const spans = await tracing.spans()
      await tracing.stop()
      const of = ['dd_test.items', 'mongodb', new URL(server().url).hostname] as const
      const [first, second] = spans.filter(({ resource }) => resource === 'find dd_test.items')
      assert.deepEqual(seen['find'], [full(first!, ...of), `mine,${full(second!, ...of)}`])
      assert.deepEqual(seen['aggregate'], [full(find(spans, { resource: 'aggregate dd_test.items' }), ...of)])
      assert.deepEqual(seen['insert'], [undefined])
    })
  })
})
