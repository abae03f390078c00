// Hono 4: names the request's span after the route that answered, and makes a span for each handler and middleware.
//
// An application's routers are the one place that all of its handlers go through and that can be patched in both builds, CommonJS
// and ES modules. They are given traced handlers; the list of routes, which programs look at, stays as it is.

import { definePlugin, mimic, type Patcher, type PluginOptions } from '../../src/plugin'
import { pinsBehind } from '../../src/plugin/clients'
import { type Middleware, MiddlewareTracer } from '../layers/middleware-tracer'
import { type Context, noteRoute, type Route, webOf } from './route'

interface HonoOptions extends PluginOptions {
  /** The service of the requests that Hono answers. */
  readonly service?: string
  /** False: no spans for handlers and middleware; routes and errors are recorded all the same. */
  readonly middleware?: boolean
}

interface Router {
  add(method: string, path: string, handler: unknown): void
}

type Entry = readonly [handler: Middleware, route: Route]

/** What routers have been given in place of the program's: a router may consist of others. */
const traced = new WeakSet<Entry>()

function traceHandlers({ prototype }: { prototype: Router }, patcher: Patcher<HonoOptions>): void {
  const tracer = new MiddlewareTracer<Context>(patcher, {
    name: 'hono.middleware',
    requestOf: (context) => context?.env?.incoming,
    resourceOf,
  })

  // All that a handler knows of its application is the router that it was given to.
  pinsBehind(patcher, 'router', prototype)

  function traceEntry([handler, route]: Entry, router: Router): Entry {
    const inside = patcher.options.middleware === false ? noteErrors(handler, patcher) : tracer.trace(handler)
    const entry: Entry = [mimic(noteRoute(inside, route, patcher, router), handler), route]
    traced.add(entry)
    return entry
  }

  patcher.wrap(prototype, 'add', (original) => {
    return {
      add(this: Router, ...args: unknown[]) {
        patcher.guarded('add', () => {
          if (isEntry(args[2]) && !traced.has(args[2])) args[2] = traceEntry(args[2], this)
        })
        return Reflect.apply(original, this, args)
      },
    }.add
  })
}

/** Routers know nothing of what they are given, and others use them, too. */
function isEntry(value: unknown): value is Entry {
  return Array.isArray(value) && typeof value[0] === 'function' && typeof value[1]?.path === 'string'
}

function noteErrors(handler: Middleware, patcher: Patcher<HonoOptions>): Middleware {
  return function (this: unknown, ...args: unknown[]) {
    const web = webOf(args[0] as Context)
    const span = patcher.tracer.activeSpan
    if (web === undefined || span === undefined) return Reflect.apply(handler, this, args)
    return patcher.follow(span, handler, this, args, (error, failed) => {
      if (failed) web.error = error
    })
  }
}

/** An application with an error handler of its own hands its handlers on within functions that keep them in a property. */
function resourceOf(handler: Middleware): string {
  const key = Reflect.ownKeys(handler).find((one) => /composed_?handler/i.test(String(one)))
  if (key !== undefined) return resourceOf((handler as unknown as Record<PropertyKey, Middleware>)[key]!)
  return handler.name || '<anonymous>'
}

const ROUTERS: readonly (readonly [name: string, file: string])[] = [
  ['SmartRouter', 'smart-router/router.js'],
  ['RegExpRouter', 'reg-exp-router/router.js'],
  ['PreparedRegExpRouter', 'reg-exp-router/prepared-router.js'],
  ['TrieRouter', 'trie-router/router.js'],
  ['LinearRouter', 'linear-router/router.js'],
  ['PatternRouter', 'pattern-router/router.js'],
]

export default definePlugin({
  name: 'hono',
  hooks: ROUTERS.map(([name, file]) => ({
    module: 'hono',
    versions: '>=4 <5',
    file: [`dist/cjs/router/${file}`, `dist/router/${file}`],
    patch: (exports: Record<string, { prototype: Router }>, patcher: Patcher<HonoOptions>) =>
      traceHandlers(exports[name]!, patcher),
  })),
})
