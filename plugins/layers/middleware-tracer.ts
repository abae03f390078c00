// Puts a span around each call of a middleware, from the call to the end of its promise: what comes after it is inside of it, as
// it is in Koa and Hono.
//
// A middleware that is still at work when the response is over ends with it: it may never end by itself.

import {
  type AnyFunction,
  type CallStart,
  hiddenField,
  type Operation,
  type Patcher,
  type Span,
  type WebRequest,
  webRequestOf,
} from '../../src/plugin'

export type Middleware = AnyFunction & { readonly _name?: string }

/** Those that Nest runs on. */
const PLATFORMS = ['express', 'router', 'fastify']

/** How a framework calls its middlewares, of which `Context` is the first argument. */
interface Framework<Context> {
  /** Of the spans. */
  readonly name: string
  /** Default: that of the request. */
  readonly service?: string | undefined
  /** The request as the server knows it. */
  requestOf(context: Context): object | undefined
  resourceOf(middleware: Middleware): string
  tagsOf?(middleware: Middleware): CallStart['tags']
}

export class MiddlewareTracer<Context> {
  readonly #patcher: Patcher
  readonly #framework: Framework<Context>
  readonly #traced = new WeakMap<Middleware, Middleware>()

  constructor(patcher: Patcher, framework: Framework<Context>) {
    this.#patcher = patcher
    this.#framework = framework
  }

  /** The middleware in a span; the same each time. */
  trace(middleware: Middleware): Middleware {
    let traced = this.#traced.get(middleware)
    if (traced === undefined) {
      traced = this.#patcher.traced(middleware, this.#operationOf(middleware))
      this.#traced.set(middleware, traced)
    }
    return traced
  }

  #operationOf(middleware: Middleware): Operation<object, [context: Context]> {
    const { name, service, requestOf, resourceOf, tagsOf } = this.#framework
    const patcher = this.#patcher
    const resource = resourceOf(middleware)
    const tags = tagsOf?.(middleware)
    const webOf = (context: Context) => webRequestOf(requestOf(context) as object)
    return {
      name,
      kind: 'internal',
      pinBelow: ['http', 'http2', patcher.plugin, ...PLATFORMS],

      start(_self, [context]) {
        const web = webOf(context)
        return web === undefined || web.span.isFinished
          ? undefined
          : { resource, service: service ?? web.span.service, tags }
      },

      before(span, [context]) {
        openIn(webOf(context)!, patcher).add(span)
      },

      finish(span, _value, [context], error) {
        const web = webOf(context)
        if (web === undefined) return
        openSpans.get(web)?.delete(span)
        if (error !== undefined) web.error = error
      },
    }
  }
}

/** The spans of a request's middlewares that are at work. */
const openSpans = hiddenField<Set<Span>>()

function openIn(web: WebRequest, patcher: Patcher): Set<Span> {
  let open = openSpans.get(web)
  if (open === undefined) {
    open = new Set()
    openSpans.set(web, open)
    web.onEnd(patcher, () => {
      for (const span of openSpans.get(web) ?? []) span.finish()
    })
  }
  return open
}
