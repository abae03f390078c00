// The elasticsearch plugin against a real Elasticsearch: `@elastic/elasticsearch` 7, which takes callbacks and promises, and 8 and 9,
// which take promises.

import type { EventEmitter } from 'node:events'
import { elasticsearch7, elasticsearch8 } from '../services'
import { describeLibrary } from '../support/library'
import { type Client, describeSearchClient } from './search-clients'
import { promiseRows } from './search-promise-rows'
import { abortRows, thenableRows } from './search-rows'

interface Library7 {
  Client: new (options: object) => Client
  Transport: { prototype: object }
  Connection: { prototype: object }
  ConnectionPool: { prototype: object }
}

interface Library8 {
  Client: new (options: object) => Client
  Transport: { prototype: object }
  ClusterConnectionPool: { prototype: object }
}

const name = '@elastic/elasticsearch'

describeLibrary('elasticsearch', { name, majors: { 7: ['7.0.0', '7.17.14'] } }, (library) => {
  const isOld = library.version === '7.0.0'
  describeSearchClient({
    plugin: 'elasticsearch',
    library,
    service: elasticsearch7,
    rows: isOld ? thenableRows : [...thenableRows, ...abortRows],
    open: (nodes, options = {}) => new (library.load<Library7>().Client)({ nodes, ...options }),
    // A first release sees no use in it where no further servers are looked for.
    pinging: () => ({ sniffInterval: 3_600_000 }),
    sniff: (client, done) => client.transport.sniff({ reason: 'test' }, done),
    patched() {
      const { Transport, Connection, ConnectionPool } = library.load<Library7>()
      return [
        [Transport.prototype, 'request'],
        [Transport.prototype, 'sniff'],
        ...(isOld ? [] : [[Transport.prototype, 'productCheck'] as const]),
        [Connection.prototype, 'request'],
        [ConnectionPool.prototype, 'resurrect'],
      ]
    },
  })
})

const newer = {
  name,
  majors: { 8: ['8.0.0', '8.19.2'], 9: ['9.0.0', '9.5.1'] },
  // The oldest transport where it fits; the newest clients come with a newer one.
  beside: (major: number) => ({ '@elastic/transport': major === 8 ? '8.0.1' : '9.0.0' }),
} as const

describeLibrary('elasticsearch', newer, (library) => {
  describeSearchClient({
    plugin: 'elasticsearch',
    library,
    // Elasticsearch 8 refuses the client 9, and 7 answers all.
    service: library.major === 8 ? elasticsearch8 : elasticsearch7,
    rows: promiseRows,
    open: (nodes, options = {}) => new (library.load<Library8>().Client)({ nodes, ...options }),
    pinging: () => ({ ConnectionPool: library.load<Library8>().ClusterConnectionPool }),
    sniff(client, done) {
      ;(client as unknown as { diagnostic: EventEmitter }).diagnostic.once('sniff', done)
      client.transport.sniff({ reason: 'test' })
    },
    patched() {
      const { Client, Transport, ClusterConnectionPool } = library.load<Library8>()
      const { transport } = new Client({ node: 'http://127.0.0.1:1' })
      return [
        [Transport.prototype, 'request'],
        [Transport.prototype, 'getConnection'],
        [Object.getPrototypeOf(transport) as object, 'sniff'],
        [ClusterConnectionPool.prototype, 'resurrect'],
      ]
    },
  })
})
