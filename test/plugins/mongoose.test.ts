// The mongoose plugin: whatever a model is asked looks the same with and without `dd`, runs once, and is a span above the
// driver's.

import { strict as assert } from 'node:assert'
import type { EventEmitter } from 'node:events'
import { tracer } from '../../src'
import { describeWith, mongo } from '../services'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { describeLibrary, type Library } from '../support/library'
import { Tracing } from '../support/tracing'
import { numbers } from './mongodb-rows'

type Callback = (error: unknown, value?: unknown) => void

interface Query extends PromiseLike<unknown> {
  sort(order: unknown): Query
  lean(): Query
  orFail(): Query
  exec(): Promise<unknown>
  exec(callback: Callback): void
  cursor(): EventEmitter & AsyncIterable<unknown> & { next(): Promise<unknown> }
}

interface Document {
  n: number
  save(): Promise<unknown>
  save(callback: Callback): void
  $save(): Promise<unknown>
}

type Ask = (...args: unknown[]) => Query

interface Model
  extends Record<
    'find' | 'findOne' | 'countDocuments' | 'distinct' | 'updateOne' | 'deleteOne' | 'findOneAndUpdate',
    Ask
  > {
  new (fields: object): Document
  aggregate(pipeline: object[]): Query
  create(fields: object): Promise<unknown>
  insertMany(fields: object[], callback?: Callback): Promise<unknown>
  bulkWrite(operations: object[]): Promise<unknown>
  bulkSave(documents: Document[]): Promise<unknown>
}

interface Connection {
  asPromise(): Promise<unknown>
  model(name: string, schema: object): Model
  close(): Promise<void>
}

interface Mongoose {
  Schema: new (fields: object, options: object) => object
  createConnection(url: string, options?: object): Connection
}

interface Subject {
  readonly connection: Connection
  readonly Item: Model
}

interface Row extends CallStyle<Subject> {
  /** What the model is asked to do, and the commands this becomes. */
  readonly operation?: string
  readonly commands: readonly string[]
  readonly failed?: RegExp
}

const BIG = { n: { $gt: 1 } }
const WRONG = { $wrong: 1 }
const message = (error: unknown) => {
  throw new Error(String((error as Error).message).slice(0, 30))
}
function rowsOf({ major, version }: Library): Row[] {
  const insertMany = major === 9 || version === '8.24.10' ? ['bulkWrite', 'insert'] : ['insert']
  const rows: Row[] = [
    {
      name: 'a query that is awaited',
      run: async ({ Item }) => numbers(await Item.find(BIG).sort('n')),
      operation: 'find',
      commands: ['find'],
    },
    {
      name: 'a query that is handed over',
      run: ({ Item }) => Item.find(BIG).sort('n').lean(),
      operation: 'find',
      commands: ['find'],
    },
    { name: 'a query that nobody wants', run: ({ Item }) => void Item.find(BIG), commands: [] },
    {
      name: 'exec',
      run: ({ Item }) => Item.findOne({ n: 2 }).lean().exec(),
      operation: 'findOne',
      commands: ['find'],
    },
    {
      name: 'countDocuments',
      run: ({ Item }) => Item.countDocuments(BIG).exec(),
      operation: 'countDocuments',
      commands: ['aggregate'],
    },
    { name: 'distinct', run: ({ Item }) => Item.distinct('n').exec(), operation: 'distinct', commands: ['distinct'] },
    {
      name: 'updateOne',
      run: async ({ Item }) => ((await Item.updateOne({ n: 1 }, { n: 5 })) as { modifiedCount: number }).modifiedCount,
      operation: 'updateOne',
      commands: ['update'],
    },
    {
      name: 'deleteOne',
      run: async ({ Item }) => ((await Item.deleteOne({ n: 1 })) as { deletedCount: number }).deletedCount,
      operation: 'deleteOne',
      commands: ['delete'],
    },
    {
      name: 'findOneAndUpdate',
      run: ({ Item }) => Item.findOneAndUpdate({ n: 1 }, { n: 5 }).lean().exec(),
      operation: 'findOneAndUpdate',
      commands: ['findAndModify'],
    },
    {
      name: 'aggregate',
      run: async ({ Item }) => numbers(await Item.aggregate([{ $match: BIG }, { $sort: { n: 1 } }])),
      operation: 'aggregate',
      commands: ['aggregate'],
    },
    {
      name: 'aggregate, exec',
      run: ({ Item }) =>
        Item.aggregate([{ $match: BIG }, { $sort: { n: 1 } }])
          .exec()
          .then(numbers),
      operation: 'aggregate',
      commands: ['aggregate'],
    },
    {
      name: 'save',
      run: ({ Item }) => new Item({ _id: 9, n: 9 }).save().then(() => {}),
      operation: 'save',
      commands: ['insert'],
    },
    {
      name: '$save',
      run: ({ Item }) => new Item({ _id: 9, n: 9 }).$save().then(() => {}),
      operation: 'save',
      commands: ['insert'],
    },
    {
      name: 'create',
      run: ({ Item }) => Item.create({ _id: 9, n: 9 }).then(() => {}),
      operation: 'save',
      commands: ['insert'],
    },
    {
      name: 'insertMany',
      run: ({ Item }) => Item.insertMany([{ _id: 8 }, { _id: 9 }]).then((made) => (made as unknown[]).length),
      operation: 'insertMany',
      commands: insertMany,
    },
    {
      name: 'bulkWrite',
      run: ({ Item }) => Item.bulkWrite([{ insertOne: { document: { _id: 9 } } }]).then(() => {}),
      operation: 'bulkWrite',
      commands: ['bulkWrite', 'insert'],
    },
    {
      name: 'bulkSave',
      run: ({ Item }) => Item.bulkSave([new Item({ _id: 9, n: 9 })]).then(() => {}),
      operation: 'bulkWrite',
      commands: ['bulkWrite', 'insert'],
    },
    {
      name: 'a cursor by for await',
      async run({ Item }) {
        let read = 0
        for await (const _ of Item.find(BIG).cursor()) read++
        return read
      },
      commands: ['find'],
    },
    {
      name: 'a cursor as a stream',
      run({ Item }, probe) {
        const stream = Item.find(BIG).sort('n').lean().cursor()
        stream.on('data', probe.optional('data'))
        stream.on(
          'end',
          probe.callback('end', () => {}),
        )
      },
      commands: ['find'],
    },
    {
      name: 'an error of the server',
      run: ({ Item }) => Item.aggregate([WRONG]).exec().catch(message),
      operation: 'aggregate',
      commands: ['aggregate'],
      failed: /\$wrong/,
    },
    {
      name: 'an error that nobody handles',
      run({ Item }, probe) {
        void Item.aggregate([WRONG]).exec()
        return probe.unhandled()
      },
      operation: 'aggregate',
      commands: ['aggregate'],
      failed: /\$wrong/,
    },
    {
      name: 'a document that is not valid',
      run: ({ Item }) => new Item({ _id: 9, n: 'not a number' }).save().catch(message),
      operation: 'save',
      commands: [],
      failed: /validation failed/,
    },
    {
      name: 'nothing found where something must be',
      run: ({ Item }) => Item.findOne({ n: 99 }).orFail().exec().catch(message),
      operation: 'findOne',
      commands: ['find'],
      failed: /No document found/,
    },
  ]
  return major === 6 ? [...rows, ...callbackRows] : rows
}

