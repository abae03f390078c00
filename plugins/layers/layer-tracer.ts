// Follows a request through the layers of Express, `router` and Connect: which patterns it came through, which middleware ran and
// for how long, what went wrong. Applications of one may be mounted in another: what a request came through is one path for all.
//
// A layer's time ends when it calls `next` or when the response is over. What comes after `next` belongs to the layer's
// caller: it runs in the caller's context. What still runs when the response is over is nobody's.

import type { IncomingMessage } from 'node:http'
import {
  type AnyFunction,
  followPin,
  freshList,
  hiddenField,
  nameWebRequest,
  type Patcher,
  type PluginOptions,
  pinsAreThere,
  type Span,
  tags,
  type WebRequest,
  webRequestOf,
} from '../../src/plugin'
import { isMoreSpecific, joinRoute, mountPatterns } from './route'

export interface LayerOptions extends PluginOptions {
  /** The service of the requests that the framework answers. */
  readonly service?: string
  /** False: no spans for middleware; routes and errors are recorded all the same. */
  readonly middleware?: boolean
}

export interface Layer {
  readonly name: string
  /** The pattern, from `router` 2.3 on. */
  readonly rawPath?: unknown
  readonly handle: AnyFunction & { readonly _name?: string }
  /** Set on the layer that stands for a whole route. */
  readonly route?: { readonly path: unknown }
}

export type Next = (error?: unknown) => unknown

export type Request = IncomingMessage & { readonly baseUrl?: string; readonly app?: unknown }

/** How far a request has come. */
class Progress {
  /** The patterns it is inside of, joined. */
  path = ''
  /** The spans of its middlewares. */
  readonly spans = freshList<Span>()
}

const REQUEST_ARITY = 3
const ERROR_ARITY = 4

const progressOf = hiddenField<Progress>()

export class LayerTracer {
  readonly #patcher: Patcher<LayerOptions>
  readonly #ofApplications: boolean | undefined
  readonly #name: string

  /** @param ofApplications whose requests are the plugin's: those that have come to an application of Express, or the others */
  constructor(patcher: Patcher<LayerOptions>, ofApplications?: boolean) {
    this.#patcher = patcher
    this.#ofApplications = ofApplications
    this.#name = `${patcher.plugin}.middleware`
  }

  /** For `(request, response, next)`. */
  handleRequest(original: AnyFunction): AnyFunction {
    const tracer = this
    return {
      handleRequest(this: Layer, ...args: unknown[]) {
        if (this.handle.length > REQUEST_ARITY) return Reflect.apply(original, this, args)
        return tracer.through(this, original, this, args, 0)
      },
    }.handleRequest
  }

  /** For `(error, request, response, next)`. */
  handleError(original: AnyFunction): AnyFunction {
    const tracer = this
    return {
      handleError(this: Layer, ...args: unknown[]) {
        if (this.handle.length !== ERROR_ARITY) return Reflect.apply(original, this, args)
        return tracer.through(this, original, this, args, 1)
      },
    }.handleError
  }

  /** Calls `original`, which runs the handler of a layer; the request is at the index `at` of `args`. */
  through(layer: Layer, original: AnyFunction, self: unknown, args: unknown[], at: 0 | 1): unknown {
    const request = args[at] as Request | undefined
    // Outside of the guard, which costs more: with Express, each layer also passes the tracer of `router`.
    const isOwn = this.#ofApplications === undefined || (request?.app !== undefined) === this.#ofApplications
    if (request === undefined || request === null || !isOwn) return Reflect.apply(original, self, args)
    const entered = this.#patcher.guarded('layer', () => this.#enter(layer, request, args, at + 2))
    if (entered === undefined) return Reflect.apply(original, self, args)
    return this.#patcher.run(entered, original, self, args)
  }

  /** Notes the layer and puts itself before `next`; returns the span that the layer is to run in, if any. */
  #enter(layer: Layer, request: Request, args: unknown[], nextAt: number): Span | undefined {
    const web = webRequestOf(request)
    const goOn = args[nextAt]
    if (web === undefined || web.span.isFinished || typeof goOn !== 'function') return undefined
    const { plugin, tracer, options } = this.#patcher
    nameWebRequest(web, this.#patcher, request.app as object | undefined)
    // It may come from where no layer ran: a parameter, or a URL that cannot be decoded.
    if (nextAt === ERROR_ARITY - 1) web.error = args[0]
    const progress = this.#progressOf(web)
    const outer = progress.path
    progress.path = this.#join(layer, request, outer)
    if (layer.route !== undefined && isMoreSpecific(progress.path, web.route)) web.route = progress.path || '/'
    const span =
      options.middleware === false || layer.route !== undefined
        ? undefined
        : tracer.open(this.#name, web.span.service, nameOf(layer), '')
    if (span !== undefined) {
      span.put(tags.COMPONENT, plugin)
      span.put(tags.INTEGRATION, plugin)
      span.put(tags.SPAN_KIND, 'internal')
      if (pinsAreThere()) followPin(span, web.span, plugin)
      progress.spans.push(span)
    }
    const patcher = this.#patcher
    const caller = patcher.active
    let left = false
    // The name and the one parameter are those of the framework's own.
    args[nextAt] = function next(this: unknown, error?: unknown) {
      patcher.guardedEnd('next', () => {
        if (left) noteSecondNext(web, layer, error)
        left = true
        progress.path = outer
        if (isError(error)) {
          web.error = error
          if (tellsOfError(error)) span?.setError(error)
        }
        span?.finish()
      })
      return patcher.run(caller, goOn as AnyFunction, this, [error])
    }
    return span
  }

  #join(layer: Layer, request: Request, outer: string): string {
    return layer.route === undefined
      ? joinRoute(outer, layer.rawPath ?? mountPatterns.get(layer), request.baseUrl ?? '')
      : joinRoute(outer, layer.route.path, pathOf(request.url ?? '/'))
  }

  #progressOf(web: WebRequest): Progress {
    const known = progressOf.get(web)
    if (known !== undefined) return known
    const progress = new Progress()
    progressOf.set(web, progress)
    web.onEnd(this.#patcher, () => {
      // Answered by a mounted middleware, such as a folder of files.
      if (web.route === undefined && progress.path !== '') web.route = progress.path
      for (const span of progress.spans) span.finish()
    })
    return progress
  }
}

function pathOf(url: string): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

function nameOf({ handle, name }: Layer): string {
  return handle._name || name || handle.name || '<anonymous>'
}

/** What the frameworks take for an error; the words for leaving a route or router early are none. */
function isError(value: unknown): boolean {
  return Boolean(value) && value !== 'route' && value !== 'router'
}

/**
 * Some programs, verdaccio among them, pass their answers on this way, for a last layer to send: documents, which say nothing of an
 * error.
 */
function tellsOfError(value: unknown): boolean {
  return typeof value !== 'object' || value === null || 'message' in value || 'stack' in value
}

/** A mistake that is hard to find otherwise: everything after this layer runs twice. */
function noteSecondNext(web: WebRequest, layer: Layer, error: unknown): void {
  web.span.addEvent('middleware.next_called_again', { 'middleware.name': nameOf(layer), with_error: isError(error) })
}
