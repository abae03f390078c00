// What `mysql` and `mysql2`, a rewrite of it, have in common: what all spans say, and how pools and clusters are asked for a
// connection.

import { belongs, type Patcher, type SpanTemplate, tags } from '../../src/plugin'
import { PoolWait, pinsBehind } from '../../src/plugin/clients'
import { connectionTags, type SqlConnection } from '../sql-connection'

export const template = { type: 'sql', kind: 'client', system: 'mysql', peerTags: [tags.DB_NAME] } as const

interface Pool {
  readonly config?: { readonly connectionConfig?: SqlConnection }
  getConnection: unknown
  query?: unknown
  execute?: unknown
}

interface Cluster {
  of: unknown
  _getConnection(...args: unknown[]): unknown
}

export function tracePool({ prototype }: { prototype: Pool }, patcher: Patcher): void {
  traceAcquiring(prototype, patcher)
  // What is made of it for promises.
  pinsBehind(patcher, 'pool', prototype)
}

/** A namespace of a cluster, a pool of pools, has a class that is not exported. */
export function traceCluster({ prototype: cluster }: { prototype: Cluster }, patcher: Patcher): void {
  const known = new WeakSet<object>()
  pinsBehind(patcher, 'poolCluster', cluster)
  patcher.wrap(cluster, '_getConnection', (original) => {
    return {
      _getConnection(this: Cluster, ...args: unknown[]) {
        patcher.guarded('node', () => belongs((args[0] as { readonly pool: object }).pool, this))
        return Reflect.apply(original, this, args)
      },
    }._getConnection
  })
  patcher.wrap(cluster, 'of', (original) => {
    return {
      of(this: Cluster, ...args: unknown[]) {
        const namespace = Reflect.apply(original, this, args) as Pool
        patcher.guarded('of', () => {
          belongs(namespace, this)
          const prototype = Object.getPrototypeOf(namespace) as Pool
          if (known.has(prototype)) return
          known.add(prototype)
          traceAcquiring(prototype, patcher)
          pinsBehind(patcher, 'poolNamespace', prototype)
        })
        return namespace
      },
    }.of
  })
}

function traceAcquiring(prototype: Pool, patcher: Patcher): void {
  const wait = PoolWait.of(patcher)
  const acquire: SpanTemplate = { ...template, name: `${patcher.plugin}.pool.acquire` }
  wait.acquire(prototype, 'getConnection', acquire, ({ config }) => ({
    tags: connectionTags('mysql', config?.connectionConfig),
  }))
  for (const method of ['query', 'execute'] as const) if (method in prototype) wait.uses(prototype, method)
}
