// The ways to ask MongoDB for something, and what a program sees of the driver.

import type { EventEmitter } from 'node:events'
import type { CallStyle } from '../support/call-styles'
import type { Library } from '../support/library'

interface Cursor extends AsyncIterable<unknown> {
  batchSize(size: number): Cursor
  sort(order: object): Cursor
  next(): Promise<unknown>
  next(callback: Callback): void
  toArray(): Promise<unknown[]>
  toArray(callback: Callback): void
  forEach(each: (item: unknown) => void, callback?: Callback): Promise<void> | undefined
  stream(): EventEmitter
  close(): Promise<void>
  close(callback: Callback): void
}

type Callback = (error: unknown, value?: unknown) => void

/** The methods of a collection that return a promise, or take a callback where the driver still does. */
type Method = (...args: unknown[]) => Promise<unknown>
type WithCallback =
  | ('findOne' | 'findOneAndUpdate' | 'countDocuments' | 'distinct' | 'createIndex')
  | ('insertOne' | 'insertMany' | 'updateOne' | 'updateMany' | 'deleteOne' | 'deleteMany' | 'bulkWrite')

interface Collection extends Record<WithCallback, Method> {
  find(filter: object): Cursor
  aggregate(pipeline: object[]): Cursor
  watch(pipeline?: object[], options?: object): EventEmitter & { close(): Promise<void> }
  initializeOrderedBulkOp(): { insert(document: object): void; execute(): Promise<unknown> }
}

interface Session {
  withTransaction(work: () => Promise<unknown>): Promise<unknown>
  endSession(): Promise<void>
}

export interface Client {
  connect(): Promise<unknown>
  db(name: string): { collection(name: string): Collection; command(command: object): Promise<unknown> }
  startSession(): Session
  close(): Promise<void>
  close(callback: Callback): void
}

export interface Subject {
  readonly client: Client
  readonly items: Collection
}

export interface Row extends CallStyle<Subject> {
  /** The resources of the spans, without the namespace. */
  readonly spans: readonly string[]
  readonly query?: string
  readonly failed?: RegExp
}

export const DATABASE = 'dd_test'
export const NAMESPACE = `${DATABASE}.items`
const BIG = { n: { $gt: 1 } }
const WRONG = { n: { $wrong: 1 } }

export const numbers = (documents: unknown) => (documents as { n: number }[]).map(({ n }) => n)
/** Replies hold parsers, clocks and connections; their counts are what a program wants. */
const count = (field: string) => (reply: unknown) => (reply as Record<string, unknown>)[field]
const message = (error: unknown) => {
  throw new Error(String((error as Error).message).slice(0, 40))
}

