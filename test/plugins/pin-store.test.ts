// Pins on what programs hold of the drivers of document stores, search servers and SQLite.

import { strict as assert } from 'node:assert'
import { isBuiltin } from 'node:module'
import { gte } from 'semver'
import { Pin } from '../../src'
import { cassandra, describeWith, elasticsearch7, elasticsearch8, mongo, opensearch, type Service } from '../services'
import { describePins, itFollowsPins, servicesOf, traced } from '../support/pin-suite'

const MONGODB = ['mongodb.query']

for (const version of ['3.7.4', '4.17.2', '5.9.2', '6.22.0', '7.9.0']) {
  describePins({ mongodb: version }, undefined, (set) => {
    describeWith(mongo, 'mongodb', (server) => {
      interface Cursor {
        toArray(): Promise<unknown>
      }
      interface Collection {
        find(filter: object): Cursor
        aggregate(pipeline: object[]): Cursor
        insertOne(document: object): Promise<unknown>
        bulkWrite(operations: object[]): Promise<unknown>
      }
      interface Db {
        collection(name: string): Collection
        command(command: object): Promise<unknown>
      }
      interface Client {
        connect(): Promise<unknown>
        db(name?: string): Db
        close(): Promise<void>
      }
      let MongoClient: new (url: string, options: object) => Client
      traced({ mongodb: true }, () => {
        MongoClient = (set.require('mongodb') as { MongoClient: typeof MongoClient }).MongoClient
      })
      const open = async () => {
        const isOld = version.startsWith('3')
        const client = new MongoClient(
          server().url,
          isOld ? { useUnifiedTopology: true, poolSize: 2 } : { maxPoolSize: 2 },
        )
        await client.connect()
        const db = client.db('dd-test-pins')
        return { client, db, collection: db.collection('numbers') }
      }
      type Subject = Awaited<ReturnType<typeof open>>
      const use = async (collection: Collection) => {
        await collection.insertOne({ n: 1 })
        await collection.find({ n: 1 }).toArray()
        await collection.aggregate([{ $match: { n: 1 } }]).toArray()
        await collection.bulkWrite([{ deleteMany: { filter: { n: 1 } } }])
      }
      const shared = { open, close: ({ client }: Subject) => client.close(), names: MONGODB }

      itFollowsPins<Subject>('a client', {
        ...shared,
        pinned: ({ client }) => client,
        async run({ client, collection }) {
          await use(collection)
          await client.db('dd-test-pins').collection('numbers').find({}).toArray()
        },
      })
      itFollowsPins<Subject>('a database', {
        ...shared,
        pinned: ({ db }) => db,
        async run({ db, collection }) {
          await use(collection)
          await db.command({ ping: 1 })
        },
      })
      itFollowsPins<Subject>('a collection', {
        ...shared,
        pinned: ({ collection }) => collection,
        run: ({ collection }) => use(collection),
      })

      it('on one collection beats that of its client', async () => {
        const { client, db, collection } = await open()
        Pin.override(client, { service: 'client', tags: { team: 'client' } })
        const services = await servicesOf(MONGODB, [
          [collection, { service: 'collection' }, () => use(collection)],
          [db, undefined, () => use(db.collection('numbers'))],
        ])
        await client.close()
        assert.deepEqual(services, [['collection client'], ['client client']])
      })
    })
  })
}

for (const version of ['6.13.11', '9.12.1']) {
  describePins({ mongoose: version }, undefined, (set) => {
    describeWith(mongo, 'mongoose', (server) => {
      interface Model {
        create(fields: object): Promise<unknown>
        find(filter: object): { exec(): Promise<unknown> }
      }
      interface Connection {
        asPromise(): Promise<unknown>
        model(name: string, schema: object): Model
        collection(name: string): { findOne(filter: object): Promise<unknown> }
        close(): Promise<void>
      }
      interface Mongoose {
        Schema: new (fields: object) => object
        createConnection(url: string): Connection
      }
      let mongoose: Mongoose
      traced({ mongoose: true, mongodb: true }, () => {
        mongoose = set.require('mongoose') as Mongoose
      })
      const open = async () => {
        const connection = mongoose.createConnection(server().url)
        await connection.asPromise()
        const model = connection.model('Number', new mongoose.Schema({ n: Number }))
        await model.find({}).exec()
        return { connection, model }
      }
      type Subject = Awaited<ReturnType<typeof open>>
      const use = async ({ model }: Subject) => {
        await model.create({ n: 1 })
        await model.find({ n: 1 }).exec()
      }
      const shared = { open, close: ({ connection }: Subject) => connection.close() }
      const names = ['mongoose.query', 'mongodb.query']

      itFollowsPins<Subject>('a model', { ...shared, pinned: ({ model }) => model, run: use, names })
      itFollowsPins<Subject>('a connection', {
        ...shared,
        pinned: ({ connection }) => connection,
        async run(subject) {
          await use(subject)
          await subject.connection.collection('numbers').findOne({})
        },
        names,
      })
    })
  })
}

