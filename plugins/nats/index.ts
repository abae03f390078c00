// NATS by `nats` 2 and by `@nats-io/nats-core` 3, below `@nats-io/transport-node`: what is published and asked for carries the trace
// in headers where the server knows those, and subscriptions go on with it. JetStream publishes by requests.

import { definePlugin, type Hook, type Patcher } from '../../src/plugin'
import { iteratesIn, subscribesIn } from './consuming'
import { publishes, requests } from './publishing'
import type { Connection } from './subject'

interface Patched {
  readonly prototype: Connection
}

function traceConnection(
  { NatsConnectionImpl: { prototype } }: { NatsConnectionImpl: Patched },
  patcher: Patcher,
): void {
  patcher.trace(prototype, 'publish', publishes(patcher))
  patcher.trace(prototype, 'request', requests)
  patcher.wrap(prototype, 'subscribe', subscribesIn(patcher))
}

function traceIterators(
  { QueuedIteratorImpl }: { QueuedIteratorImpl: { prototype: { iterate(): unknown } } },
  patcher: Patcher,
): void {
  patcher.wrap(QueuedIteratorImpl.prototype, 'iterate', iteratesIn(patcher))
}

function hooksOf(module: string, versions: string, folder: string): readonly Hook[] {
  return [
    { module, versions, file: `${folder}/nats.js`, patch: traceConnection },
    { module, versions, file: `${folder}/queued_iterator.js`, patch: traceIterators },
  ]
}

export default definePlugin({
  name: 'nats',
  hooks: [
    ...hooksOf('nats', '>=2.6.1 <3', 'lib/nats-base-client'),
    ...hooksOf('@nats-io/nats-core', '>=3.0.0 <4', 'lib'),
  ],
})
