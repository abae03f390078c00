// Keyv: every operation on a store of keys, whatever is behind it. Its build for ES modules is other code and out of reach.

import { definePlugin, type Operation, type Patcher } from '../src/plugin'
import { cacheOperation, isHit } from './cache-operation'

type Store = Record<string, (...args: unknown[]) => unknown>

const QUESTIONS = ['get', 'getMany', 'getRaw', 'getManyRaw', 'has', 'hasMany']
const CHANGES = ['set', 'setMany', 'setRaw', 'setManyRaw', 'delete', 'deleteMany', 'clear']

function traceStores(Keyv: { prototype: Store }, patcher: Patcher): void {
  const { prototype } = Keyv
  for (const method of [...QUESTIONS, ...CHANGES]) {
    // Newer versions know more of them.
    if (typeof prototype[method] !== 'function') continue
    patcher.trace<Store>(
      prototype,
      method,
      outermost(cacheOperation('keyv', method, QUESTIONS.includes(method) ? isHit : undefined), patcher),
    )
  }
}

/** Operations are built upon each other: what was asked is told, not how it is done. */
function outermost(operation: Operation<object, unknown[]>, { tracer, plugin }: Patcher): Operation<Store, unknown[]> {
  return {
    ...operation,
    start(store, args) {
      const { activeSpan } = tracer
      return activeSpan?.getTag('component') === plugin ? undefined : operation.start(store, args)
    },
  }
}

const traceDefault = ({ default: Keyv }: { default: { prototype: Store } }, patcher: Patcher) =>
  traceStores(Keyv, patcher)

export default definePlugin({
  name: 'keyv',
  hooks: [
    { module: 'keyv', versions: '>=4 <5', file: 'src/index.js', patch: traceStores },
    { module: 'keyv', versions: '>=5 <6', file: ['dist/index.cjs', 'dist/index.js'], patch: traceDefault },
    { module: 'keyv', versions: '>=5 <6', file: 'dist/cjs/index.js', patch: traceStores },
  ],
})
