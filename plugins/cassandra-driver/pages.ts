// Results that are read page by page, as `for await` does, fetch all pages but the first past the client.

import { type AnyFunction, mimic, type Operation, type Patcher } from '../../src/plugin'
import { type Client, describe, type ExecutionOptions, keyspaceOf, noteCoordinator, template } from './query'

interface RequestHandler {
  readonly client: Client
  readonly request: { readonly query?: unknown }
  readonly executionOptions?: ExecutionOptions
  getNextPageHandler(): AnyFunction
}

/** What fetches the next page of a result, and the request that it goes on with. */
interface Page {
  readonly handler: RequestHandler
  readonly fetch: AnyFunction
}

const pages: Operation<Page, unknown[]> = {
  ...template,
  start: ({ handler }) => describe(handler.client, handler.request.query, keyspaceOf(handler.executionOptions)),
  finish: noteCoordinator,
  pinOn: ({ handler }) => handler.client,
}

export function tracePages({ prototype }: { prototype: RequestHandler }, patcher: Patcher): void {
  const turn = patcher.tracing(pages)(function (this: Page, ...args: unknown[]) {
    return Reflect.apply(this.fetch, undefined, args)
  })
  patcher.wrap(prototype, 'getNextPageHandler', (original) => {
    return {
      getNextPageHandler(this: RequestHandler, ...args: unknown[]) {
        const fetch = Reflect.apply(original, this, args) as AnyFunction
        const page: Page = { handler: this, fetch }
        return mimic((...given: unknown[]) => Reflect.apply(turn, page, given), fetch)
      },
    }.getNextPageHandler
  })
}