for (const version of ['3.6.0', '4.10.0']) {
  describePins({ 'cassandra-driver': version }, undefined, (set) => {
    describeWith(cassandra, 'cassandra-driver', (server) => {
      interface Client {
        connect(): Promise<void>
        execute(query: string): Promise<unknown>
        batch(queries: string[]): Promise<unknown>
        shutdown(): Promise<void>
      }
      let Client: new (options: object) => Client
      traced({ 'cassandra-driver': true }, () => {
        Client = (set.require('cassandra-driver') as { Client: typeof Client }).Client
      })
      itFollowsPins<Client>('a client', {
        async open() {
          const client = new Client({ contactPoints: [new URL(server().url).host], localDataCenter: 'datacenter1' })
          await client.connect()
          return client
        },
        close: (client) => client.shutdown(),
        run: (client) => client.execute('select key from system.local'),
        names: ['cassandra.query'],
      })
    })
  })
}

const SEARCH: readonly [plugin: string, library: string, version: string, service: Service][] = [
  ['elasticsearch', 'elasticsearch', '16.7.3', elasticsearch7],
  ['elasticsearch', '@elastic/elasticsearch', '7.17.14', elasticsearch7],
  ['elasticsearch', '@elastic/elasticsearch', '8.19.2', elasticsearch8],
  ['elasticsearch', '@elastic/elasticsearch', '9.5.1', elasticsearch7],
  ['opensearch', '@opensearch-project/opensearch', '2.13.0', opensearch],
  ['opensearch', '@opensearch-project/opensearch', '3.9.0', opensearch],
]
for (const [plugin, library, version, service] of SEARCH) {
  describePins({ [library]: version }, undefined, (set) => {
    describeWith(service, plugin, (server) => {
      interface Client {
        ping(): Promise<unknown>
        child(options: object): Client
        close(): unknown
      }
      let Client: new (options: object) => Client
      traced({ [plugin]: true }, () => {
        Client = (set.require(library) as { Client: typeof Client }).Client
      })
      const isLegacy = library === 'elasticsearch'
      itFollowsPins<Client>('a client', {
        open: () => new Client(isLegacy ? { hosts: [server().url], log: [] } : { node: server().url }),
        close: (client) => void client.close(),
        async run(client) {
          await client.ping()
          if (!isLegacy) await client.child({}).ping()
        },
        names: [`${plugin}.query`],
      })
      if (isLegacy) return

      it('on a client made of another beats that of the other', async () => {
        const client = new Client({ node: server().url })
        const [one, two] = [client.child({}), client.child({})]
        Pin.override(client, { service: 'client', tags: { team: 'client' } })
        const services = await servicesOf(
          [`${plugin}.query`],
          [
            [one, { service: 'child' }, () => one.ping()],
            [two, undefined, () => two.ping()],
          ],
        )
        client.close()
        assert.deepEqual(services, [['child client'], ['client client']])
      })
    })
  })
}

interface Statement {
  get(...values: unknown[]): unknown
  iterate(...values: unknown[]): Iterable<unknown>
}

interface Database {
  prepare(text: string): Statement
  exec(text: string): unknown
  close(): void
}

function followsDatabases(load: () => new (path: string) => Database): void {
  itFollowsPins<Database>('a database', {
    open: () => new (load())(':memory:'),
    close: (database) => database.close(),
    run(database) {
      database.exec('create table if not exists t (n integer)')
      const statement = database.prepare('select 1 as n')
      statement.get()
      assert.equal([...statement.iterate()].length, 1)
    },
    names: ['sqlite.query'],
  })
}

// 13 asks for Node 22.
const BETTER_SQLITE3 = gte(process.versions.node, '22.0.0') ? '13.2.0' : '12.11.1'
describePins({ 'better-sqlite3': BETTER_SQLITE3 }, ['better-sqlite3'], (set) => {
  let Class: new (path: string) => Database
  traced({ 'better-sqlite3': true }, () => {
    Class = set.require('better-sqlite3') as typeof Class
  })
  followsDatabases(() => Class)
})

if (isBuiltin('node:sqlite')) {
  describe('pins with node:sqlite', () => {
    let Class: new (path: string) => Database
    traced({ 'node-sqlite': true }, () => {
      Class = (require('node:sqlite') as { DatabaseSync: typeof Class }).DatabaseSync
    })
    followsDatabases(() => Class)
  })
}

describePins({ sqlite3: '6.0.1' }, ['sqlite3'], (set) => {
  type Callback = (error: unknown) => void
  interface Callbacks {
    get(text: string, done: Callback): void
    prepare(text: string): { get(done: Callback): void; finalize(): void }
    close(): void
  }
  let Class: new (path: string) => Callbacks
  traced({ sqlite3: true }, () => {
    Class = (set.require('sqlite3') as { Database: typeof Class }).Database
  })
  const called = (call: (done: Callback) => void) =>
    new Promise<void>((resolve, reject) => call((error) => (error ? reject(error as Error) : resolve())))
  itFollowsPins<Callbacks>('a database', {
    open: () => new Class(':memory:'),
    close: (database) => database.close(),
    async run(database) {
      await called((done) => database.get('select 1', done))
      const statement = database.prepare('select 2')
      await called((done) => statement.get(done))
      statement.finalize()
    },
    names: ['sqlite.query'],
  })
})
