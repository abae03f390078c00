// `@koa/router` and `koa-router`: notes the route that a request came to, and traces the functions of its layers.
//
// What matches a request is asked of one method. Its answer is made of layers that stand for the router's own and look the same,
// but whose functions are traced.

import { type Patcher, webRequestOf } from '../../src/plugin'
import { isMoreSpecific } from '../layers/route'
import { standInFor } from '../list-view'
import type { KoaOptions } from '.'
import { type Context, KoaMiddlewareTracer, type Middleware } from './middleware'

interface Layer {
  readonly path: unknown
  /** None: it was given to `use`. */
  readonly methods: readonly string[]
  readonly stack: Middleware[]
}

interface Matched {
  pathAndMethod: Layer[]
}

interface Router {
  match(path: string, method: string): Matched
}

type Exports = { prototype: Router } | { default: { prototype: Router } }

export function traceLayers(exports: Exports, patcher: Patcher<KoaOptions>): void {
  const tracer = new KoaMiddlewareTracer(patcher)
  const tracesMiddleware = patcher.options.middleware !== false
  const standIns = new WeakMap<Layer, Layer>()

  /** The same each time, as it has nothing of a request's. */
  function standIn(layer: Layer): Layer {
    let found = standIns.get(layer)
    if (found === undefined) {
      const wrapped = new WeakMap<Middleware, Middleware>()
      const wrap = (middleware: Middleware) => {
        let inside = wrapped.get(middleware)
        if (inside === undefined) {
          inside = insideOf(layer, tracesMiddleware ? tracer.trace(middleware) : middleware)
          wrapped.set(middleware, inside)
        }
        return inside
      }
      found = standInFor(layer, 'stack', (one: Middleware) => patcher.guarded('stack', () => wrap(one)) ?? one) as Layer
      standIns.set(layer, found)
    }
    return found
  }

  function insideOf({ path, methods }: Layer, middleware: Middleware): Middleware {
    if (methods.length === 0) return middleware
    return function enterLayer(this: unknown, ...args: unknown[]) {
      patcher.guarded('layer', () => noteRoute(args[0] as Context, path))
      return Reflect.apply(middleware, this, args)
    }
  }

  const { prototype } = 'default' in exports ? exports.default : exports
  patcher.wrap(prototype, 'match', (original) => {
    return {
      match(this: Router, ...args: unknown[]) {
        const matched = Reflect.apply(original, this, args) as Matched
        patcher.guarded('match', () => {
          matched.pathAndMethod = matched.pathAndMethod.map(standIn)
        })
        return matched
      },
    }.match
  })
}

function noteRoute(context: Context, path: unknown): void {
  const web = webRequestOf(context.req)
  const route = web && routeOf(context, path)
  if (route !== undefined && isMoreSpecific(route, web?.route)) web!.route = route
}

/** The route of a layer with what its router is mounted at. */
export function routeOf(context: Context, path: unknown): string | undefined {
  if (typeof path !== 'string' && !(path instanceof RegExp)) return undefined
  const mount = mountOf(context)
  const route = typeof path === 'string' ? path : `(${path})`
  return mount !== '' && route === '/' ? mount : mount + route || '/'
}

/** Inside of `koa-mount` the path lacks what was mounted at, of which the context knows the innermost only. */
function mountOf({ mountPath, originalUrl, path }: Context): string {
  if (mountPath === undefined) return ''
  const query = originalUrl.indexOf('?')
  const whole = query === -1 ? originalUrl : originalUrl.slice(0, query)
  if (path === '/' && !whole.endsWith('/')) return whole
  return whole.endsWith(path) ? whole.slice(0, whole.length - path.length) : ''
}
