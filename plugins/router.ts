// The package `router` without Express: names the request's span after the route that answered, and makes a span for each
// middleware. Requests that have come to an application of Express are Express's.

import { definePlugin, nameWebRequest, type Patcher, webRequestOf } from '../src/plugin'
import type { LayerOptions, Request } from './layers/layer-tracer'
import { type LayerClass, noteMountPatterns, type Router, traceLayers } from './layers/patch-layers'

interface HandlingRouter extends Router {
  handle(...args: unknown[]): unknown
}

function patchRouter({ prototype }: { prototype: HandlingRouter }, patcher: Patcher<LayerOptions>): void {
  noteMountPatterns(prototype, patcher)
  patcher.wrap(prototype, 'handle', (original) => {
    return {
      handle(this: HandlingRouter, ...args: unknown[]) {
        const request = args[0] as Request | undefined
        if (request?.app === undefined) {
          patcher.guarded('handle', () => {
            const web = webRequestOf(request as Request)
            if (web !== undefined) nameWebRequest(web, patcher, this)
          })
        }
        return Reflect.apply(original, this, args)
      },
    }.handle
  })
}

const layersBy =
  (...methods: [string, string]) =>
  (Layer: LayerClass, patcher: Patcher<LayerOptions>) =>
    traceLayers(Layer, methods, patcher, false)

export default definePlugin({
  name: 'router',
  hooks: [
    { module: 'router', versions: '>=1 <3', patch: patchRouter },
    { module: 'router', versions: '>=1 <2', file: 'lib/layer.js', patch: layersBy('handle_request', 'handle_error') },
    { module: 'router', versions: '>=2 <3', file: 'lib/layer.js', patch: layersBy('handleRequest', 'handleError') },
  ],
})
