// Express as its tests write applications for it: its types, handlers that each do one thing, and how the spans of a request read.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tracer } from '../../src'
import { type ReceivedSpan, type SpanNode, tree } from '../support/agent'
import type { LibraryVersions } from '../support/library'
import { serverOnly, shape as shapeOfAll } from '../support/web-framework'

export type Request = IncomingMessage & { params: Record<string, string>; body: unknown; baseUrl: string; app: unknown }
export type Response = ServerResponse & {
  send(body: unknown): Response
  json(body: unknown): Response
  status(code: number): Response
}
export type Next = (error?: unknown) => void
export type Handler = (request: Request, response: Response, next: Next) => unknown
export type ErrorHandler = (error: Error, request: Request, response: Response, next: Next) => unknown
type Path = string | RegExp | readonly (string | RegExp)[]

interface Router {
  (request: IncomingMessage, response: ServerResponse, next?: Next): void
  use(handler: Handler): this
  use(...handlers: (Handler | Router | readonly Handler[])[]): this
  use(handler: ErrorHandler): this
  use(path: Path, ...handlers: (Handler | Router)[]): this
  all(path: Path, ...handlers: Handler[]): this
  get(path: Path, ...handlers: (Handler | readonly Handler[])[]): this
  post(path: Path, ...handlers: Handler[]): this
  route(path: Path): { get(...handlers: Handler[]): { post(...handlers: Handler[]): unknown } }
  param(name: string, handler: (...args: [Request, Response, Next, string]) => void): this
}
export type App = Router & {
  set(name: string, value: unknown): App
  router: { stack: Layer[] }
  _router: { stack: Layer[] }
}
interface Layer {
  readonly handle: unknown
  readonly route?: { readonly stack: readonly Layer[] }
}
export interface Express {
  (): App
  Router(options?: object): Router
  static(folder: string): Handler
  json(): Handler
}

/** An application, what is asked of it, and the spans: `resource status (children)`, with the errors; the error of the request. */
export type AppRow = [
  name: string,
  build: (app: App, express: Express) => void,
  line: string,
  spans: string,
  message?: string,
]

export const versions: LibraryVersions = { name: 'express', majors: { 4: ['4.6.0', '4.22.1'], 5: ['5.0.0', '5.3.0'] } }

export const traced = { ...serverOnly, express: true } as const

export const list: Handler = (_request, response) => response.send('list')
export const show: Handler = ({ params }, response) => response.json(params)
export const pass: Handler = (_request, _response, next) => next()
export const boom: Handler = () => {
  throw new RangeError('boom')
}
export const boomLater: Handler = (_request, _response, next) => void setImmediate(next, new RangeError('boom'))
export const slow: Handler = async (_request, _response, next) => {
  await tracer.trace('before', () => nextTurn())
  next()
  await tracer.trace('after', () => nextTurn())
}
export const work: Handler = (_request, response) => {
  tracer.trace('work', () => {})
  response.send('worked')
}
const answerWith =
  (status: number): ErrorHandler =>
  (error, _request, response, _next) =>
    response.status(status).send(error.message ?? error)
export const [badRequest, serverError] = [400, 500].map((status) => {
  const handler = answerWith(status)
  return Object.defineProperty(handler, 'name', { value: `answer${status}` })
}) as [ErrorHandler, ErrorHandler]

/** Express 4 has two middlewares of its own. */
const isOwn = ({ span }: SpanNode) => ['query', 'expressInit'].includes(span.resource)

const withoutOwn = (nodes: readonly SpanNode[]): SpanNode[] =>
  nodes.filter((node) => !isOwn(node)).map(({ span, children }) => ({ span, children: withoutOwn(children) }))

export const shape = (nodes: readonly SpanNode[]) => shapeOfAll(withoutOwn(nodes))

export const shapeOf = (spans: readonly ReceivedSpan[]) => shape(tree(spans))
