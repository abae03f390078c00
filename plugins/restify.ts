// Restify 10 to 12: names the request's span after the route that matched, and tells what its handlers failed with.
//
// Restify keeps both on request and response, where they are read when the response is over.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { definePlugin, nameWebRequest, type Patcher, webRequestOf } from '../src/plugin'

type Request = IncomingMessage & { readonly route?: { readonly path?: string | RegExp } }
type Response = ServerResponse & { readonly err?: unknown; readonly _body?: unknown }

interface Server {
  _setupRequest(request: Request, response: Response): unknown
}

function nameRequests({ prototype }: { prototype: Server }, patcher: Patcher): void {
  patcher.wrap(prototype, '_setupRequest', (original) => {
    return {
      _setupRequest(this: Server, ...args: unknown[]) {
        const result = Reflect.apply(original, this, args)
        patcher.guarded('setupRequest', () => {
          const [request, response] = args as [Request, Response]
          const web = webRequestOf(request)
          if (web === undefined) return
          nameWebRequest(web, patcher, this)
          web.onEnd(patcher, () => {
            const path = request.route?.path
            if (path !== undefined) web.route = typeof path === 'string' ? path : `(${path})`
            // An error may be sent without having been passed on.
            const { err, _body: body } = response
            web.error = err ?? (body instanceof Error ? body : undefined)
          })
        })
        return result
      },
    }._setupRequest
  })
}

export default definePlugin({
  name: 'restify',
  hooks: [{ module: 'restify', versions: '>=10 <13', file: 'lib/server.js', patch: nameRequests }],
})
