// The opensearch plugin against a real OpenSearch.

import type { EventEmitter } from 'node:events'
import { opensearch } from '../services'
import { describeLibrary } from '../support/library'
import { type Client, describeSearchClient } from './search-clients'
import { abortRows, thenableRows } from './search-rows'

interface Library {
  Client: new (options: object) => Client & EventEmitter
  Transport: { prototype: object }
  Connection: { prototype: object }
  ConnectionPool: { prototype: object }
}

describeLibrary(
  'opensearch',
  {
    name: '@opensearch-project/opensearch',
    majors: { 1: ['1.0.0', '1.2.0'], 2: ['2.0.0', '2.13.0'], 3: ['3.0.0', '3.9.0'] },
  },
  (library) => {
    describeSearchClient({
      plugin: 'opensearch',
      library,
      service: opensearch,
      rows: [...thenableRows, ...abortRows],
      open: (nodes, options = {}) => new (library.load<Library>().Client)({ nodes, ...options }),
      sniff: (client, done) => client.transport.sniff({ reason: 'test' }, done),
      patched() {
        const { Transport, Connection, ConnectionPool } = library.load<Library>()
        return [
          [Transport.prototype, 'request'],
          [Transport.prototype, 'sniff'],
          [Connection.prototype, 'request'],
          [ConnectionPool.prototype, 'resurrect'],
        ]
      },
    })
  },
)
