// MariaDB by `mariadb`, of promises and of callbacks: every query, execution, batch and stream of a connection, a statement, a pool or
// a cluster, and every wait for a pool's connection.
//
// What it does inside cannot be had: since 3.5.3 it comes as one minified file, with private fields. So it is traced where the
// program calls it, and the driver's own set-up never shows. The classes are found by the first object made of each; those of its
// ES modules, which cannot be replaced, by their files (es-modules.ts).

import type { AnyFunction, Patcher } from '../../src/plugin'
import { definePlugin } from '../../src/plugin'
import type { SqlConnection } from '../sql-connection'
import { esModules } from './es-modules'
import { Queries } from './queries'

interface Exports {
  readonly default?: Exports
  defaultOptions(options: unknown): SqlConnection
  createConnection: AnyFunction
  createPool: AnyFunction
  createPoolCluster: AnyFunction
}

const DOORS = ['createConnection', 'createPool', 'createPoolCluster'] as const

function patch(exports: Exports, patcher: Patcher): Exports | undefined {
  const queries = Queries.of(patcher)
  const parsed = (options: unknown) => patcher.guarded('options', () => exports.defaultOptions(options)) ?? {}
  const isBundle = Object.getOwnPropertyDescriptor(exports, 'createPool')?.get !== undefined
  // A bundle exports getters, and all of it once more by one object that can be changed.
  const doors = isBundle && exports.default !== undefined ? exports.default : exports
  queries.given(doors, 'createConnection', (connection, [options]) =>
    queries.seeConnection(connection, parsed(options)),
  )
  queries.given(doors, 'createPool', (pool, [options]) => queries.seePool(pool, parsed(options)))
  queries.given(doors, 'createPoolCluster', (cluster) => queries.seeCluster(cluster))
  if (doors === exports) return undefined
  const properties = Object.getOwnPropertyDescriptors(exports)
  for (const door of DOORS) properties[door] = { ...properties[door], get: () => doors[door] }
  return Object.create(Object.getPrototypeOf(exports) as object, properties) as Exports
}

/** 3.5.1 and 3.5.2 have ES modules only; since, these are for who imports, and the bundle for who requires. */
const [files, bundles, modules] = ['>=3.0.1 <3.5.1', '>=3.5.3 <4', '>=3.5.1 <4']

export default definePlugin({
  name: 'mariadb',
  hooks: [
    { module: 'mariadb', versions: files, file: 'promise.js', patch },
    { module: 'mariadb', versions: files, file: 'callback.js', patch },
    { module: 'mariadb', versions: bundles, file: 'dist/promise.cjs', patch },
    { module: 'mariadb', versions: bundles, file: 'dist/callback.cjs', patch },
    ...esModules(modules),
  ],
})
