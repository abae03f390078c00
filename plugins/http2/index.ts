// The core module `http2`: servers and clients, with the options and tags of `http`.
//
// Its classes are not exported. They are patched when the program makes the first server or session of a kind, which reaches those
// that were there before.

import type * as http2 from 'node:http2'
import { type AnyFunction, definePlugin, type Patcher } from '../../src/plugin'
import type { HttpOptions } from '../http/options'
import { traceSessions } from './client'
import { traceServers } from './server'

type Make = 'createServer' | 'createSecureServer' | 'connect'

/** Calls `made` with what `module[name]` returns, and what it was called with. */
function whenMade(
  module: typeof http2,
  name: Make,
  patcher: Patcher<HttpOptions>,
  made: (result: object, args: unknown[]) => void,
): void {
  patcher.wrap(module, name, (original: AnyFunction) => {
    return {
      make(this: unknown, ...args: unknown[]) {
        const result = Reflect.apply(original, this, args) as object
        patcher.guarded(name, () => made(result, args))
        return result
      },
    }.make
  })
}

export default definePlugin({
  name: 'http2',
  hooks: [
    {
      module: 'http2',
      patch(module: typeof http2, patcher: Patcher<HttpOptions>) {
        const { server = {}, client = {} } = patcher.options
        if (server !== false) {
          const patchServer = traceServers(module, patcher, server)
          whenMade(module, 'createServer', patcher, patchServer)
          whenMade(module, 'createSecureServer', patcher, patchServer)
        }
        if (client !== false) whenMade(module, 'connect', patcher, traceSessions(patcher, client))
      },
    },
  ],
})
