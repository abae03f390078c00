// The cassandra-driver plugin against a real Cassandra: every way to ask for a query looks the same to the program with and without
// `dd`, and gives one span per page under the right parent.
// There is one node only, so that a query has the coordinator that its own result names, and not another's, is shown by values
// alone that are the same.

import { strict as assert } from 'node:assert'
import util from 'node:util'
import { gte } from 'semver'
import { tracer } from '../../src'
import { cassandra, describeWith } from '../services'
import { childrenOf, find, type ReceivedSpan } from '../support/agent'
import { describeCallStyles } from '../support/call-styles'
import { freePort } from '../support/free-port'
import { describeLibrary, type Library } from '../support/library'
import { Tracing } from '../support/tracing'
import {
  ALL,
  type Client,
  type Driver,
  type Result,
  type Row,
  rows,
  type Subject,
  TABLE,
} from './cassandra-driver-styles'

const KEYSPACE = 'dd_test'

type Named = { name: string; length: number } | undefined

describeWith(cassandra, 'cassandra-driver', (server) => {
  const majors = { 3: ['3.0.0', '3.6.0'], 4: ['4.0.0', '4.10.0'] } as const
  describeLibrary('cassandra-driver', { name: 'cassandra-driver', majors }, (library) => {
    giveBackIsDate()
    let tracing: Tracing

    const load = () => library.load<Driver>()
    const newClient = (options: object = {}): Client => {
      const { host } = new URL(server().url)
      return new (load().Client)({ contactPoints: [host], localDataCenter: 'datacenter1', ...options })
    }
    /** By callback, which all versions have. */
    const connect = (client: Client) =>
      new Promise<void>((resolve, reject) => {
        client.connect((error) => (error ? reject(error as Error) : resolve()))
      })
    const ask = (client: Client, ...args: unknown[]) =>
      new Promise<Result>((resolve, reject) => {
        client.execute(...args, (error: unknown, result: Result) => (error ? reject(error as Error) : resolve(result)))
      })
    const shutdown = (client: Client) => new Promise<void>((resolve) => void client.shutdown(resolve))

    before('make the table', async () => {
      const client = newClient()
      await ask(
        client,
        `create keyspace if not exists ${KEYSPACE} with replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
      )
      await ask(client, `create table if not exists ${TABLE} (id int, n int, primary key (id, n))`)
      for (const n of [1, 2, 3]) await ask(client, `insert into ${TABLE} (id, n) values (1, ${n})`)
      await shutdown(client)
    })

    let shared: Client
    const open = (): Subject => ({ driver: load(), client: shared })
    const begin = async () => {
      shared = newClient()
      await connect(shared)
    }
    describeCallStyles<Subject, Row>('asked for by', rowsOf(library), {
      without: { before: begin, open, after: () => shutdown(shared) },
      with: {
        before: async () => {
          tracing = await Tracing.start({ 'cassandra-driver': true })
          await begin()
        },
        open: () => {
          tracing.clear()
          return open()
        },
        async check({ resources = [ALL], failed = false }) {
          const spans = await tracing.spans()
          assert.deepEqual(
            // The mapper's quotes came with 4.2.
            spans.map(({ resource }) => resource.replaceAll('"', '')),
            resources,
          )
          for (const span of spans) {
            assert.equal(span.error, failed ? 1 : 0)
            if (failed) assert.ok(span.meta['error.message'])
            // A batch of nothing is refused before any node is asked.
            checkTags(span, span.resource === 'cassandra.query' ? undefined : new URL(server().url))
          }
        },
        after: async () => {
          await shutdown(shared)
          await tracing.stop()
        },
      },
    })

    describe('in a program', () => {
      let client: Client

      before(async () => {
        tracing = await Tracing.start({ 'cassandra-driver': true })
      })
      beforeEach(() => {
        client = newClient()
        tracing.clear()
      })
      afterEach(() => shutdown(client))
      after(() => tracing.stop())

      it('gives each of 20 requests at once on a cold client its own queries, and ends them all', async () => {
        const rowSpans: [active: unknown, expected: unknown][] = []
        const request = (n: number) =>
          tracer.trace('request', { resource: `r${n}` }, async (span) => {
            await ask(client, `${ALL} and n = ${n}`)
            assert.equal(tracer.activeSpan, span)
            await new Promise<void>((resolve, reject) => {
              const page = (error: unknown) => (error ? reject(error as Error) : resolve())
              client.eachRow(
                `${ALL} and n < ${n}`,
                [],
                { fetchSize: 1, autoPage: true },
                () => void rowSpans.push([tracer.activeSpan, span]),
                (error: unknown) => {
                  assert.equal(tracer.activeSpan, span)
                  page(error)
                },
              )
            })
            await new Promise<void>((resolve, reject) => {
              client.batch([`insert into ${TABLE} (id, n) values (3, ${n})`], (error: unknown) => {
                if (error) return reject(error as Error)
                assert.equal(tracer.activeSpan, span)
                resolve()
              })
            })
          })
        await Promise.all(Array.from({ length: 20 }, (_, n) => request(n)))
        // Of 1 row, of 2, of 3 and so on from there: there are no more.
        assert.equal(rowSpans.length, 1 + 2 + 3 * 16)
        for (const [active, expected] of rowSpans) assert.equal(active, expected)
        const spans = await tracing.spans()
        let queries = 0
        for (let n = 0; n < 20; n++) {
          const children = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
          const resources = new Set(children.map(({ resource }) => resource))
          assert.deepEqual(
            [...resources],
            [`${ALL} and n = ${n}`, `${ALL} and n < ${n}`, `insert into ${TABLE} (id, n) values (3, ${n});`],
          )
          for (const span of children) checkTags(span, new URL(server().url))
          queries += children.length
        }
        assert.equal(spans.length, 20 + queries)
      })

      it('gives each of 20 prepared queries at once on a cold client its own span', async () => {
        const text = `${ALL} and n = ?`
        await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            tracer.trace('request', { resource: `r${n}` }, async (span) => {
              await ask(client, text, [n], { prepare: true })
              assert.equal(tracer.activeSpan, span)
            }),
          ),
        )
        const spans = await tracing.spans()
        for (let n = 0; n < 20; n++) {
          const [query, ...others] = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
          assert.equal(query?.resource, text)
          assert.deepEqual(others, [])
        }
        assert.equal(spans.length, 40)
      })

      it('gives no span to what the driver asks for itself', async () => {
        await shutdown(client)
        client = newClient({ keyspace: KEYSPACE })
        await tracer.trace('request', async () => {
          await connect(client)
          await ask(client, 'select n from numbers where id = ?', [1], { prepare: true })
        })
        const spans = await tracing.spans()
        const request = find(spans, 'request')
        const query = find(spans, 'cassandra.query')
        assert.deepEqual(childrenOf(request, spans), [query])
        assert.equal(query.meta['cassandra.keyspace'], KEYSPACE)
        assert.equal(spans.length, 2)
      })

      it('tells the keyspace that the program has changed to', async () => {
        await ask(client, `use ${KEYSPACE}`)
        await ask(client, 'select n from numbers where id = 1')
        const spans = await tracing.spans()
        assert.deepEqual(
          spans.map(({ resource, meta }) => [resource, meta['cassandra.keyspace']]),
          [
            [`use ${KEYSPACE}`, undefined],
            ['select n from numbers where id = 1', KEYSPACE],
          ],
        )
      })

      it('finishes the spans of a client that reaches no node, which have no coordinator', async () => {
        const lost = newClient({ contactPoints: ['127.0.0.1'], protocolOptions: { port: await freePort() } })
        await tracer.trace('request', async () => {
          const failures = [ask(lost, ALL), ask(lost, ALL, [], { prepare: true })]
          for (const { status } of await Promise.allSettled(failures)) assert.equal(status, 'rejected')
        })
        await shutdown(lost)
        const spans = await tracing.spans()
        const queries = childrenOf(find(spans, 'request'), spans)
        assert.equal(queries.length, 2)
        for (const span of queries) {
          assert.equal(span.error, 1)
          assert.match(span.meta['error.message'] ?? '', /^All host\(s\) tried/)
          assert.equal(span.meta['out.host'], undefined)
          assert.equal(span.meta['db.cassandra.contact.points'], '127.0.0.1')
        }
      })

      it('keeps texts within their limits', async () => {
        const long = (length: number) => ALL.padEnd(length, ' ')
        for (const length of [5000, 5001, 25_000, 25_001]) await ask(client, long(length))
        const spans = await tracing.spans()
        assert.deepEqual(
          spans.map(({ resource, meta }) => [resource, meta['cassandra.query']]),
          [
            [long(5000), long(5000)],
            [`${long(4997)}...`, long(5001)],
            [`${long(4997)}...`, long(25_000)],
            [`${long(4997)}...`, `${long(24_997)}...`],
          ],
        )
      })

      it('keeps the text of a batch within its limit', async () => {
        const part = `insert into ${TABLE} (id, n) values (3, 1);`
        const batch = (length: number) => {
          const queries = Array.from({ length: Math.floor(length / (part.length + 1)) }, () => part)
          const rest = length - queries.length * (part.length + 1)
          return [...queries.slice(1), `${part.slice(0, -1).padEnd(part.length + rest, ' ')};`]
        }
        for (const length of [25_000, 25_001]) {
          const queries = batch(length)
          assert.equal(queries.join(' ').length, length)
          await new Promise<void>((resolve) => void client.batch(queries, () => resolve()))
        }
        const [whole, cut] = await tracing.spans()
        assert.equal(whole?.meta['cassandra.query'], batch(25_000).join(' '))
        assert.equal(cut?.meta['cassandra.query'], `${batch(25_001).join(' ').slice(0, 24_997)}...`)
      })
    })

    it('takes its service from the options', async () => {
      tracing = await Tracing.start({ 'cassandra-driver': { service: 'numbers-db' } })
      const client = newClient()
      await ask(client, ALL)
      await shutdown(client)
      const span = find(await tracing.spans(), 'cassandra.query')
      assert.equal(span.service, 'numbers-db')
      assert.equal(span.meta['_dd.base_service'], 'test')
      await tracing.stop()
    })

    it('leaves the library as it was when it is off, and after', async () => {
      const methods = ['execute', 'batch', 'eachRow', 'stream', '_execute', '_innerExecute'] as const
      const prototype = load().Client.prototype as unknown as Record<string, unknown>
      const state = () => methods.map((name) => Object.getOwnPropertyDescriptor(prototype, name))
      const original = state()
      tracing = await Tracing.start({ 'cassandra-driver': false })
      assert.deepEqual(state(), original)
      await tracing.stop()
      tracing = await Tracing.start({ 'cassandra-driver': true })
      const patched = state()
      const named = (states: typeof original) =>
        states.map((found) => [(found?.value as Named)?.name, (found?.value as Named)?.length])
      assert.notEqual(patched[1]?.value, original[1]?.value)
      assert.deepEqual(named(patched), named(original))
      await tracing.stop()
      assert.deepEqual(state(), original)
    })
  })
})

function rowsOf({ version }: Library): Row[] {
  return rows.filter(({ since = '0.0.0' }) => gte(version, since))
}

/** Drivers before 4.4 ask `util.isDate`, which Node 23 has no more: programs that stay with them have to bring it back. */
function giveBackIsDate(): void {
  const legacy = util as { isDate?: unknown }
  const missing = legacy.isDate === undefined
  before(() => {
    if (missing) legacy.isDate = util.types.isDate
  })
  after(() => {
    if (missing) delete legacy.isDate
  })
}

function checkTags(span: ReceivedSpan, coordinator: URL | undefined): void {
  assert.equal(span.name, 'cassandra.query')
  assert.equal(span.type, 'cassandra')
  assert.equal(span.service, 'test-cassandra')
  assert.equal(span.meta['component'], 'cassandra-driver')
  assert.equal(span.meta['_dd.integration'], 'cassandra-driver')
  assert.equal(span.meta['span.kind'], 'client')
  assert.equal(span.meta['db.type'], 'cassandra')
  if (coordinator !== undefined) assert.equal(span.meta['cassandra.query'], span.resource)
  assert.match(span.meta['db.cassandra.contact.points'] ?? '', /^127\.0\.0\.1:\d+$/)
  assert.equal(span.meta['out.host'], coordinator?.hostname)
  assert.equal(span.metrics['network.destination.port'], coordinator && Number(coordinator.port))
}
