// The ES modules of `mariadb`: the same classes, each by its file.
//
// Their objects keep what they were made with to themselves. Where one leads is said by those behind it, while it asks them: the
// connection that every command goes through, and the pool.

import type { AnyFunction, Hook, Patcher } from '../../src/plugin'
import type { SqlConnection } from '../sql-connection'
import { type Methods, Queries } from './queries'

interface Exports<Prototype> {
  readonly default: { readonly prototype: Prototype }
}

interface Connection {
  readonly opts?: SqlConnection
  addCommandQueue: AnyFunction
  addCommandEnable: AnyFunction
  addCommandEnablePipeline: AnyFunction
}

interface Pool {
  readonly opts?: { readonly connOptions?: SqlConnection }
  getConnection: AnyFunction
}

const CONNECTIONS = ['lib/connection-promise.js', 'lib/connection-callback.js']
const GIVERS = [
  'lib/pool-promise.js',
  'lib/pool-callback.js',
  'lib/cluster.js',
  'lib/cluster-callback.js',
  'lib/filtered-cluster.js',
  'lib/filtered-cluster-callback.js',
]

export function esModules(versions: string): readonly Hook[] {
  const hook = { module: 'mariadb', versions }
  return [
    {
      ...hook,
      file: CONNECTIONS,
      patch: (exports: Exports<Methods>, patcher: Patcher) =>
        Queries.of(patcher).traceConnection(exports.default.prototype),
    },
    {
      ...hook,
      file: GIVERS,
      patch: (exports: Exports<Methods>, patcher: Patcher) => Queries.of(patcher).traceGiver(exports.default.prototype),
    },
    {
      ...hook,
      file: 'lib/connection.js',
      patch({ default: { prototype } }: Exports<Connection>, patcher: Patcher) {
        const queries = Queries.of(patcher)
        for (const method of ['addCommandQueue', 'addCommandEnable', 'addCommandEnablePipeline'] as const)
          queries.locate(prototype, method, ({ opts }) => opts)
      },
    },
    {
      ...hook,
      file: 'lib/pool.js',
      patch({ default: { prototype } }: Exports<Pool>, patcher: Patcher) {
        Queries.of(patcher).locate(prototype, 'getConnection', ({ opts }) => opts?.connOptions)
        // A busy pool calls back from whoever gave the connection up.
        patcher.bind(prototype, 'getConnection')
      },
    },
  ]
}
