// The cache-manager plugin with caches in memory.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { describeLibrary, type Library } from '../support/library'
import { Tracing } from '../support/tracing'

type Method = (...args: unknown[]) => Promise<unknown>
type Cache = Record<'get' | 'set' | 'del' | 'wrap' | 'reset' | 'clear' | 'mget' | 'mset' | 'mdel', Method>

interface CacheManager {
  caching(store: unknown): Promise<Cache>
  multiCaching(caches: Cache[]): Cache
  createCache(options?: object): Cache
}

interface Row extends CallStyle<Cache> {
  readonly method: string
  readonly tags?: Record<string, string | number>
  readonly failed?: boolean
}

const fail = () => Promise.reject(new Error('no value'))

function rowsOf({ major }: Library): Row[] {
  const rows: Row[] = [
    {
      name: 'get, of what is there',
      run: (cache) => cache.get('there'),
      method: 'get',
      tags: { 'cache.key': 'there', 'cache.result': 'hit' },
    },
    { name: 'get, of nothing', run: (cache) => cache.get('nothing'), method: 'get', tags: { 'cache.result': 'miss' } },
    { name: 'set', run: (cache) => cache.set('a', 1), method: 'set', tags: { 'cache.key': 'a' } },
    { name: 'del', run: (cache) => cache.del('there'), method: 'del' },
    {
      name: 'wrap, of what is there',
      run: (cache) => cache.wrap('there', fail),
      method: 'wrap',
      tags: { 'cache.result': 'hit' },
    },
    {
      name: 'wrap, of nothing',
      run: (cache) => cache.wrap('nothing', async () => 7),
      method: 'wrap',
      tags: { 'cache.key': 'nothing', 'cache.result': 'miss' },
    },
    {
      name: 'wrap, of what fails',
      run: (cache) => cache.wrap('nothing', fail),
      method: 'wrap',
      tags: { 'cache.result': 'miss' },
      failed: true,
    },
    {
      name: 'an error that nobody handles',
      run(cache, probe) {
        void cache.wrap('nothing', fail)
        return probe.unhandled()
      },
      method: 'wrap',
      failed: true,
    },
  ]
  if (major === 5) return [...rows, { name: 'reset', run: (cache) => cache.reset(), method: 'reset' }]
  return [
    ...rows,
    {
      name: 'mget',
      run: (cache) => cache.mget(['there', 'nothing']),
      method: 'mget',
      tags: { 'cache.keys': 2, 'cache.hits': 1 },
    },
    { name: 'mset', run: (cache) => cache.mset([{ key: 'a', value: 1 }]), method: 'mset' },
    { name: 'mdel', run: (cache) => cache.mdel(['there']), method: 'mdel', tags: { 'cache.keys': 1 } },
    { name: 'clear', run: (cache) => cache.clear(), method: 'clear' },
  ]
}

describe('cache-manager', () => {
  const majors = { 5: ['5.0.0', '5.7.6'], 6: ['6.0.0', '6.4.3'], 7: ['7.0.0', '7.2.9'] } as const
  describeLibrary('cache-manager', { name: 'cache-manager', majors }, (library) => {
    const { major } = library
    let tracing: Tracing
    const create = async () => {
      const { caching, createCache } = library.load<CacheManager>()
      return major === 5 ? await caching('memory') : createCache()
    }
    const open = async () => {
      const cache = await create()
      await cache.set('there', 'value')
      return cache
    }
    const cleared = async <T>(subject: T) => {
      await tracing.spans()
      tracing.clear()
      return subject
    }

    describeCallStyles<Cache, Row>('asked for by', rowsOf(library), {
      without: { open },
      with: {
        before: async () => {
          tracing = await Tracing.start({ 'cache-manager': true })
        },
        open: async () => cleared(await open()),
        async check({ method, tags = {}, failed = false }) {
          const [span, ...others] = await tracing.spans()
          assert.deepEqual(others, [])
          assert.equal(span?.name, `cache-manager.${method}`)
          assert.equal(span?.resource, method)
          assert.equal(span?.type, 'cache')
          assert.equal(span?.service, 'test')
          assert.equal(span?.error, failed ? 1 : 0)
          assert.equal(span?.meta['component'], 'cache-manager')
          assert.equal(span?.meta['span.kind'], 'internal')
          const all: Record<string, unknown> = { ...span?.meta, ...span?.metrics }
          for (const [tag, value] of Object.entries(tags)) assert.equal(all[tag], value)
        },
        after: () => tracing.stop(),
      },
    })

    it('puts what makes a value below the span of the request that asked for it', async () => {
      tracing = await Tracing.start({ 'cache-manager': { service: 'cache' } })
      const cache = await create()
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          tracer.trace(`request ${n}`, () => cache.wrap(`key${n}`, () => tracer.trace('inside', async () => n))),
        ),
      )
      const spans = await tracing.spans()
      for (let n = 0; n < 20; n++) {
        const [wrap] = childrenOf(find(spans, `request ${n}`), spans)
        assert.equal(wrap?.name, 'cache-manager.wrap')
        assert.equal(wrap?.service, 'cache')
        assert.equal(wrap?.meta['cache.key'], `key${n}`)
        assert.equal(childrenOf(wrap!, spans)[0]?.name, 'inside')
      }
      await tracing.stop()
    })

    if (major === 5) {
      it('has a span of several caches above those of each', async () => {
        tracing = await Tracing.start({ 'cache-manager': true })
        const { multiCaching } = library.load<CacheManager>()
        const both = multiCaching([await create(), await create()])
        await both.get('nothing')
        const spans = await tracing.spans()
        const outer = find(spans, {
          name: 'cache-manager.get',
          resource: 'get',
          span_id: spans.find(({ parent_id }) => parent_id === '0')!.span_id,
        })
        assert.equal(childrenOf(outer, spans).length, 2)
        await tracing.stop()
      })
    } else {
      it('stands above the store', async () => {
        tracing = await Tracing.start({ 'cache-manager': true, keyv: true })
        const cache = await create()
        await cache.get('nothing')
        const spans = await tracing.spans()
        const [store] = childrenOf(find(spans, 'cache-manager.get'), spans)
        assert.equal(store?.name, 'keyv.get')
        await tracing.stop()
      })
    }

    it('leaves the library as it was, before and after, and its caches working', async () => {
      const found = () => Object.entries(Object.getOwnPropertyDescriptors(library.load<object>()))
      const made = () => library.load<CacheManager>().createCache ?? library.load<CacheManager>().caching
      const [original, properties] = [made(), found()]
      tracing = await Tracing.start({ 'cache-manager': false })
      assert.equal(made(), original)
      await tracing.stop()
      tracing = await Tracing.start({ 'cache-manager': true })
      const patched = made()
      assert.notEqual(patched, original)
      assert.equal(patched.name, original.name)
      assert.equal(patched.length, original.length)
      const cache = await open()
      await tracing.stop()
      assert.equal(made(), original)
      assert.deepEqual(found(), properties)
      assert.equal(await cache.get('there'), 'value')
    })
  })
})
