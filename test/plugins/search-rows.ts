// The ways to ask the clients that take callbacks and give an object of four methods for a promise: `@elastic/elasticsearch` 7 and
// `@opensearch-project/opensearch`.

import { Readable } from 'node:stream'
import {
  ask,
  type Callback,
  called,
  colours,
  failure,
  INDEX,
  MISSING,
  missing,
  promised,
  type Row,
  shape,
  told,
} from './search-clients'

const search = () => ({ index: INDEX, body: colours })

export const thenableRows: readonly Row[] = [
  { name: 'a search and a callback', run: (client, probe) => void client.search(search(), called(probe)) },
  {
    name: 'a search, options and a callback',
    run: (client, probe) => void client.search(search(), { ignore: [404] }, called(probe)),
  },
  { name: 'a search, as a promise', run: (client) => promised(client.search(search())) },
  {
    name: 'a search and options, as a promise',
    run: (client) => promised(client.search(search(), { headers: { 'x-test': '1' } })),
  },
  {
    name: 'an explicit undefined, as a promise',
    run: (client) => promised(client.search(search(), undefined, undefined)),
  },
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
      const result = client.transport.request(ask(), {}, called(probe) as Callback)
      probe.note('result', shape(result))
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
    name: 'a promise that is finally done',
    run: (client, probe) => client.transport.request(ask()).finally(probe.callback('finally')).then(told),
  },
  {
    name: 'a promise that is asked twice',
    run: (client) => {
      const result = client.transport.request(ask())
      return Promise.all([result, result]).then((both) => both.map(told))
    },
  },
  {
    name: 'a promise that fails and is only caught',
    run: (client) => client.transport.request(missing()).catch(failure),
    resource: MISSING,
    failed: true,
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
    run: (client) => promised(client.transport.request(missing(), { ignore: [404] })).then(() => 'ignored'),
    resource: MISSING,
  },
  {
    name: 'a question of yes or no',
    run: (client) => promised(client.exists({ index: INDEX, id: '7' })),
    resource: 'HEAD /dd-test-?/_doc/?',
  },
  {
    name: 'a bulk',
    run: (client) =>
      promised(client.bulk({ refresh: true, body: [{ index: { _index: `${INDEX}-bulk`, _id: '1' } }, { n: 1 }] })),
    resource: 'POST /_bulk',
  },
  {
    name: 'a bulk of lines',
    run: (client) => promised(client.bulk({ body: `{"index":{"_index":"${INDEX}-bulk","_id":"1"}}\n{"n":1}\n` })),
    resource: 'POST /_bulk',
  },
  {
    name: 'a body that is a stream',
    run: (client) => promised(client.transport.request({ ...ask(), body: Readable.from([JSON.stringify(colours)]) })),
  },
  {
    name: 'an answer that is a stream',
    run: (client, probe) =>
      client.transport.request(ask(), { asStream: true }).then((result) => {
        const { body } = result as { body: Readable }
        body.resume()
        body.on('end', probe.callback('end'))
        return body.readable
      }),
  },
  {
    name: 'a body that is compressed',
    run: (client) => promised(client.transport.request(ask(), { compression: 'gzip' })),
  },
  {
    name: 'a body that cannot be written',
    run(client) {
      const body: Record<string, unknown> = {}
      body['self'] = body
      return promised(client.transport.request({ ...ask(), body }))
    },
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
    name: 'a child of the client',
    run: (client) => promised(client.child!({ name: 'child' }).search(search())),
  },
  { name: 'nothing at all', run: (client) => client.transport.request(undefined as never), spans: 0 },
]

/** For clients whose promises can be aborted. */
export const abortRows: readonly Row[] = [
  {
    name: 'a promise that is aborted',
    run(client, probe) {
      const result = client.transport.request(ask())
      // Not before it has left: some then never say so.
      setImmediate(() => result.abort())
      probe.note('same', result.abort.name)
      return promised(result)
    },
    failed: true,
    sent: false,
  },
]
