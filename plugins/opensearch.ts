// OpenSearch by `@opensearch-project/opensearch`, whose transport is that of Elasticsearch's client 7.

import { definePlugin } from '../src/plugin'
import { followChildren } from './elasticsearch/query'
import { mutePool, traceConnection, traceTransport } from './elasticsearch/transport'

const client = { module: '@opensearch-project/opensearch', versions: '>=1.0.0 <4' }

export default definePlugin({
  name: 'opensearch',
  hooks: [
    { ...client, file: 'lib/Transport.js', patch: traceTransport('opensearch') },
    { ...client, file: 'lib/Connection.js', patch: traceConnection },
    { ...client, file: 'lib/pool/ConnectionPool.js', patch: mutePool },
    { ...client, versions: '>=1.0.0 <3', patch: followChildren },
    { ...client, versions: '>=3.0.0 <4', file: 'lib/Client.js', patch: followChildren },
  ],
})