/** Mongoose took callbacks until version 7. */
const callbackRows: Row[] = [
  {
    name: 'exec and a callback',
    run: ({ Item }, probe) => Item.findOne({ n: 2 }).lean().exec(probe.callback()),
    operation: 'findOne',
    commands: ['find'],
  },
  {
    name: 'find and a callback',
    run({ Item }, probe) {
      const done = probe.callback()
      Item.countDocuments(BIG, (error: unknown, count: unknown) => done(error, count))
    },
    operation: 'countDocuments',
    commands: ['aggregate'],
  },
  {
    name: 'save and a callback',
    run({ Item }, probe) {
      const done = probe.callback()
      return new Item({ _id: 9, n: 9 }).save((error) => done(error))
    },
    operation: 'save',
    commands: ['insert'],
  },
  {
    name: 'insertMany and a callback',
    run({ Item }, probe) {
      const done = probe.callback()
      return Item.insertMany([{ _id: 9 }], (error) => done(error))
    },
    operation: 'insertMany',
    commands: ['insert'],
  },
  {
    name: 'an error to a callback',
    run({ Item }, probe) {
      const done = probe.callback()
      return Item.aggregate([WRONG]).exec((error) => done(String(error).slice(0, 30)))
    },
    operation: 'aggregate',
    commands: ['aggregate'],
    failed: /\$wrong/,
  },
]

