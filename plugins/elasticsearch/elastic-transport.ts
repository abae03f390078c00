// `@elastic/transport`, which the clients of Elasticsearch 8 and 9 are built on. It is made of promises, so a request's span is
// active when it is given its connection.

import type { AnyFunction, Patcher } from '../../src/plugin'
import { pinsBehind } from '../../src/plugin/clients'
import { noteServer, portOf, queries, type RequestArgs } from './query'

interface TransportModule {
  readonly default: { readonly prototype: { request: AnyFunction; getConnection: AnyFunction } }
}

export function traceElasticTransport({ default: { prototype } }: TransportModule, patcher: Patcher): void {
  const operation = queries('elasticsearch', patcher)
  pinsBehind(patcher, 'transport', prototype)
  patcher.trace<typeof prototype, RequestArgs>(prototype, 'request', operation)
  patcher.wrap(prototype, 'getConnection', (original) => {
    return {
      getConnection(this: unknown, ...args: unknown[]) {
        const connection = Reflect.apply(original, this, args) as { readonly url: URL } | null
        patcher.guarded('connection', () => {
          const span = patcher.tracer.activeSpan
          if (connection === null || span?.name !== operation.name) return
          noteServer(span, connection.url.hostname, portOf(connection.url))
        })
        return connection
      },
    }.getConnection
  })
}

/** The transport of a client that looks for further servers. */
export function muteSniffing(
  { default: Transport }: { default: { prototype: { sniff: AnyFunction } } },
  patcher: Patcher,
) {
  patcher.mute(Transport.prototype, 'sniff')
}