export function rowsOf({ major, version }: Library): Row[] {
  const remove = major === 3 ? 'remove' : 'delete'
  const insertMany = major === 7 || version === '6.22.0' ? ['bulkWrite', 'insert'] : ['insert']
  const rows: Row[] = [
    {
      name: 'find, all at once',
      run: ({ items }) => items.find(BIG).sort({ n: 1 }).toArray().then(numbers),
      spans: ['find'],
      query: '{"n":{"$gt":"?"}}',
    },
    {
      name: 'find, in batches by next',
      async run({ items }) {
        const cursor = items.find({}).batchSize(2)
        let read = 0
        while ((await cursor.next()) !== null) read++
        return read
      },
      spans: ['find', 'getMore'],
    },
    {
      name: 'find, by for await',
      async run({ items }) {
        let read = 0
        for await (const _ of items.find({}).batchSize(2)) read++
        return read
      },
      spans: ['find', 'getMore'],
    },
    {
      name: 'find, by forEach',
      run: ({ items }, probe) => items.find(BIG).forEach(() => void probe.note('each', 1)),
      spans: ['find'],
    },
    {
      name: 'find, as a stream',
      run({ items }, probe) {
        const stream = items.find({}).sort({ n: 1 }).batchSize(2).stream()
        stream.on('data', probe.optional('data'))
        stream.on('error', probe.optional('error'))
        stream.on(
          'end',
          probe.callback('end', () => {}),
        )
      },
      spans: ['find', 'getMore'],
    },
    {
      name: 'a cursor closed early',
      async run({ items }) {
        const cursor = items.find({}).batchSize(2)
        await cursor.next()
        await cursor.close()
      },
      spans: ['find'],
    },
    {
      name: 'findOne',
      run: ({ items }) => items.findOne({ _id: 2 }),
      spans: ['find'],
      query: '{"_id":"?"}',
    },
    {
      name: 'insertOne',
      run: ({ items }) => items.insertOne({ _id: 9, n: 9 }).then(count('insertedId')),
      spans: ['insert'],
    },
    {
      name: 'insertMany',
      run: ({ items }) => items.insertMany([{ _id: 8 }, { _id: 9 }]).then(count('insertedCount')),
      spans: insertMany,
    },
    {
      name: 'updateMany',
      run: ({ items }) => items.updateMany(BIG, { $set: { n: 7 } }).then(count('modifiedCount')),
      spans: ['update'],
      query: '{"n":{"$gt":"?"}}',
    },
    {
      name: 'deleteOne',
      run: ({ items }) => items.deleteOne({ _id: 1 }).then(count('deletedCount')),
      spans: [remove],
      query: '{"_id":"?"}',
    },
    {
      name: 'findOneAndUpdate',
      run: ({ items }) => items.findOneAndUpdate({ _id: 1 }, { $set: { n: 5 } }).then(() => {}),
      spans: ['findAndModify'],
      query: '{"_id":"?"}',
    },
    {
      name: 'aggregate',
      run: ({ items }) =>
        items
          .aggregate([{ $match: BIG }, { $sort: { n: 1 } }])
          .toArray()
          .then(numbers),
      spans: ['aggregate'],
      query: '[{"$match":{"n":{"$gt":"?"}}},{"$sort":{"n":"?"}}]',
    },
    { name: 'countDocuments', run: ({ items }) => items.countDocuments(BIG), spans: ['aggregate'] },
    { name: 'distinct', run: ({ items }) => items.distinct('n', BIG), spans: ['distinct'] },
    { name: 'createIndex', run: ({ items }) => items.createIndex({ n: 1 }), spans: ['createIndexes'] },
    {
      name: 'bulkWrite',
      run: ({ items }) =>
        items
          .bulkWrite([
            { insertOne: { document: { _id: 9 } } },
            { updateOne: { filter: { _id: 1 }, update: { $set: { n: 5 } } } },
            { deleteOne: { filter: { _id: 2 } } },
          ])
          .then(count('modifiedCount')),
      spans: ['bulkWrite', 'insert', 'update', remove],
    },
    {
      name: 'a bulk operation step by step',
      run({ items }) {
        const bulk = items.initializeOrderedBulkOp()
        bulk.insert({ _id: 9 })
        return bulk.execute().then(() => {})
      },
      spans: ['insert'],
    },
    {
      name: 'a command of the program',
      run: ({ client }) => client.db(DATABASE).command({ ping: 1 }).then(count('ok')),
      spans: ['ping'],
    },
    {
      name: 'a transaction',
      async run({ client, items }) {
        const session = client.startSession()
        await session.withTransaction(() => items.insertOne({ _id: 9 }, { session }))
        await session.endSession()
      },
      spans: ['insert', 'commitTransaction'],
    },
    {
      name: 'an error to a promise',
      run: ({ items }) => items.find(WRONG).toArray().catch(message),
      spans: ['find'],
      failed: /unknown operator/,
    },
    {
      name: 'an error that nobody handles',
      run({ items }, probe) {
        void items.countDocuments(WRONG).catch(message)
        return probe.unhandled()
      },
      spans: ['aggregate'],
      failed: /unknown operator/,
    },
    {
      name: 'an error to a stream',
      run({ items }, probe) {
        const stream = items.find(WRONG).stream()
        const failed = probe.callback('error')
        stream.on('error', (error: Error) => failed(error.message.slice(0, 30)))
        stream.on('data', () => {})
      },
      spans: ['find'],
      failed: /unknown operator/,
    },
    {
      name: 'a duplicate key',
      run: ({ items }) => items.insertOne({ _id: 1 }).catch(message),
      spans: ['insert'],
      failed: /E11000/,
    },
    {
      name: 'a duplicate key among many',
      run: ({ items }) => items.bulkWrite([{ insertOne: { document: { _id: 1 } } }]).catch(message),
      spans: ['bulkWrite', 'insert'],
      failed: /E11000/,
    },
    {
      name: 'a bulk write of nothing',
      run: ({ items }) => items.bulkWrite(),
      spans: ['bulkWrite'],
      failed: /array|ordered/,
    },
  ]
  return major < 5 ? [...rows, ...callbackRows] : rows
}

/** The driver took callbacks until version 5. */
const callbackRows: Row[] = [
  {
    name: 'find and a callback',
    run({ items }, probe) {
      const done = probe.callback()
      return items
        .find(BIG)
        .sort({ n: 1 })
        .toArray((error, documents) => done(error, numbers(documents)))
    },
    spans: ['find'],
  },
  {
    name: 'findOne and a callback',
    run: ({ items }, probe) => items.findOne({ _id: 2 }, probe.callback()),
    spans: ['find'],
  },
  {
    name: 'next, close and callbacks',
    run({ items }, probe) {
      const cursor = items.find({}).batchSize(2)
      const read = probe.callback('next')
      const closed = probe.callback('close')
      cursor.next((error, document) => {
        read(error, document)
        cursor.close((failure) => closed(failure))
      })
    },
    spans: ['find'],
  },
  {
    name: 'updateOne, options and a callback',
    run({ items }, probe) {
      const done = probe.callback()
      return items.updateOne({ _id: 1 }, { $set: { n: 5 } }, {}, (error: unknown, reply: unknown) =>
        done(error, count('modifiedCount')(reply)),
      )
    },
    spans: ['update'],
  },
  {
    name: 'bulkWrite and a callback',
    run({ items }, probe) {
      const done = probe.callback()
      return items.bulkWrite([{ insertOne: { document: { _id: 9 } } }], (error: unknown, reply: unknown) =>
        done(error, count('insertedCount')(reply)),
      )
    },
    spans: ['bulkWrite', 'insert'],
  },
  {
    name: 'an error to a callback',
    run({ items }, probe) {
      const done = probe.callback()
      return items.countDocuments(WRONG, (error: Error) => done(error.message.slice(0, 30)))
    },
    spans: ['aggregate'],
    failed: /unknown operator/,
  },
  {
    name: 'a callback that throws',
    run({ items }, probe) {
      items.countDocuments(
        {},
        probe.callback('callback', () => {
          throw new Error('from the callback')
        }),
      )
    },
    spans: ['aggregate'],
  },
]