describeWith(mongo, 'mongoose', (server) => {
  const majors = {
    6: ['6.0.0', '6.13.11'],
    7: ['7.0.0', '7.8.13'],
    8: ['8.0.0', '8.24.10'],
    9: ['9.0.0', '9.12.1'],
  } as const
  describeLibrary('mongoose', { name: 'mongoose', majors }, (library) => {
    let tracing: Tracing
    const connect = (): Subject => {
      const { Schema, createConnection } = library.load<Mongoose>()
      const connection = createConnection(`${server().url}dd_mongoose`)
      const schema = new Schema({ _id: Number, n: Number }, { versionKey: false, autoIndex: false, autoCreate: false })
      return { connection, Item: connection.model('Item', schema) }
    }
    const open = async () => {
      const subject = connect()
      await subject.connection.asPromise()
      await (subject.Item as unknown as { deleteMany(filter: object): Query }).deleteMany({})
      await subject.Item.insertMany([1, 2, 3].map((n) => ({ _id: n, n })))
      return subject
    }
    const close = ({ connection }: Subject) => connection.close()
    const cleared = async <T>(subject: T) => {
      await tracing.spans()
      tracing.clear()
      return subject
    }

    describeCallStyles<Subject, Row>('asked for by', rowsOf(library), {
      without: { open, close },
      with: {
        before: async () => {
          tracing = await Tracing.start({ mongoose: true, mongodb: true })
        },
        open: async () => cleared(await open()),
        async check({ operation, commands, failed }) {
          const spans = await tracing.spans()
          const names = spans.filter(({ name }) => name === 'mongodb.query').map(({ resource }) => resource)
          assert.deepEqual(
            names.sort(),
            commands.map((command) => `${command} dd_mongoose.items`),
          )
          assert.equal(spans.length, commands.length + (operation === undefined ? 0 : 1))
          if (operation === undefined) return
          const span = find(spans, 'mongoose.query')
          assert.equal(span.resource, `Item.${operation}`)
          assert.equal(span.service, 'test')
          assert.equal(span.error, failed ? 1 : 0)
          if (failed) assert.match(span.meta['error.message'] ?? '', failed)
          assert.equal(span.meta['component'], 'mongoose')
          assert.equal(span.meta['span.kind'], 'internal')
          assert.equal(span.meta['db.name'], 'dd_mongoose.items')
          assert.equal(span.meta['mongoose.model'], 'Item')
          assert.equal(span.meta['mongoose.operation'], operation)
          assert.equal(childrenOf(span, spans).length, Math.min(commands.length, 1))
        },
        close,
        after: () => tracing.stop(),
      },
    })

    describe('in a program', () => {
      before(async () => {
        tracing = await Tracing.start({ mongoose: true, mongodb: true })
      })
      after(() => tracing.stop())

      it('gives each of 20 requests its own operations, even before the connection is open', async () => {
        await close(await cleared(await open()))
        const subject = connect()
        const { Item } = subject
        const ask = (n: number) =>
          tracer.trace('request', { resource: `r${n}` }, async (span) => {
            await Item.findOne({ n })
            assert.equal(tracer.activeSpan, span)
            await Item.updateOne({ n }, { n })
            await Item.aggregate([{ $match: { n } }])
            assert.equal(tracer.activeSpan, span)
          })
        await cleared(undefined)
        await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
        await close(subject)
        const spans = await tracing.spans()
        for (let n = 0; n < 20; n++) {
          const operations = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
          assert.deepEqual(
            operations.map(({ resource }) => resource),
            ['Item.findOne', 'Item.updateOne', 'Item.aggregate'],
          )
          assert.deepEqual(
            operations.flatMap((operation) => childrenOf(operation, spans)).map(({ resource }) => resource),
            ['find', 'update', 'aggregate'].map((command) => `${command} dd_mongoose.items`),
          )
        }
        assert.equal(spans.length, 140)
      })

      it('lets what was asked in vain time out', async () => {
        const { Schema, createConnection } = library.load<Mongoose>()
        const connection = createConnection('mongodb://127.0.0.1:1/nowhere', { serverSelectionTimeoutMS: 500 })
        const failed = connection.asPromise().catch(() => {})
        // Of the schema, since 6 and 7 do not take it of a connection.
        const options = { autoIndex: false, autoCreate: false, bufferTimeoutMS: 50 }
        const Item = connection.model('Item', new Schema({ n: Number }, options))
        await cleared(undefined)
        await assert.rejects(async () => await Item.findOne({ n: 1 }), /buffering timed out/)
        const span = find(await tracing.spans(), 'mongoose.query')
        assert.match(span.meta['error.message'] ?? '', /buffering timed out/)
        // 6 waits for ever to close what is still connecting.
        await failed
        await connection.close()
      })
    })

    it('takes its service from the options', async () => {
      tracing = await Tracing.start({ mongoose: { service: 'shop' } })
      const subject = await cleared(await open())
      await subject.Item.findOne({})
      await close(subject)
      assert.equal(find(await tracing.spans(), 'mongoose.query').service, 'shop')
      await tracing.stop()
    })

    it('leaves the library as it was, before and after', async () => {
      const { Query, Model } = library.load<Record<'Query' | 'Model', { prototype: object }>>()
      const found = () => [
        ['exec', Object.getOwnPropertyDescriptor(Query.prototype, 'exec')] as const,
        ['save', Object.getOwnPropertyDescriptor(Model.prototype, 'save')] as const,
        ['insertMany', Object.getOwnPropertyDescriptor(Model, 'insertMany')] as const,
      ]
      const original = found()
      tracing = await Tracing.start({ mongoose: false })
      assert.deepEqual(found(), original)
      await tracing.stop()
      tracing = await Tracing.start({ mongoose: true })
      for (const [at, [name, patched]] of found().entries()) {
        const before = original[at]?.[1]
        assert.notEqual(patched?.value, before?.value, name)
        assert.equal(patched?.value.name, before?.value.name)
        assert.equal(patched?.value.length, before?.value.length)
        assert.equal(patched?.enumerable, before?.enumerable)
      }
      await tracing.stop()
      assert.deepEqual(found(), original)
    })
  })
})
