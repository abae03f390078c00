// What Koa and its routers call, and how that is traced.

import type { IncomingMessage } from 'node:http'
import type { Patcher } from '../../src/plugin'
import * as layers from '../layers/middleware-tracer'

export interface Context {
  readonly req: IncomingMessage
  readonly path: string
  readonly originalUrl: string
  /** Set by `koa-mount`. */
  readonly mountPath?: string
  /** Set by the routers. */
  readonly _matchedRoute?: unknown
  onerror(error: unknown): void
}

export type Middleware = layers.Middleware & { readonly router?: unknown }

export class KoaMiddlewareTracer extends layers.MiddlewareTracer<Context> {
  constructor(patcher: Patcher) {
    super(patcher, { name: 'koa.middleware', requestOf: (context) => context?.req, resourceOf })
  }
}

function resourceOf(middleware: Middleware): string {
  // Routers name theirs differently from version to version.
  if (middleware.router !== undefined) return 'router'
  return middleware._name || middleware.name || '<anonymous>'
}
