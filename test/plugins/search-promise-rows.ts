// The ways to ask the clients of Elasticsearch 8 and 9, which give promises only.

import { Readable } from 'node:stream'
import { ask, colours, failure, INDEX, MISSING, missing, promised, type Row, told } from './search-clients'

const search = () => ({ index: INDEX, ...colours })

export const promiseRows: readonly Row[] = [
  { name: 'a search', run: (client) => promised(client.search(search())) },
  { name: 'a search and options', run: (client) => promised(client.search(search(), { headers: { 'x-test': '1' } })) },
  {
    name: 'a search with all that is known of the answer',
    run: (client) => promised(client.search(search(), { meta: true })),
  },
  { name: 'a request', run: (client) => promised(client.transport.request(ask())) },
  {
    name: 'a request whose promise is dropped',
    run: (client, probe) => void client.transport.request(ask()).finally(probe.callback()),
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
    name: 'an error',
    run: (client) => promised(client.transport.request(missing())),
    resource: MISSING,
    failed: true,
  },
  {
    name: 'an error that is only caught',
    run: (client) => client.transport.request(missing()).catch(failure),
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
      promised(
        client.bulk({ refresh: true, operations: [{ index: { _index: `${INDEX}-bulk`, _id: '1' } }, { n: 1 }] }),
      ),
    resource: 'POST /_bulk',
  },
  {
    name: 'a bulk by the helper',
    run: (client) =>
      (client as unknown as { helpers: { bulk(options: object): Promise<{ successful: number }> } }).helpers
        .bulk({ datasource: [{ n: 1 }, { n: 2 }], onDocument: () => ({ index: { _index: `${INDEX}-bulk` } }) })
        .then(({ successful }) => successful),
    resource: 'POST /_bulk',
  },
  {
    name: 'a body that is a stream',
    run: (client) =>
      promised(
        client.transport.request(
          { ...ask(), body: Readable.from([JSON.stringify(colours)]) },
          { headers: { 'content-type': 'application/json' } },
        ),
      ),
  },
  {
    name: 'an answer that is a stream',
    run: (client, probe) =>
      client.transport.request(ask(), { asStream: true }).then((result) => {
        const body = result as Readable
        body.resume()
        body.on('end', probe.callback('end'))
        return body.readable
      }),
  },
  {
    name: 'a body that is compressed',
    run: (client) => promised(client.transport.request(ask(), { compression: true })),
  },
  {
    name: 'a request that is given up by a signal',
    run(client) {
      const giveUp = new AbortController()
      const result = client.transport.request(ask(), { signal: giveUp.signal })
      giveUp.abort()
      return promised(result)
    },
    failed: true,
    sent: false,
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
  { name: 'a child of the client', run: (client) => promised(client.child!({ name: 'child' }).search(search())) },
  { name: 'nothing at all', run: (client) => client.transport.request(undefined as never), spans: 0 },
]
