// Patches routers that are made of layers: Express 4's own and the package `router`, which Express 5 has.

import type { AnyFunction, Patcher } from '../../src/plugin'
import { type Layer, type LayerOptions, LayerTracer } from './layer-tracer'
import { mountPatterns } from './route'

export interface Router {
  use(...args: unknown[]): unknown
  readonly stack: Layer[]
}

export interface LayerClass {
  readonly prototype: Record<string, AnyFunction>
}

/** Layers do not tell the pattern that they were mounted with, so it is noted when they are. */
export function noteMountPatterns(router: Router, patcher: Patcher<LayerOptions>): void {
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

export function traceLayers(
  { prototype }: LayerClass,
  [handleRequest, handleError]: readonly [string, string],
  patcher: Patcher<LayerOptions>,
  ofApplications?: boolean,
): void {
  const tracer = new LayerTracer(patcher, ofApplications)
  patcher.wrap(prototype, handleRequest, (original) => tracer.handleRequest(original))
  patcher.wrap(prototype, handleError, (original) => tracer.handleError(original))
}
