// Fastify 3, 4 and 5: names the request's span after the route that matched, and tells what a hook or handler failed with.
//
// Fastify's own channels begin with the handler, so they know nothing of what its hooks answer or fail with before. Here a route
// is noted where the router enters it, and an error where Fastify turns it into a reply.

import type { IncomingMessage } from 'node:http'
import { type AnyFunction, definePlugin, mimic, nameWebRequest, type Patcher, webRequestOf } from '../src/plugin'

/** What Fastify keeps with each of its routes; that of the answer to unknown ones has no URL. */
interface RouteContext {
  readonly Reply?: unknown
  readonly config?: { readonly url?: string }
  /** The instance that it was added to, since 4; its prototypes are those around it. */
  readonly server?: object
}

interface Reply {
  readonly request: { readonly raw: IncomingMessage; readonly routeOptions?: { readonly url?: string } }
  send(payload: unknown): unknown
}

type Router = Record<'_on', AnyFunction>
type AddArgs = [method: unknown, path: unknown, options: unknown, handler: AnyFunction, context?: RouteContext]

/** Its router is a package of its own, which others use as well: what comes without a Fastify context is left alone. */
function noteRoutes({ prototype }: { prototype: Router }, patcher: Patcher): void {
  const noting = new WeakSet<AnyFunction>()

  function noteAround(handler: AnyFunction, { config, server }: RouteContext): AnyFunction {
    const wrapper = {
      enterRoute(this: unknown, ...args: unknown[]) {
        patcher.guarded('route', () => {
          const web = webRequestOf(args[0] as IncomingMessage)
          if (web === undefined) return
          nameWebRequest(web, patcher, server)
          web.route ??= config?.url
        })
        return Reflect.apply(handler, this, args)
      },
    }.enterRoute
    noting.add(wrapper)
    return mimic(wrapper, handler)
  }

  patcher.wrap(prototype, '_on', (original) => {
    return {
      _on(this: Router, ...args: unknown[]) {
        patcher.guarded('on', () => {
          // The router enters what it has once more when it removes a route.
          const [, , , handler, context] = args as AddArgs
          if (typeof context?.Reply === 'function' && !noting.has(handler)) args[3] = noteAround(handler, context)
        })
        return Reflect.apply(original, this, args)
      },
    }._on
  })
}

function noteError({ request }: Reply, error: unknown, patcher: Patcher): void {
  const web = webRequestOf(request.raw)
  if (web === undefined) return
  nameWebRequest(web, patcher)
  web.route ??= request.routeOptions?.url
  web.error = error
}

/** All errors of Fastify 3; and those of a Fastify that was loaded before. */
function noteErrorReplies({ prototype }: { prototype: Reply }, patcher: Patcher): void {
  patcher.wrap(prototype, 'send', (original) => {
    return {
      send(this: Reply, ...args: unknown[]) {
        if (args[0] instanceof Error) patcher.guarded('send', () => noteError(this, args[0], patcher))
        return Reflect.apply(original, this, args)
      },
    }.send
  })
}

/** All errors since Fastify 4, also those that never were a payload: of streams, of hooks after the handler, of any type. */
function noteHandledErrors(exports: { handleError: AnyFunction }, patcher: Patcher): void {
  patcher.wrap(exports, 'handleError', (original) => {
    return {
      handleError(this: unknown, ...args: unknown[]) {
        patcher.guarded('handleError', () => noteError(args[0] as Reply, args[1], patcher))
        return Reflect.apply(original, this, args)
      },
    }.handleError
  })
}

export default definePlugin({
  name: 'fastify',
  hooks: [
    { module: 'find-my-way', versions: '>=2 <10', patch: noteRoutes },
    { module: 'fastify', versions: '>=3 <6', file: 'lib/reply.js', patch: noteErrorReplies },
    { module: 'fastify', versions: '>=4 <6', file: 'lib/error-handler.js', patch: noteHandledErrors },
  ],
})
