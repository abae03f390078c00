// Elasticsearch by all its clients: the legacy `elasticsearch`, `@elastic/elasticsearch` 7, and 8 and 9 by the `@elastic/transport`
// below them. Every call of every one goes through the `request` of its transport.

import { definePlugin } from '../../src/plugin'
import { muteSniffing, traceElasticTransport } from './elastic-transport'
import { muteConnection, noteSelected, traceLegacy } from './legacy'
import { followChildren } from './query'
import { mutePool, traceConnection, traceTransport } from './transport'

const elastic7 = { module: '@elastic/elasticsearch', versions: '>=7.0.0 <8' }
const elastic8 = { module: '@elastic/transport', versions: '>=8.0.1 <10' }
const legacy = { module: 'elasticsearch', versions: '>=15.0.0 <17' }

export default definePlugin({
  name: 'elasticsearch',
  hooks: [
    { ...elastic7, file: 'lib/Transport.js', patch: traceTransport('elasticsearch') },
    { ...elastic7, file: 'lib/Connection.js', patch: traceConnection },
    { ...elastic7, patch: followChildren },
    // In the first releases, and since 7.3 at the latest.
    { ...elastic7, file: ['lib/ConnectionPool.js', 'lib/pool/ConnectionPool.js'], patch: mutePool },
    { ...elastic8, file: ['lib/Transport.js', 'esm/Transport.js'], patch: traceElasticTransport },
    {
      ...elastic8,
      file: ['lib/pool/ClusterConnectionPool.js', 'esm/pool/ClusterConnectionPool.js'],
      patch: ({ default: Pool }: { default: Parameters<typeof mutePool>[0] }, patcher) => mutePool(Pool, patcher),
    },
    {
      module: '@elastic/elasticsearch',
      versions: '>=8.0.0 <10',
      file: ['lib/sniffingTransport.js', 'esm/sniffingTransport.js'],
      patch: muteSniffing,
    },
    {
      module: '@elastic/elasticsearch',
      versions: '>=8.0.0 <10',
      file: ['lib/client.js', 'esm/client.js'],
      patch: followChildren,
    },
    { ...legacy, file: 'src/lib/transport.js', patch: traceLegacy },
    { ...legacy, file: 'src/lib/connection_pool.js', patch: noteSelected },
    { ...legacy, file: 'src/lib/connection.js', patch: muteConnection },
  ],
})
