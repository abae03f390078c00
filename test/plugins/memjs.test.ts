// The memjs plugin against a real memcached.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { describeWith, memcached } from '../services'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { freePort } from '../support/free-port'
import { describeLibrary } from '../support/library'
import { Tracing } from '../support/tracing'

type Method = (...args: unknown[]) => Promise<unknown>

interface Client
  extends Record<'get' | 'set' | 'add' | 'replace' | 'delete' | 'increment' | 'append' | 'touch' | 'flush', Method> {
  close(): void
}

type ClientClass = { create(servers: string, options: object): Client; prototype: object }

interface Row extends CallStyle<Client> {
  readonly spans: readonly string[]
  readonly failed?: RegExp
}

const callbackRows: Row[] = [
  { name: 'get and a callback', run: (client, probe) => client.get('there', probe.callback()), spans: ['get'] },
  { name: 'set and a callback', run: (client, probe) => client.set('a', 'x', {}, probe.callback()), spans: ['set'] },
  { name: 'set as it was', run: (client, probe) => client.set('a', 'x', probe.callback(), 10), spans: ['set'] },
  {
    name: 'flush and a callback',
    run(client, probe) {
      const done = probe.callback()
      return client.flush((error: unknown) => done(error))
    },
    spans: ['flush'],
  },
  {
    name: 'an error to a callback',
    run: (client, probe) => client.set('a', 'x'.repeat(2 ** 21), {}, probe.callback()),
    spans: ['set'],
    failed: /too large/,
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

/** Promises came with 1.1.0. */
const promiseRows: Row[] = [
  { name: 'get, as a promise', run: (client) => client.get('there'), spans: ['get'] },
  { name: 'get, of nothing', run: (client) => client.get('nothing'), spans: ['get'] },
  { name: 'set, as a promise', run: (client) => client.set('a', 'x', { expires: 10 }), spans: ['set'] },
  { name: 'set, without options', run: (client) => client.set('a', 'x'), spans: ['set'] },
  { name: 'add, to what is there', run: (client) => client.add('there', 'x', {}), spans: ['add'] },
  { name: 'replace, of nothing', run: (client) => client.replace('nothing', 'x', {}), spans: ['replace'] },
  { name: 'delete', run: (client) => client.delete('there'), spans: ['delete'] },
  { name: 'increment', run: (client) => client.increment('number', 2, { initial: 5 }), spans: ['increment'] },
  { name: 'append', run: (client) => client.append('there', 'x'), spans: ['append'] },
  { name: 'touch', run: (client) => client.touch('there', 10), spans: ['touch'] },
  { name: 'flush, as a promise', run: (client) => client.flush().then(() => {}), spans: ['flush'] },
  {
    name: 'an error to a promise',
    run: (client) => client.increment('there', 1, {}),
    spans: ['increment'],
    failed: /no number/,
  },
  {
    name: 'an error that nobody handles',
    run(client, probe) {
      void client.increment('there', 1, {})
      return probe.unhandled()
    },
    spans: ['increment'],
    failed: /no number/,
  },
]

describeWith(memcached, 'memjs', (server) => {
  describeLibrary('memjs', { name: 'memjs', majors: { 1: ['1.0.0', '1.3.2'] } }, (library) => {
    const takesPromises = library.version !== '1.0.0'
    let tracing: Tracing
    const classOf = () => library.load<{ Client: ClientClass }>().Client
    const options = { logger: { log: () => {} }, retries: 2, retry_delay: 0.01 }
    const create = (address = new URL(server().url).host) => classOf().create(address, options)
    const open = async () => {
      const client = create()
      await new Promise((resolve) => void client.flush(resolve))
      await new Promise((resolve) => void client.set('there', 'value', {}, resolve))
      return client
    }
    const close = (client: Client) => client.close()
    const cleared = async <T>(subject: T) => {
      await tracing.spans()
      tracing.clear()
      return subject
    }

    describeCallStyles<Client, Row>('asked for by', takesPromises ? [...callbackRows, ...promiseRows] : callbackRows, {
      without: { open, close },
      with: {
        before: async () => {
          tracing = await Tracing.start({ memjs: true })
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
            assert.equal(span.meta['component'], 'memjs')
            assert.equal(span.meta['span.kind'], 'client')
            if (span.resource === 'flush') continue
            assert.equal(span.meta['out.host'], hostname)
            assert.equal(span.metrics['network.destination.port'], Number(port))
          }
        },
        close,
        after: () => tracing.stop(),
      },
    })

    it('gives each of 20 concurrent requests on a cold client its own commands', async () => {
      tracing = await Tracing.start({ memjs: { service: 'cache' } })
      const client = create()
      const ask = (n: number) =>
        tracer.trace('request', { resource: `r${n}` }, async (span) => {
          await new Promise((resolve) => void client.get(`key${n}`, resolve))
          assert.equal(tracer.activeSpan, span)
          await new Promise<void>((resolve) => {
            void client.set(`key${n}`, 'x', {}, () => {
              assert.equal(tracer.activeSpan, span)
              resolve()
            })
          })
        })
      await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
      client.close()
      const spans = await tracing.spans()
      for (let n = 0; n < 20; n++) {
        const commands = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
        assert.deepEqual(
          commands.map(({ resource }) => resource),
          ['get', 'set'],
        )
        assert.equal(commands[0]?.service, 'cache')
      }
      assert.equal(spans.length, 60)
      await tracing.stop()
    })

    it('makes one span of a command that is tried again', async () => {
      tracing = await Tracing.start({ memjs: true })
      const client = create(`127.0.0.1:${await freePort()}`)
      const error = await new Promise((resolve) => void client.get('key', resolve))
      assert.match(String(error), /ECONNREFUSED/)
      client.close()
      const span = find(await tracing.spans(), 'memcached.command')
      assert.match(span.meta['error.message'] ?? '', /ECONNREFUSED/)
      await tracing.stop()
    })

    it('leaves the library as it was, before and after', async () => {
      const { prototype } = classOf()
      const found = () => ['perform', 'flush'].map((method) => Object.getOwnPropertyDescriptor(prototype, method))
      const original = found()
      tracing = await Tracing.start({ memjs: false })
      assert.deepEqual(found(), original)
      await tracing.stop()
      tracing = await Tracing.start({ memjs: true })
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
