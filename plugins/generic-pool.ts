// Pools of anything by `generic-pool`: no spans, only the context. A busy pool calls back from whoever gave something up.
//
// Since 3 a pool gives promises, which keep their context by themselves. Before 2.4 its methods are out of reach.

import { type AnyFunction, definePlugin, type Patcher } from '../src/plugin'

interface Pools {
  readonly Pool: { readonly prototype: { acquire: AnyFunction } }
}

function bindAcquire({ Pool: { prototype } }: Pools, patcher: Patcher): void {
  patcher.wrap(prototype, 'acquire', (original) => {
    return {
      acquire(this: unknown, callback: AnyFunction, ...priority: unknown[]) {
        const bound = patcher.guarded('acquire', () => patcher.tracer.scope().bind(callback)) ?? callback
        return Reflect.apply(original, this, [bound, ...priority])
      },
    }.acquire
  })
}

export default definePlugin({
  name: 'generic-pool',
  hooks: [
    { module: 'generic-pool', versions: '>=2.4.0 <3', file: 'lib/generic-pool.js', patch: bindAcquire },
    { module: 'generic-pool', versions: '>=3.0.0 <4', patch: () => undefined },
  ],
})
