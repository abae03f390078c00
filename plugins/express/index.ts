// Express 4 and 5: names the request's span after the route that answered, and makes a span for each middleware.
//
// Both versions run every handler through a Layer (Express 5's is in the package `router`), and that is where this looks. The
// layers and their handlers stay as the program made them, because programs look at them.

import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type AnyFunction,
  definePlugin,
  nameWebRequest,
  type Patcher,
  type PluginOptions,
  webRequestOf,
} from '../../src/plugin'
import { type Layer, LayerTracer, type Next } from './layer-tracer'
import { mountPatterns } from './route'

export interface ExpressOptions extends PluginOptions {
  /** The service of the requests that Express answers. */
  readonly service?: string
  /** False: no spans for middleware; routes and errors are recorded all the same. */
  readonly middleware?: boolean
}

interface Application {
  handle(request: IncomingMessage, response: ServerResponse, callback?: Next): void
}

interface Router {
  use(...args: unknown[]): unknown
  readonly stack: Layer[]
}

function nameRequests(application: Application, patcher: Patcher<ExpressOptions>): void {
  patcher.wrap(application, 'handle', (original) => {
    return {
      handle(this: Application, ...args: unknown[]) {
        patcher.guarded('handle', () => {
          const web = webRequestOf(args[0] as IncomingMessage)
          if (web !== undefined) nameWebRequest(web, patcher)
        })
        return Reflect.apply(original, this, args)
      },
    }.handle
  })
}

/** Layers do not tell the pattern that they were mounted with, so it is noted when they are. */
function noteMountPatterns(router: Router, patcher: Patcher<ExpressOptions>): void {
  patcher.wrap(router, 'use', (original) => {
    return {
      use(this: Router, ...args: unknown[]) {
        const before = this.stack?.length ?? 0
        const result = Reflect.apply(original, this, args)
        patcher.guarded('use', () => {
          if (typeof args[0] === 'function') return
          for (const layer of this.stack.slice(before)) mountPatterns.set(layer, args[0])
        })
        return result
      },
    }.use
  })
}

function traceLayers(
  prototype: Record<string, AnyFunction>,
  [handleRequest, handleError]: readonly [string, string],
  patcher: Patcher<ExpressOptions>,
): void {
  const tracer = new LayerTracer(patcher)
  patcher.wrap(prototype, handleRequest, (original) => tracer.handleRequest(original))
  patcher.wrap(prototype, handleError, (original) => tracer.handleError(original))
}

type LayerClass = { prototype: Record<string, AnyFunction> }

export default definePlugin({
  name: 'express',
  hooks: [
    { module: 'express', versions: '>=4.6 <6', file: 'lib/application.js', patch: nameRequests },
    { module: 'express', versions: '>=4.6 <5', file: 'lib/router/index.js', patch: noteMountPatterns },
    {
      module: 'express',
      versions: '>=4.6 <5',
      file: 'lib/router/layer.js',
      patch: (Layer: LayerClass, patcher: Patcher<ExpressOptions>) =>
        traceLayers(Layer.prototype, ['handle_request', 'handle_error'], patcher),
    },
    {
      module: 'router',
      versions: '>=2 <3',
      patch: (Router: { prototype: Router }, patcher: Patcher<ExpressOptions>) =>
        noteMountPatterns(Router.prototype, patcher),
    },
    {
      module: 'router',
      versions: '>=2 <3',
      file: 'lib/layer.js',
      patch: (Layer: LayerClass, patcher: Patcher<ExpressOptions>) =>
        traceLayers(Layer.prototype, ['handleRequest', 'handleError'], patcher),
    },
  ],
})
