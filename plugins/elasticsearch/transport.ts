// The clients that come with a transport of their own: `@elastic/elasticsearch` 7 and `@opensearch-project/opensearch`.
//
// While the first request of a client waits for the check that the server is one of Elastic's, others queue behind it and are
// sent from its context. The connection is therefore found, and run in the right context, by the object that both have in hand.

import type { AnyFunction, Patcher } from '../../src/plugin'
import { pinsBehind } from '../../src/plugin/clients'
import { noteServer, portOf, queries, type RequestArgs, type System, spanOfRequest } from './query'

interface Class<Prototype extends object> {
  readonly prototype: Prototype
}

type Methods<Name extends string> = Class<{ [name in Name]: AnyFunction }>

export function traceTransport(system: System): (Transport: Methods<'request' | 'sniff'>, patcher: Patcher) => void {
  return ({ prototype }, patcher) => {
    pinsBehind(patcher, 'transport', prototype)
    patcher.trace<typeof prototype, RequestArgs>(prototype, 'request', queries(system, patcher))
    patcher.mute(prototype, 'sniff')
    // Since 7.14, and not in OpenSearch's.
    if ('productCheck' in prototype) patcher.mute(prototype as { productCheck: AnyFunction }, 'productCheck')
  }
}

/** Pings servers that were away. */
export function mutePool({ prototype }: Methods<'resurrect'>, patcher: Patcher): void {
  patcher.mute(prototype, 'resurrect')
}

export function traceConnection({ prototype }: Methods<'request'>, patcher: Patcher): void {
  patcher.wrap(prototype, 'request', (original) => {
    return {
      request(this: { readonly url: URL }, ...args: unknown[]) {
        const span = spanOfRequest(args[0])
        if (span === undefined || span.isFinished) return Reflect.apply(original, this, args)
        patcher.guarded('connection', () => noteServer(span, this.url.hostname, portOf(this.url)))
        return patcher.run(span, original, this, args)
      },
    }.request
  })
}
