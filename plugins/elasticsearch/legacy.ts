// The legacy client, `elasticsearch`. A request that its program aborts comes to no end: no callback, no settled promise.

import { type AnyFunction, mimic, type Patcher } from '../../src/plugin'
import { pinsBehind } from '../../src/plugin/clients'
import { noteServer, queries, type RequestArgs, spanOfRequest } from './query'

interface Transport {
  readonly prototype: { request: AnyFunction; sniff: AnyFunction }
}

interface Pool {
  readonly prototype: { select: AnyFunction }
}

interface Connection {
  readonly host: { readonly host: string; readonly port: number | string }
}

export function traceLegacy({ prototype }: Transport, patcher: Patcher): void {
  pinsBehind(patcher, 'transport', prototype)
  patcher.trace<typeof prototype, RequestArgs>(prototype, 'request', queries('elasticsearch', patcher))
  patcher.wrap(prototype, 'request', (original) => {
    return {
      request(this: unknown, ...args: unknown[]) {
        const result = Reflect.apply(original, this, args) as { abort?: AnyFunction }
        patcher.guarded('abort', () => {
          const span = spanOfRequest(args[0])
          const { abort } = result
          if (span === undefined || abort === undefined) return
          const ending = function (this: unknown, ...given: unknown[]) {
            span.finish()
            return Reflect.apply(abort, this, given)
          }
          result.abort = mimic(ending, abort)
        })
        return result
      },
    }.request
  })
  patcher.mute(prototype, 'sniff')
}

/** Pings servers that were away. */
export function muteConnection({ prototype }: { prototype: { ping: AnyFunction } }, patcher: Patcher): void {
  patcher.mute(prototype, 'ping')
}

/** The pool calls back with the connection of a request, from the request's context. */
export function noteSelected({ prototype }: Pool, patcher: Patcher): void {
  patcher.wrap(prototype, 'select', (original) => {
    return {
      select(this: unknown, callback: AnyFunction, ...rest: unknown[]) {
        const { activeSpan: span } = patcher.tracer
        if (span?.name !== 'elasticsearch.query') return Reflect.apply(original, this, [callback, ...rest])
        const selected = function (this: unknown, ...args: unknown[]) {
          const { host } = (args[1] ?? {}) as Partial<Connection>
          if (host !== undefined) patcher.guarded('connection', () => noteServer(span, host.host, Number(host.port)))
          return Reflect.apply(callback, this, args)
        }
        return Reflect.apply(original, this, [selected, ...rest])
      },
    }.select
  })
}
