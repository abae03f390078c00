// Koa as its tests see it, with any of its routers.

import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Library } from './library'
import { listen, shut } from './loopback'
import type { Framework } from './web-framework'

export interface Context {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly params: Record<string, string>
  path: string
  body: unknown
  status: number
  respond: boolean
  throw(status: number, message: string): never
}
type Next = () => Promise<unknown>
export type Middleware = (context: Context, next: Next) => unknown

export interface Koa {
  readonly middleware: Middleware[]
  use(middleware: Middleware): Koa
  callback(): (request: IncomingMessage, response: ServerResponse) => void
  on(event: string, listener: () => void): unknown
}

export interface Router {
  readonly stack: readonly { readonly stack: readonly Middleware[] }[]
  use(...handlers: (string | Middleware)[]): Router
  get(path: string | RegExp | readonly string[], ...handlers: Middleware[]): Router
  get(name: string, path: string, ...handlers: Middleware[]): Router
  all(path: string, ...handlers: Middleware[]): Router
  post(path: string, ...handlers: Middleware[]): Router
  param(name: string, handler: (value: string, context: Context, next: Next) => unknown): Router
  prefix(path: string): Router
  routes(): Middleware
  allowedMethods(): Middleware
}
export type RouterClass = new (options?: object) => Router

/** An application, and what programs load beside it. */
export interface App {
  readonly koa: Koa
  Router(options?: object): Router
  readonly mount: (prefix: string, app: Koa | Middleware) => Middleware
  readonly server: Server
}

export function koaFramework(library: Library, routerName = '@koa/router'): Framework<App> {
  const classOf = <T>(name: string): T => {
    const loaded = library.load<T & { default?: T }>(name)
    return loaded.default ?? loaded
  }
  return {
    plugin: 'koa',
    library,
    make() {
      const koa = new (library.load<new () => Koa>('koa'))()
      // It would write to the console.
      koa.on('error', () => {})
      return {
        koa,
        Router: (options) => new (classOf<RouterClass>(routerName))(options),
        mount: library.load('koa-mount'),
        server: http.createServer(),
      }
    },
    serve({ koa, server }) {
      server.on('request', koa.callback())
      return listen(server)
    },
    close: ({ server }) => shut(server),
    patched: () => [
      library.load<{ prototype: object }>('koa').prototype,
      library.load<object>('koa/lib/context'),
      classOf<{ prototype: object }>(routerName).prototype,
    ],
  }
}
