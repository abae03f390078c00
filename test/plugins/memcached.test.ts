// The memcached plugin against a real memcached.

import { strict as assert } from 'node:assert'
import { MAX_COMMAND_LENGTH } from '../../plugins/memcached'
import { tracer } from '../../src'
import { describeWith, memcached } from '../services'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { describeLibrary } from '../support/library'
import { Tracing } from '../support/tracing'

type Callback = (error: unknown, value?: unknown) => void

interface Client {
  get(key: unknown, callback?: Callback): void
  getMulti(keys: string[], callback: Callback): void
  gets(key: string, callback: Callback): void
  set(key: string, value: unknown, lifetime: unknown, callback: Callback): void
  add(key: string, value: unknown, lifetime: number, callback: Callback): void
  incr(key: string, by: number, callback: Callback): void
  del(key: string, callback: Callback): void
  touch(key: string, lifetime: number, callback: Callback): void
  flush(callback: Callback): void
  version(callback: Callback): void
  end(): void
}

interface Row extends CallStyle<Client> {
  readonly spans: readonly string[]
  readonly failed?: RegExp
}

const rows: Row[] = [
  { name: 'get', run: (client, probe) => client.get('there', probe.callback()), spans: ['get'] },
  { name: 'get, of nothing', run: (client, probe) => client.get('nothing', probe.callback()), spans: ['get'] },
  { name: 'get, of many', run: (client, probe) => client.get(['there', 'nothing'], probe.callback()), spans: ['get'] },
  { name: 'getMulti', run: (client, probe) => client.getMulti(['there', 'nothing'], probe.callback()), spans: ['get'] },
  {
    name: 'gets',
    run(client, probe) {
      const done = probe.callback()
      client.gets('there', (error, value) => done(error, Object.keys(value as object)))
    },
    spans: ['gets'],
  },
  { name: 'set', run: (client, probe) => client.set('a', { n: 1 }, 10, probe.callback()), spans: ['set'] },
  { name: 'add', run: (client, probe) => client.add('b', 'x', 10, probe.callback()), spans: ['add'] },
  { name: 'incr', run: (client, probe) => client.incr('number', 2, probe.callback()), spans: ['incr'] },
  { name: 'del', run: (client, probe) => client.del('there', probe.callback()), spans: ['delete'] },
  { name: 'touch', run: (client, probe) => client.touch('there', 10, probe.callback()), spans: ['touch'] },
  { name: 'flush', run: (client, probe) => client.flush(probe.callback()), spans: ['flush_all'] },
  { name: 'version', run: (client, probe) => client.version(probe.callback()), spans: ['version'] },
  {
    name: 'an error of the server',
    run: (client, probe) => client.incr('there', 1, probe.callback()),
    spans: ['incr'],
    failed: /non-numeric/,
  },
  {
    name: 'an argument that will not do',
    run: (client, probe) => client.set('a', 'x', 'soon', probe.callback()),
    spans: ['set'],
    failed: /lifetime/,
  },
  {
    name: 'no callback',
    run: (client) => client.get('there'),
    spans: ['get'],
  },
  {
    name: 'a callback that throws',
    run(client, probe) {
      client.get(
        'there',
        probe.callback('callback', () => {
          throw new Error('from the callback')
        }),
      )
    },
    spans: ['get'],
  },
]

