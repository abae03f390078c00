// NestJS 10, 11 and 12: a span for the handler of a controller with its guards, pipes and interceptors, inside the request of the
// platform, Express or Fastify, which names the request after its route.
//
// Nest keeps the program's methods as they are, because their metadata hang on them; what it makes of one for its platform is
// traced. It also answers errors by itself, so that the platform does not see them: they are noted where it takes them over.

import type { IncomingMessage } from 'node:http'
import {
  type AnyFunction,
  definePlugin,
  hiddenField,
  type Patcher,
  type PluginOptions,
  webRequestOf,
} from '../src/plugin'
import { MiddlewareTracer } from './layers/middleware-tracer'

/** What the platform makes of a request; Fastify's holds the server's. */
type Request = IncomingMessage & { readonly raw?: IncomingMessage }

/** Which method of the program a handler is for. */
interface Action {
  readonly controller: string
  readonly method: string
}

interface ExecutionContext {
  create(instance: object, callback: AnyFunction, methodName: string): AnyFunction
}

interface ExceptionsHandler {
  next(exception: unknown, host: { getArgByIndex(index: number): Request }): void
}

const requestOf = (request: Request | undefined) => request?.raw ?? request

function traceHandlers(
  { RouterExecutionContext: { prototype } }: { RouterExecutionContext: { prototype: ExecutionContext } },
  patcher: Patcher<PluginOptions>,
): void {
  const actions = hiddenField<Action>()
  const tracer = new MiddlewareTracer<Request>(patcher, {
    name: 'nestjs.handler',
    service: patcher.options.service,
    requestOf,
    resourceOf(handler) {
      const { controller, method } = actions.get(handler)!
      return `${controller}.${method}`
    },
    tagsOf(handler) {
      const { controller, method } = actions.get(handler)!
      return { 'nestjs.controller': controller, 'nestjs.callback': method }
    },
  })
  patcher.wrap(prototype, 'create', (original) => {
    return {
      create(this: ExecutionContext, ...args: unknown[]) {
        const handler = Reflect.apply(original, this, args) as AnyFunction
        const traced = patcher.guarded('create', () => {
          const [instance, , method] = args as Parameters<ExecutionContext['create']>
          actions.set(handler, { controller: instance.constructor.name, method })
          return tracer.trace(handler)
        })
        return traced ?? handler
      },
    }.create
  })
}

function noteErrors(
  { ExceptionsHandler: { prototype } }: { ExceptionsHandler: { prototype: ExceptionsHandler } },
  patcher: Patcher<PluginOptions>,
): void {
  patcher.wrap(prototype, 'next', (original) => {
    return {
      next(this: ExceptionsHandler, ...args: unknown[]) {
        patcher.guarded('next', () => {
          const [error, host] = args as Parameters<ExceptionsHandler['next']>
          const web = webRequestOf(requestOf(host.getArgByIndex(0)) as object)
          if (web !== undefined) web.error = error
        })
        return Reflect.apply(original, this, args)
      },
    }.next
  })
}

const nest = { module: '@nestjs/core', versions: '>=10 <13' }

export default definePlugin({
  name: 'nestjs',
  hooks: [
    { ...nest, file: 'router/router-execution-context.js', patch: traceHandlers },
    { ...nest, file: 'exceptions/exceptions-handler.js', patch: noteErrors },
  ],
})
