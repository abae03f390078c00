// Koa 2 and 3, with its routers: names the request's span after the route that answered, and makes a span for each middleware.
//
// An application keeps its middlewares in a list that programs look at, and every layer of a router has one, too. The lists stay
// as they are: what is composed of them is given a view instead, in which each function is traced.

import type { IncomingMessage } from 'node:http'
import { belongs, definePlugin, nameWebRequest, type Patcher, type PluginOptions, webRequestOf } from '../../src/plugin'
import { viewOf } from '../list-view'
import { type Context, KoaMiddlewareTracer, type Middleware } from './middleware'
import { routeOf, traceLayers } from './router'

export interface KoaOptions extends PluginOptions {
  /** The service of the requests that Koa answers. */
  readonly service?: string
  /** False: no spans for middleware; routes, and errors that reach Koa itself, are recorded all the same. */
  readonly middleware?: boolean
}

interface Application {
  middleware: Middleware[]
  callback(): unknown
  createContext(request: IncomingMessage): Context
}

function nameRequests({ prototype }: { prototype: Application }, patcher: Patcher<KoaOptions>): void {
  const tracer = new KoaMiddlewareTracer(patcher)
  patcher.wrap(prototype, 'createContext', (original) => {
    return {
      createContext(this: Application, ...args: unknown[]) {
        const context = Reflect.apply(original, this, args) as Context
        patcher.guarded('createContext', () => {
          const web = webRequestOf(args[0] as IncomingMessage)
          if (web === undefined) return
          nameWebRequest(web, patcher, this)
          web.onEnd(patcher, () => {
            // Noted before, unless the router is an ES module, which cannot be patched.
            web.route ??= routeOf(context, context._matchedRoute)
          })
        })
        return context
      },
    }.createContext
  })
  patcher.wrap(prototype, 'callback', (original) => {
    return {
      callback(this: Application, ...args: unknown[]) {
        const { middleware } = this
        const view = patcher.guarded('callback', () =>
          patcher.options.middleware === false
            ? undefined
            : viewOf(middleware, (one) => patcher.guarded('middleware', () => tracer.trace(one)) ?? one),
        )
        if (view !== undefined) this.middleware = view
        try {
          const listener = Reflect.apply(original, this, args) as object
          patcher.guarded('pin', () => belongs(listener, this))
          return listener
        } finally {
          if (view !== undefined) this.middleware = middleware
        }
      },
    }.callback
  })
}

/** Where errors end up that no middleware has caught. */
function noteErrors(context: Context, patcher: Patcher<KoaOptions>): void {
  patcher.wrap(context, 'onerror', (original) => {
    return {
      onerror(this: Context, ...args: unknown[]) {
        patcher.guarded('onerror', () => {
          const web = webRequestOf(this.req)
          if (web !== undefined && args[0] !== null && args[0] !== undefined) web.error = args[0]
        })
        return Reflect.apply(original, this, args)
      },
    }.onerror
  })
}

export default definePlugin({
  name: 'koa',
  hooks: [
    { module: 'koa', versions: '>=2 <4', file: 'lib/application.js', patch: nameRequests },
    { module: 'koa', versions: '>=2 <4', file: 'lib/context.js', patch: noteErrors },
    { module: '@koa/router', versions: '>=8 <15', file: 'lib/router.js', patch: traceLayers },
    { module: '@koa/router', versions: '>=15 <16', file: ['dist/index.js', 'dist/index.mjs'], patch: traceLayers },
    { module: 'koa-router', versions: '>=7 <15', file: 'lib/router.js', patch: traceLayers },
  ],
})