describeWith(memcached, 'memcached', (server) => {
  // Before 2.2.0 it needs a hash in C++ that no Node of today can build.
  describeLibrary('memcached', { name: 'memcached', majors: { 2: ['2.2.0', '2.2.2'] } }, (library) => {
    type MemcachedClass = { new (servers: string | string[], options?: object): Client; prototype: Client }
    let tracing: Tracing
    const address = () => new URL(server().url).host
    const create = (options?: object) => new (library.load<MemcachedClass>())(address(), options)
    const open = async () => {
      const client = create()
      await new Promise((resolve) => client.flush(resolve))
      await new Promise((resolve) => client.set('there', 'value', 100, resolve))
      await new Promise((resolve) => client.set('number', '5', 100, resolve))
      return client
    }
    const close = (client: Client) => client.end()
    const cleared = async <T>(subject: T) => {
      await tracing.spans()
      tracing.clear()
      return subject
    }

    describeCallStyles<Client, Row>('asked for by', rows, {
      without: { open, close },
      with: {
        before: async () => {
          tracing = await Tracing.start({ memcached: true })
        },
        open: async () => cleared(await open()),
        async check({ spans: wanted, failed }) {
          const spans = await tracing.spans()
          assert.deepEqual(
            spans.map(({ resource }) => resource),
            wanted,
          )
          const { hostname, port } = new URL(server().url)
          for (const span of spans) {
            assert.equal(span.name, 'memcached.command')
            assert.equal(span.type, 'memcached')
            assert.equal(span.service, 'test-memcached')
            assert.equal(span.error, failed ? 1 : 0)
            if (failed) assert.match(span.meta['error.message'] ?? '', failed)
            assert.equal(span.meta['component'], 'memcached')
            assert.equal(span.meta['span.kind'], 'client')
            assert.equal(span.meta['out.host'], hostname)
            assert.equal(span.metrics['network.destination.port'], Number(port))
            assert.equal(span.meta['memcached.command'], undefined)
          }
        },
        close,
        after: () => tracing.stop(),
      },
    })

    it('gives each of 20 concurrent requests on a cold pool its own commands', async () => {
      tracing = await Tracing.start({ memcached: { memcachedCommandEnabled: true, service: 'cache' } })
      const client = create({ poolSize: 3 })
      const ask = (n: number) =>
        tracer.trace('request', { resource: `r${n}` }, async (span) => {
          for (const key of [`first${n}`, `second${n}`]) {
            await new Promise<void>((resolve) =>
              client.get(key, () => {
                assert.equal(tracer.activeSpan, span)
                resolve()
              }),
            )
          }
        })
      await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
      client.end()
      const spans = await tracing.spans()
      for (let n = 0; n < 20; n++) {
        const commands = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
        assert.deepEqual(
          commands.map(({ meta }) => meta['memcached.command']),
          [`get first${n}`, `get second${n}`],
        )
        assert.equal(commands[0]?.service, 'cache')
      }
      assert.equal(spans.length, 60)
      await tracing.stop()
    })

    it('finds the server of a key among several', async () => {
      tracing = await Tracing.start({ memcached: true })
      const client = new (library.load<MemcachedClass>())([address(), '127.0.0.1:1'], {
        retries: 0,
        timeout: 500,
        // Else it looks after the dead server for hours, and holds the process.
        failures: 1000,
        retry: 1,
        failuresTimeout: 1,
      })
      for (let n = 0; n < 8; n++) await new Promise((resolve) => client.get(`key${n}`, resolve))
      client.end()
      const spans = await tracing.spans()
      const ports = new Set(spans.map(({ metrics }) => metrics['network.destination.port']))
      assert.deepEqual([...ports].sort(), [1, Number(new URL(server().url).port)])
      for (const span of spans) assert.equal(span.error, span.metrics['network.destination.port'] === 1 ? 1 : 0)
      await tracing.stop()
    })

    it('shows commands when asked to, never values, up to a length', async () => {
      tracing = await Tracing.start({ memcached: { memcachedCommandEnabled: true } })
      const client = create()
      await new Promise((resolve) => client.set('key', 'secret', 10, resolve))
      const keys = (length: number) => Array.from({ length: (length - 'get'.length) / 10 }, (_, n) => `k${1e7 + n}`)
      await new Promise((resolve) => client.getMulti([...keys(MAX_COMMAND_LENGTH - 7), 'sevens'], resolve))
      await new Promise((resolve) => client.getMulti([...keys(MAX_COMMAND_LENGTH - 7), 'sevenss'], resolve))
      client.end()
      const [set, fits, cut] = (await tracing.spans()).map(({ meta }) => meta['memcached.command'])
      assert.equal(set, 'set key 0 10 6')
      assert.equal(fits?.length, MAX_COMMAND_LENGTH)
      assert.ok(fits?.endsWith(' sevens'))
      assert.equal(cut?.length, MAX_COMMAND_LENGTH)
      assert.ok(cut?.endsWith(' sevens'))
      await tracing.stop()
    })

    it('leaves the library as it was, before and after', async () => {
      const { prototype } = library.load<MemcachedClass>()
      const found = () => Object.getOwnPropertyDescriptor(prototype, 'command')
      const original = found()
      tracing = await Tracing.start({ memcached: false })
      assert.deepEqual(found(), original)
      await tracing.stop()
      tracing = await Tracing.start({ memcached: true })
      assert.notEqual(found()?.value, original?.value)
      assert.equal(found()?.value.name, original?.value.name)
      assert.equal(found()?.value.length, original?.value.length)
      await tracing.stop()
      assert.deepEqual(found(), original)
    })
  })
})
