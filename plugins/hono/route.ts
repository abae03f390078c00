// Notes on a request of Hono which route it came to: that of the handler that answers, which is the last one that was entered and did
// not call the next. Applications may be mounted in others, as handlers that know nothing of them.

import type { IncomingMessage } from 'node:http'
import {
  type AnyFunction,
  hiddenField,
  nameWebRequest,
  type Patcher,
  type WebRequest,
  webRequestOf,
} from '../../src/plugin'
import { joinRoute } from '../layers/route'

export interface Context {
  /** Given by `@hono/node-server`. */
  readonly env?: { readonly incoming?: IncomingMessage }
  /** What a handler has failed with, where there are several. */
  readonly error?: unknown
}

export interface Route {
  readonly method: string
  readonly path: string
}

export const webOf = (context: Context) => webRequestOf(context?.env?.incoming as object)

/** What the application that a context belongs to is mounted at; null where it is not mounted, but asked by a handler. */
const mounts = hiddenField<string | null>()

/** @param application what stands for it */
export function noteRoute(handler: AnyFunction, route: Route, patcher: Patcher, application: object): AnyFunction {
  return {
    enterHandler(this: unknown, ...args: unknown[]) {
      patcher.guarded('enter', () => {
        const [context, goOn] = args as [Context, AnyFunction]
        const web = webOf(context)
        if (web === undefined || web.span.isFinished) return
        nameWebRequest(web, patcher, application)
        const mount = mountOf(context, web, patcher)
        if (mount === null) return
        const own = routeAt(mount, route)
        web.route = own
        args[1] = () => {
          if (web.route === own) web.route = undefined
          return goOn()
        }
      })
      return Reflect.apply(handler, this, args)
    },
  }.enterHandler
}

/** Where a middleware for everything answers, there is no route. */
function routeAt(mount: string, { method, path }: Route): string | undefined {
  if (method === 'ALL' && path === '/*') return mount === '' ? undefined : `${mount}/*`
  return joinRoute(mount, path, '') || '/'
}

/** At the first handler of an application, the route is that of the handler that has called the application, if any. */
function mountOf(context: Context, web: WebRequest, patcher: Patcher): string | null {
  let mount = mounts.get(context)
  if (mount === undefined) {
    const { route = '/*' } = web
    mount = route.endsWith('/*') ? route.slice(0, -2) : null
    mounts.set(context, mount)
    web.onEnd(patcher, () => {
      web.error ??= context.error
    })
  }
  return mount
}
