// Express 4 and 5: names the request's span after the route that answered, and makes a span for each middleware.
//
// Both versions run every handler through a Layer (Express 5's is in the package `router`), and that is where this looks. The
// layers and their handlers stay as the program made them, because programs look at them.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { definePlugin, nameWebRequest, type Patcher, webRequestOf } from '../src/plugin'
import type { LayerOptions, Next } from './layers/layer-tracer'
import { type LayerClass, noteMountPatterns, type Router, traceLayers } from './layers/patch-layers'

interface Application {
  handle(request: IncomingMessage, response: ServerResponse, callback?: Next): void
}

function nameRequests(application: Application, patcher: Patcher<LayerOptions>): void {
  patcher.wrap(application, 'handle', (original) => {
    return {
      handle(this: Application, ...args: unknown[]) {
        patcher.guarded('handle', () => {
          const web = webRequestOf(args[0] as IncomingMessage)
          if (web !== undefined) nameWebRequest(web, patcher, this)
        })
        return Reflect.apply(original, this, args)
      },
    }.handle
  })
}

export default definePlugin({
  name: 'express',
  hooks: [
    { module: 'express', versions: '>=4.6 <6', file: 'lib/application.js', patch: nameRequests },
    { module: 'express', versions: '>=4.6 <5', file: 'lib/router/index.js', patch: noteMountPatterns },
    {
      module: 'express',
      versions: '>=4.6 <5',
      file: 'lib/router/layer.js',
      patch: (Layer: LayerClass, patcher: Patcher<LayerOptions>) =>
        traceLayers(Layer, ['handle_request', 'handle_error'], patcher),
    },
    // Known, but nothing of Express's.
    { module: 'router', versions: '>=1 <2', patch() {} },
    {
      module: 'router',
      versions: '>=2 <3',
      patch: (Router: { prototype: Router }, patcher: Patcher<LayerOptions>) =>
        noteMountPatterns(Router.prototype, patcher),
    },
    {
      module: 'router',
      versions: '>=2 <3',
      file: 'lib/layer.js',
      patch: (Layer: LayerClass, patcher: Patcher<LayerOptions>) =>
        traceLayers(Layer, ['handleRequest', 'handleError'], patcher, true),
    },
  ],
})
