// The mongodb plugin with every major of the driver: each way to ask looks the same to the program with and without `dd`, and gives
// the spans of its commands, no more, under the right parent.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { describeWith, mongo } from '../services'
import { childrenOf, find } from '../support/agent'
import { describeCallStyles } from '../support/call-styles'
import { withAndWithoutComments } from '../support/comment-settings'
import { describeLibrary } from '../support/library'
import { Tracing } from '../support/tracing'
import { type Client, DATABASE, NAMESPACE, type Row, rowsOf, type Subject } from './mongodb-rows'

describeWith(mongo, 'mongodb', (server) => {
  const majors = {
    3: ['3.3.0', '3.7.4'],
    4: ['4.0.0', '4.17.2'],
    5: ['5.0.0', '5.9.2'],
    6: ['6.0.0', '6.22.0'],
    7: ['7.0.0', '7.9.0'],
  } as const
  describeLibrary('mongodb', { name: 'mongodb', majors }, (library) => {
    const { major } = library
    let tracing: Tracing
    const connect = async (options: object = {}) => {
      const { MongoClient } = library.load<{ MongoClient: new (url: string, options: object) => Client }>()
      const client = new MongoClient(server().url, { ...(major === 3 && { useUnifiedTopology: true }), ...options })
      await client.connect()
      return client
    }
    const open = async (options: object = {}): Promise<Subject> => {
      const client = await connect(options)
      const items = client.db(DATABASE).collection('items')
      await items.deleteMany({})
      await items.insertMany([1, 2, 3].map((n) => ({ _id: n, n })))
      return { client, items }
    }
    const close = ({ client }: Subject) => client.close()

    for (const [title, setting] of withAndWithoutComments) {
      describeCallStyles<Subject, Row>(title, rowsOf(library), {
        without: { open, close },
        with: {
          before: async () => {
            tracing = await Tracing.start({ mongodb: setting })
          },
          async open() {
            const subject = await open()
            await tracing.spans()
            tracing.clear()
            return subject
          },
          async check({ spans: wanted, query, failed }) {
            const spans = await tracing.spans()
            assert.deepEqual(spans.map(({ resource }) => resource.split(' ')[0]).sort(), [...wanted].sort())
            for (const span of spans) {
              const name = span.resource.split(' ')[0]
              const namespace =
                name === 'ping' ? `${DATABASE}.$cmd` : name === 'commitTransaction' ? 'admin.$cmd' : NAMESPACE
              assert.equal(span.resource, `${name} ${namespace}`)
              assert.equal(span.name, 'mongodb.query')
              assert.equal(span.type, 'mongodb')
              assert.equal(span.service, 'test-mongodb')
              assert.equal(span.meta['component'], 'mongodb')
              assert.equal(span.meta['span.kind'], 'client')
              assert.equal(span.meta['db.name'], namespace)
              assert.equal(span.error, failed ? 1 : 0)
              if (failed) assert.match(span.meta['error.message'] ?? '', failed)
              if (query !== undefined) assert.equal(span.meta['mongodb.query'], query)
              if (name === 'bulkWrite') continue
              const { hostname, port } = new URL(server().url)
              assert.equal(span.meta['out.host'], hostname)
              assert.equal(span.meta['out.port'], port)
              assert.equal(span.metrics['network.destination.port'], Number(port))
            }
          },
          close,
          after: () => tracing.stop(),
        },
      })
    }

    describe('in a program', () => {
      before(async () => {
        tracing = await Tracing.start({ mongodb: true })
      })
      beforeEach(async () => {
        await tracing.spans()
        tracing.clear()
      })
      after(() => tracing.stop())

      it('gives each of 20 concurrent requests on a cold pool its own commands', async () => {
        const client = await connect(major === 3 ? { poolSize: 3 } : { maxPoolSize: 3 })
        const items = client.db(DATABASE).collection('items')
        const ask = (n: number) =>
          tracer.trace('request', { resource: `r${n}` }, async (span) => {
            await items.findOne({ [`first${n}`]: 1 })
            assert.equal(tracer.activeSpan, span)
            await items.updateOne({ [`second${n}`]: 1 }, { $set: { x: 1 } })
            assert.equal(tracer.activeSpan, span)
            await items.aggregate([{ $match: { [`third${n}`]: 1 } }]).toArray()
          })
        await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
        await client.close()
        const spans = await tracing.spans()
        for (let n = 0; n < 20; n++) {
          const request = find(spans, { name: 'request', resource: `r${n}` })
          assert.deepEqual(
            childrenOf(request, spans).map(({ meta }) => meta['mongodb.query']),
            [`{"first${n}":"?"}`, `{"second${n}":"?"}`, `[{"$match":{"third${n}":"?"}}]`],
          )
        }
        assert.equal(spans.length, 80)
      })

      it('says nothing of what the driver does by itself', async () => {
        await tracer.trace('request', async () => {
          const client = await connect({ heartbeatFrequencyMS: 500 })
          const session = client.startSession()
          await client.db(DATABASE).collection('items').findOne({}, { session })
          await session.endSession()
          await client.close()
        })
        assert.deepEqual((await tracing.spans()).map(({ resource }) => resource).sort(), [
          `find ${NAMESPACE}`,
          'request',
        ])
      })

      it('puts the commands of a bulk write below it', async () => {
        const { client, items } = await open()
        await tracer.trace('request', () => items.bulkWrite([{ insertOne: { document: { _id: 9 } } }]))
        await client.close()
        const spans = await tracing.spans()
        const [bulk, ...others] = childrenOf(find(spans, 'request'), spans)
        assert.equal(bulk?.resource, `bulkWrite ${NAMESPACE}`)
        assert.deepEqual(others, [])
        assert.deepEqual(
          childrenOf(bulk!, spans).map(({ resource }) => resource),
          [`insert ${NAMESPACE}`],
        )
      })

      // There close() leaves a rejection to nobody, without dd too.
      if (library.version !== '5.0.0') {
        it('leaves change streams working', async () => {
          const { client, items } = await open()
          const stream = items.watch()
          const changed = new Promise<{ fullDocument?: unknown }>((resolve, reject) => {
            stream.on('change', resolve)
            stream.on('error', reject)
          })
          // The stream begins with its first reply.
          const inserting = setInterval(() => void items.insertOne({ n: 77 }).catch(() => {}), 50)
          const change = await changed
          clearInterval(inserting)
          assert.equal((change.fullDocument as { n: number }).n, 77)
          await stream.close()
          await client.close()
        })
      }

      if (major === 3) {
        it('knows the older way to keep connections too', async () => {
          const { client, items } = await open({ useUnifiedTopology: false })
          await tracing.spans()
          tracing.clear()
          const ask = (n: number) => tracer.trace(`request ${n}`, () => items.findOne({ [`is${n}`]: 1 }))
          await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
          await client.close()
          const spans = await tracing.spans()
          for (let n = 0; n < 20; n++) {
            const [query, ...others] = childrenOf(find(spans, `request ${n}`), spans)
            assert.deepEqual(others, [])
            assert.equal(query?.meta['mongodb.query'], `{"is${n}":"?"}`)
            assert.equal(query?.meta['out.port'], new URL(server().url).port)
          }
        })
      }

      if (major < 5) {
        it('runs callbacks in the context of the call', async () => {
          const { client, items } = await open()
          const seen: string[] = []
          const inside = (what: string, span: unknown, next: () => void) => () => {
            if (tracer.activeSpan === span) seen.push(what)
            next()
          }
          await Promise.all(
            Array.from({ length: 5 }, () =>
              tracer.trace(
                'request',
                (span) =>
                  new Promise<void>((resolve) => {
                    const cursor = items.find({}).batchSize(2)
                    const close = () => cursor.close(inside('close', span, resolve))
                    const next = () => cursor.next(inside('next', span, close))
                    items.findOne({}, inside('findOne', span, next))
                  }),
              ),
            ),
          )
          await client.close()
          assert.equal(seen.length, 15, seen.join())
        })
      }
    })

    describe('with options', () => {
      const spanOf = async (options: Record<string, unknown>) => {
        tracing = await Tracing.start({ mongodb: options })
        const { client, items } = await open()
        await tracing.spans()
        tracing.clear()
        await items.find({ n: { $in: [1, 'two'] } }).toArray()
        await client.close()
        const spans = await tracing.spans()
        await tracing.stop()
        return find(spans, 'mongodb.query')
      }

      it('takes its service from them', async () => {
        const span = await spanOf({ service: 'orders-db' })
        assert.equal(span.service, 'orders-db')
        assert.equal(span.meta['_dd.base_service'], 'test')
      })

      it('shows types, or values, or the query in the resource', async () => {
        const types = await spanOf({ obfuscateQuery: 'types' })
        assert.equal(types.meta['mongodb.query'], '{"n":{"$in":["number","string"]}}')
        const none = await spanOf({ obfuscateQuery: 'none' })
        assert.equal(none.meta['mongodb.query'], '{"n":{"$in":[1,"two"]}}')
        const named = await spanOf({ queryInResourceName: true })
        assert.equal(named.resource, `find ${NAMESPACE} {"n":{"$in":["?","?"]}}`)
      })
    })

    it('leaves the library as it was, before and after', async () => {
      // Its files need each other and are to be loaded in this order.
      library.load()
      const places: [file: string, name: string, method: string][] = [
        ['lib/collection.js', 'Collection', 'bulkWrite'],
        major === 3
          ? ['lib/core/wireprotocol/index.js', '', 'query']
          : ['lib/cmap/connection.js', 'Connection', 'command'],
      ]
      const found = () =>
        places.map(([file, name, method]) => {
          const exports = library.load<Record<string, { prototype: object }> & { prototype: object }>(`mongodb/${file}`)
          const target = name === '' ? exports : (exports[name] ?? exports).prototype
          return Object.getOwnPropertyDescriptor(target, method)
        })
      const original = found()
      tracing = await Tracing.start({ mongodb: false })
      assert.deepEqual(found(), original)
      await tracing.stop()
      tracing = await Tracing.start({ mongodb: true })
      for (const [at, patched] of found().entries()) {
        const method = original[at]?.value as () => void
        assert.notEqual(patched?.value, method)
        assert.equal(patched?.value.name, method.name)
        assert.equal(patched?.value.length, method.length)
      }
      await tracing.stop()
      assert.deepEqual(found(), original)
    })
  })
})
