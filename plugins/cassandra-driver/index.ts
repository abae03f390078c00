// Cassandra by `cassandra-driver`: every query and batch of a client, however it was asked for.
//
// execute, eachRow, stream, the mapper and executeConcurrent all meet in one inner method, once per page. Which node has
// coordinated a query stands in its result or error, so it needs no look at connections, where another query's would be found. What
// the driver asks for itself goes another way and gives no span.

import { type AnyFunction, definePlugin, type Operation, type Patcher } from '../../src/plugin'
import { tracePages } from './pages'
import {
  type Client,
  describe,
  type ExecutionOptions,
  keyspaceOf,
  noteCoordinator,
  template,
  textOfBatch,
} from './query'

const queries: Operation<Client, [query: unknown, params: unknown, options?: ExecutionOptions]> = {
  ...template,
  start: (client, [query, , options]) => describe(client, query, keyspaceOf(options)),
  finish: noteCoordinator,
}

const batches: Operation<Client, [queries: unknown, options?: ExecutionOptions | null]> = {
  ...template,
  start: (client, [given, options]) => describe(client, textOfBatch(given), keyspaceOf(options)),
  finish: noteCoordinator,
}

type Exports<T> = { prototype: T }

/** Rows come in the context of the connection, which may be that of the first request ever. */
function bindRows({ prototype }: Exports<Client>, patcher: Patcher): void {
  patcher.wrap(prototype, 'eachRow', (original) => {
    return {
      eachRow(this: unknown, ...args: unknown[]) {
        const scope = patcher.tracer.scope()
        const bound = args.map((arg) => (typeof arg === 'function' ? scope.bind(arg as AnyFunction) : arg))
        return Reflect.apply(original, this, bound)
      },
    }.eachRow
  })
}

/** @param inner the method through which all queries go */
function traceClient(inner: '_innerExecute' | '_execute') {
  return (Client: Exports<Client>, patcher: Patcher): void => {
    patcher.trace(Client.prototype, inner, queries)
    patcher.trace(Client.prototype, 'batch', batches)
    bindRows(Client, patcher)
  }
}

const hook = { module: 'cassandra-driver', versions: '>=4.4.0 <5' }

export default definePlugin({
  name: 'cassandra-driver',
  hooks: [
    { ...hook, versions: '>=3.0.0 <4.4.0', file: 'lib/client.js', patch: traceClient('_innerExecute') },
    { ...hook, file: 'lib/client.js', patch: traceClient('_execute') },
    { ...hook, file: 'lib/request-handler.js', patch: tracePages },
  ],
})
