// Redis by `redis`: every command of the callback client (2.6 to 3) and of the promise clients since, of which `redis` is only the
// wrapping: they are in `@redis/client`, at first in `@node-redis/client`.

import { definePlugin, type Hook } from '../../src/plugin'
import { traceCallbackClient } from './callback-client'
import { bindPool, holdCommands, muteSentinel, muteSlots, traceQueue, watchClient, watchSocket } from './promise-client'

function promiseClient(module: string, versions: string): readonly Hook[] {
  return [
    { module, versions, file: 'dist/lib/client/commands-queue.js', patch: traceQueue },
    { module, versions, file: 'dist/lib/client/socket.js', patch: watchSocket },
    { module, versions, file: 'dist/lib/client/index.js', patch: watchClient },
    { module, versions, file: 'dist/lib/client/pool.js', patch: bindPool },
    { module, versions, file: 'dist/lib/cluster/cluster-slots.js', patch: muteSlots },
    { module, versions, file: 'dist/lib/cluster/index.js', patch: holdCommands },
    { module, versions, file: 'dist/lib/sentinel/index.js', patch: muteSentinel },
  ]
}

export default definePlugin({
  name: 'redis',
  hooks: [
    { module: 'redis', versions: '>=2.6.0 <4', patch: traceCallbackClient },
    ...promiseClient('@node-redis/client', '>=1.0.0 <2'),
    ...promiseClient('@redis/client', '>=1.1.0 <7'),
  ],
})
