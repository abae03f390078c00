// The elasticsearch plugin with the legacy client, `elasticsearch`, against a real Elasticsearch.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { describeWith, elasticsearch7 } from '../services'
import { find } from '../support/agent'
import { describeLibrary } from '../support/library'
import { Tracing } from '../support/tracing'
import {
  ask,
  type Client,
  called,
  colours,
  describeSearchClient,
  failure,
  INDEX,
  MISSING,
  missing,
  promised,
  type Row,
  shape,
  told,
} from './search-clients'

interface Library {
  Client: new (options: object) => Client
}

const search = () => ({ index: INDEX, body: colours })

const rows: readonly Row[] = [
  { name: 'a search and a callback', run: (client, probe) => void client.search(search(), called(probe)) },
  { name: 'a search, as a promise', run: (client) => promised(client.search(search())) },
  { name: 'a request and a callback', run: (client, probe) => void client.transport.request(ask(), called(probe)) },
  { name: 'a request, as a promise', run: (client) => promised(client.transport.request(ask())) },
  {
    name: 'a request, of which the looks matter',
    run(client, probe) {
      const result = client.transport.request(ask())
      probe.note('result', shape(result))
      return promised(result)
    },
  },
  {
    name: 'a request with a callback, of which the looks matter',
    run(client, probe) {
      probe.note('result', shape(client.transport.request(ask(), called(probe))))
    },
  },
  {
    name: 'a promise that is only caught',
    run: (client) =>
      client.transport
        .request(ask())
        .catch(() => 'caught')
        .then(told),
  },
  {
    name: 'an error to a callback',
    run: (client, probe) => void client.transport.request(missing(), called(probe)),
    resource: MISSING,
    failed: true,
  },
  {
    name: 'an error to a promise',
    run: (client) => promised(client.transport.request(missing())),
    resource: MISSING,
    failed: true,
  },
  {
    name: 'an error that nobody handles',
    run(client, probe) {
      client.transport.request({ ...missing(), path: '/%zz42' })
      return probe.unhandled()
    },
    resource: 'GET /%zz?',
    failed: true,
  },
  {
    name: 'an error that is ignored',
    run: (client) => client.transport.request({ ...missing(), ignore: [404] }).then(() => 'ignored'),
    resource: MISSING,
  },
  {
    name: 'a question of yes or no',
    run: (client) => promised(client.exists({ index: INDEX, type: '_doc', id: '7' })),
    resource: 'HEAD /dd-test-?/_doc/?',
  },
  {
    name: 'a bulk',
    run: (client) => promised(client.bulk({ body: [{ index: { _index: `${INDEX}-bulk`, _id: '1' } }, { n: 1 }] })),
    resource: 'POST /_bulk',
  },
  { name: 'a ping', run: (client) => promised(client.ping()), resource: 'HEAD /' },
  {
    name: 'a body that a request has no room for',
    run: (client) => promised(client.transport.request({ ...ask(), method: 'GET' })),
    resource: 'GET /dd-test-?/_search',
    failed: true,
    sent: false,
  },
  {
    name: 'a callback that throws',
    run(client, probe) {
      client.transport.request(ask(), () => {
        throw new Error('from the callback')
      })
      return probe.unhandled()
    },
  },
  {
    name: 'a request that fails before it is made',
    run: (client) => client.exists({}).catch(failure),
    spans: 0,
  },
  { name: 'nothing at all', run: (client) => client.transport.request(undefined as never), spans: 0 },
]

describeLibrary(
  'elasticsearch',
  { name: 'elasticsearch', majors: { 15: ['15.0.0', '15.5.0'], 16: ['16.0.0', '16.7.3'] } },
  (library) => {
    const open = (hosts: readonly string[], options: object = {}) =>
      new (library.load<Library>().Client)({ hosts, log: [], ...options })

    describeSearchClient({
      plugin: 'elasticsearch',
      library,
      service: elasticsearch7,
      rows,
      open,
      sniff: (client, done) => client.transport.sniff(done),
      patched() {
        const [Transport, ConnectionPool, Connection] = ['transport', 'connection_pool', 'connection'].map((file) =>
          library.load<{ prototype: object }>(`elasticsearch/src/lib/${file}.js`),
        )
        return [
          [Transport!.prototype, 'request'],
          [Transport!.prototype, 'sniff'],
          [ConnectionPool!.prototype, 'select'],
          [Connection!.prototype, 'ping'],
        ]
      },
    })

    describeWith(elasticsearch7, 'aborted', (server) => {
      let tracing: Tracing
      let client: Client
      beforeEach(async () => {
        tracing = await Tracing.start({ elasticsearch: true })
        client = open([server().url])
      })
      afterEach(async () => {
        client.close()
        await tracing.stop()
      })

      const endings: [how: string, ask: (called: () => void) => { abort(): unknown }][] = [
        [
          'a promise',
          (called) => {
            const result = client.transport.request(ask())
            void result.then(called, called)
            return result
          },
        ],
        ['a callback', (called) => client.transport.request(ask(), called)],
      ]
      for (const [how, begin] of endings) {
        it(`finishes the span of ${how} that never comes`, async () => {
          let calls = 0
          await tracer.trace('request', async () => {
            begin(() => calls++).abort()
            await client.transport.request(ask())
          })
          assert.equal(calls, 0)
          const spans = (await tracing.spans()).filter((span) => span.name === 'elasticsearch.query')
          assert.deepEqual(
            spans.map((span) => span.error),
            [0, 0],
          )
        })
      }

      it('after its end changes nothing', async () => {
        const result = client.transport.request(ask())
        await result
        result.abort()
        assert.equal(find(await tracing.spans(), 'elasticsearch.query').error, 0)
      })
    })
  },
)
