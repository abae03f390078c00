// cache-manager: every operation on a cache that was made with it, above those of its stores.
//
// A cache is an object of functions without a class, so what makes caches is patched, and caches made before stay as they are.

import { type AnyFunction, definePlugin, mimic, type Operation, type Patcher } from '../src/plugin'
import { CACHE_RESULT, cacheOperation, HIT, isHit, MISS } from './cache-operation'

type Cache = Record<string, unknown>
type Exports = Record<string, AnyFunction>

const QUESTIONS = ['get', 'mget']
const CHANGES = ['set', 'mset', 'del', 'mdel', 'clear', 'reset']

/** Asks for a key, and for its value the function given with it: what is not asked was found. */
function wraps(operation: Operation<object, unknown[]>): Operation<object, unknown[]> {
  return {
    ...operation,
    before(span, args) {
      const [, make] = args
      if (typeof make !== 'function') return
      span.put(CACHE_RESULT, HIT)
      args[1] = function (this: unknown, ...given: unknown[]) {
        span.put(CACHE_RESULT, MISS)
        return Reflect.apply(make, this, given)
      }
    },
  }
}

class CacheTracer {
  readonly #tracing: [method: string, trace: (original: AnyFunction) => AnyFunction][]

  constructor(
    private readonly patcher: Patcher,
    hits = isHit,
  ) {
    this.#tracing = [...QUESTIONS, ...CHANGES].map((method) => [
      method,
      patcher.tracing(cacheOperation('cache-manager', method, QUESTIONS.includes(method) ? hits : undefined)),
    ])
    this.#tracing.push(['wrap', patcher.tracing(wraps(cacheOperation('cache-manager', 'wrap')))])
  }

  /** Puts itself into a cache, which nobody has seen yet. */
  into(cache: unknown): unknown {
    this.patcher.guarded('cache', () => {
      for (const [method, trace] of this.#tracing) {
        const original = (cache as Cache)[method]
        if (typeof original === 'function') (cache as Cache)[method] = mimic(trace(original as AnyFunction), original)
      }
    })
    return cache
  }

  /** For a function that makes caches, now or later. */
  readonly inWhatItMakes = (make: AnyFunction): AnyFunction => {
    const tracer = this
    return {
      traced(this: unknown, ...args: unknown[]) {
        const made = Reflect.apply(make, this, args) as unknown
        return made instanceof Promise ? made.then((cache) => tracer.into(cache)) : tracer.into(made)
      },
    }.traced
  }
}

/** Version 5 has a file for each way to make a cache, and others look them up there. */
function traceFunctions(...names: readonly string[]) {
  return (exports: Exports, patcher: Patcher): void => {
    const { inWhatItMakes } = new CacheTracer(patcher)
    for (const name of names) if (typeof exports[name] === 'function') patcher.wrap(exports, name, inWhatItMakes)
  }
}

/** Versions 6 and 7 are one file, whose exports were getters at first. */
function traceBundle(hits: typeof isHit) {
  return (exports: Exports, patcher: Patcher): Exports | undefined => {
    const property = Object.getOwnPropertyDescriptor(exports, 'createCache')
    const { inWhatItMakes } = new CacheTracer(patcher, hits)
    if (property?.get === undefined) {
      patcher.wrap(exports, 'createCache', inWhatItMakes)
      return undefined
    }
    const original = exports['createCache'] as AnyFunction
    const createCache = mimic(inWhatItMakes(original), original)
    const properties = { ...Object.getOwnPropertyDescriptors(exports) }
    properties['createCache'] = { ...property, get: () => createCache }
    return Object.create(Object.getPrototypeOf(exports) as object, properties) as Exports
  }
}

/** In version 6 nothing is null. */
const isNotNull = (found: unknown) => isHit(found) && found !== null

const bundle = {
  module: 'cache-manager',
  file: ['dist/index.cjs', 'dist/index.js', 'dist/index.mjs'],
  replaces: ['createCache'],
}

export default definePlugin({
  name: 'cache-manager',
  hooks: [
    {
      module: 'cache-manager',
      versions: '>=5 <6',
      file: 'dist/caching.js',
      patch: traceFunctions('caching', 'createCache'),
    },
    {
      module: 'cache-manager',
      versions: '>=5 <6',
      file: 'dist/multi-caching.js',
      patch: traceFunctions('multiCaching'),
    },
    { ...bundle, versions: '>=6 <7', patch: traceBundle(isNotNull) },
    { ...bundle, versions: '>=7 <8', patch: traceBundle(isHit) },
  ],
})
