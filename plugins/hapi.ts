// Hapi 20 and 21: names the request's span after the route that matched, and tells what the request failed with.
//
// Whatever fails, wherever in the request's life, becomes its response, as a Boom error.

import type { IncomingMessage } from 'node:http'
import { definePlugin, nameWebRequest, type Patcher, type WebRequest, webRequestOf } from '../src/plugin'

interface Request {
  /** The one that its plugin was given, made of the one that the program has. */
  readonly server: object
  readonly raw: { readonly req: IncomingMessage }
  readonly route: { readonly method: string; readonly path: string }
  _execute(): unknown
  _lookup(): unknown
  _setResponse(response: unknown): unknown
}

/** The method of the routes that stand for having none. */
const NO_ROUTE = '_special'

function followRequests({ prototype }: { prototype: Request }, patcher: Patcher): void {
  /** Requests that are injected have come by no server. */
  const note = (name: string, request: Request, step: (web: WebRequest) => void): void =>
    patcher.guarded(name, () => {
      const web = webRequestOf(request.raw.req)
      if (web !== undefined) step(web)
    })

  patcher.wrap(prototype, '_execute', (original) => {
    return {
      _execute(this: Request, ...args: unknown[]) {
        note('execute', this, (web) => nameWebRequest(web, patcher, this.server))
        return Reflect.apply(original, this, args)
      },
    }._execute
  })
  patcher.wrap(prototype, '_lookup', (original) => {
    return {
      _lookup(this: Request, ...args: unknown[]) {
        const result = Reflect.apply(original, this, args)
        note('lookup', this, (web) => {
          const { method, path } = this.route
          if (method !== NO_ROUTE) web.route = path
        })
        return result
      },
    }._lookup
  })
  patcher.wrap(prototype, '_setResponse', (original) => {
    return {
      _setResponse(this: Request, ...args: unknown[]) {
        const response = args[0] as { readonly isBoom?: boolean } | undefined
        if (response?.isBoom) {
          note('setResponse', this, (web) => {
            web.error = response
          })
        }
        return Reflect.apply(original, this, args)
      },
    }._setResponse
  })
}

export default definePlugin({
  name: 'hapi',
  // Older ones do not work on the Node that `dd` needs: their answers to requests with a body never come.
  hooks: [{ module: '@hapi/hapi', versions: '>=20.1.2 <22', file: 'lib/request.js', patch: followRequests }],
})
