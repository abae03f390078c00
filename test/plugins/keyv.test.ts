// The keyv plugin with the store in memory, and with one that fails.

import { strict as assert } from 'node:assert'
import { MAX_KEY_LENGTH } from '../../plugins/cache-operation'
import { tracer } from '../../src'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { describeLibrary, type Library } from '../support/library'
import { Tracing } from '../support/tracing'

type Method = (...args: unknown[]) => Promise<unknown>
type Store = Record<
  'get' | 'set' | 'delete' | 'has' | 'clear' | 'getMany' | 'setMany' | 'hasMany' | 'deleteMany',
  Method
> & {
  on(event: string, listener: () => void): void
}
type StoreClass = { new (options?: object): Store; prototype: object }

interface Row extends CallStyle<Store> {
  readonly method: string
  readonly tags?: Record<string, string | number>
}

function rowsOf({ version }: Library): Row[] {
  const rows: Row[] = [
    {
      name: 'get, of what is there',
      run: (store) => store.get('there'),
      method: 'get',
      tags: { 'cache.key': 'there', 'cache.result': 'hit' },
    },
    { name: 'get, of nothing', run: (store) => store.get('nothing'), method: 'get', tags: { 'cache.result': 'miss' } },
    { name: 'get, of null', run: (store) => store.get('null'), method: 'get', tags: { 'cache.result': 'hit' } },
    { name: 'set', run: (store) => store.set('a', { n: 1 }, 1000), method: 'set', tags: { 'cache.key': 'a' } },
    { name: 'delete', run: (store) => store.delete('there'), method: 'delete' },
    { name: 'clear', run: (store) => store.clear(), method: 'clear' },
  ]
  if (version === '4.0.0') return rows
  rows.push(
    {
      name: 'get, of many',
      run: (store) => store.get(['there', 'nothing', 'null']),
      method: 'get',
      tags: { 'cache.keys': 3, 'cache.hits': 2 },
    },
    { name: 'has', run: (store) => store.has('there'), method: 'has', tags: { 'cache.result': 'hit' } },
    { name: 'has, of nothing', run: (store) => store.has('nothing'), method: 'has', tags: { 'cache.result': 'miss' } },
  )
  if (version !== '5.6.0') return rows
  rows.push(
    {
      name: 'getMany',
      run: (store) => store.getMany(['there', 'nothing']),
      method: 'getMany',
      tags: { 'cache.keys': 2, 'cache.hits': 1 },
    },
    {
      name: 'hasMany',
      run: (store) => store.hasMany(['there', 'nothing']),
      method: 'hasMany',
      tags: { 'cache.hits': 1 },
    },
    { name: 'setMany', run: (store) => store.setMany([{ key: 'a', value: 1 }]), method: 'setMany' },
    {
      name: 'deleteMany',
      run: (store) => store.deleteMany(['there']),
      method: 'deleteMany',
      tags: { 'cache.keys': 1 },
    },
  )
  return rows
}

describe('keyv', () => {
  const majors = { 4: ['4.0.0', '4.5.4'], 5: ['5.0.0', '5.6.0'] } as const
  describeLibrary('keyv', { name: 'keyv', majors }, (library) => {
    let tracing: Tracing
    const classOf = () => {
      const exported = library.load<StoreClass & { default?: StoreClass }>()
      return exported.default ?? exported
    }
    const open = async () => {
      const store = new (classOf())()
      await store.set('there', 'value')
      await store.set('null', null)
      return store
    }
    const cleared = async <T>(subject: T) => {
      await tracing.spans()
      tracing.clear()
      return subject
    }

    describeCallStyles<Store, Row>('asked for by', rowsOf(library), {
      without: { open },
      with: {
        before: async () => {
          tracing = await Tracing.start({ keyv: true })
        },
        open: async () => cleared(await open()),
        async check({ method, tags = {} }) {
          const [span, ...others] = await tracing.spans()
          assert.deepEqual(others, [])
          assert.equal(span?.name, `keyv.${method}`)
          assert.equal(span?.resource, method)
          assert.equal(span?.type, 'cache')
          assert.equal(span?.service, 'test')
          assert.equal(span?.meta['component'], 'keyv')
          assert.equal(span?.meta['span.kind'], 'internal')
          const all: Record<string, unknown> = { ...span?.meta, ...span?.metrics }
          for (const [tag, value] of Object.entries(tags)) assert.equal(all[tag], value)
        },
        after: () => tracing.stop(),
      },
    })

    it('puts what the store does below its span, and tells of its errors', async () => {
      tracing = await Tracing.start({ keyv: { service: 'cache' } })
      const store = new (classOf())({
        store: {
          get: () => tracer.trace('inside', async () => 'not JSON'),
          set: () => Promise.reject(new Error('store is full')),
          clear: () => {},
          delete: () => true,
          on: () => {},
        },
      })
      store.on('error', () => {})
      await Promise.all(
        Array.from({ length: 20 }, (_, n) => tracer.trace(`request ${n}`, () => store.get('key').catch(() => {}))),
      )
      const spans = await tracing.spans()
      for (let n = 0; n < 20; n++) {
        const [get] = childrenOf(find(spans, `request ${n}`), spans)
        assert.equal(get?.name, 'keyv.get')
        assert.equal(get?.service, 'cache')
        assert.equal(get?.error, 1)
        assert.equal(get?.meta['cache.result'], undefined)
        assert.equal(childrenOf(get!, spans)[0]?.name, 'inside')
      }
      await tracing.stop()
    })

    it('cuts keys at a length', async () => {
      tracing = await Tracing.start({ keyv: true })
      const store = new (classOf())()
      await store.get('k'.repeat(MAX_KEY_LENGTH))
      await store.get('k'.repeat(MAX_KEY_LENGTH + 1))
      const keys = (await tracing.spans()).map(({ meta }) => meta['cache.key']?.length)
      assert.deepEqual(keys, [MAX_KEY_LENGTH, MAX_KEY_LENGTH])
      await tracing.stop()
    })

    it('leaves the library as it was, before and after', async () => {
      const { prototype } = classOf()
      const found = () => ['get', 'set', 'delete'].map((method) => Object.getOwnPropertyDescriptor(prototype, method))
      const original = found()
      tracing = await Tracing.start({ keyv: false })
      assert.deepEqual(found(), original)
      await tracing.stop()
      tracing = await Tracing.start({ keyv: true })
      for (const [at, patched] of found().entries()) {
        assert.notEqual(patched?.value, original[at]?.value)
        assert.equal(patched?.value.name, original[at]?.value.name)
        assert.equal(patched?.value.length, original[at]?.value.length)
      }
      await tracing.stop()
      assert.deepEqual(found(), original)
    })
  })
})
