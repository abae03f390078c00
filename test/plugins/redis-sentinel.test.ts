// The plugins of both Redis clients behind a real sentinel: asking who is master is the client's own affair.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { describeWith, redis, redisSentinel } from '../services'
import { childrenOf, find } from '../support/agent'
import { describeLibrary, type Library } from '../support/library'
import { Tracing } from '../support/tracing'
import { checkTags, IOREDIS, rawOf, TEXT } from './redis-command'

interface Client {
  get(key: string): Promise<unknown>
  on(event: 'error', listener: () => void): unknown
}

interface Ioredis extends Client {
  disconnect(): void
}

interface Sentinel extends Client {
  connect(): Promise<unknown>
  close(): Promise<unknown>
}

describeWith(redis, 'redis behind a sentinel', (server) => {
  describeWith(redisSentinel, 'that is found', (sentinel) => {
    const place = () => {
      const { hostname, port, pathname } = new URL(sentinel().url)
      return { node: { host: hostname, port: Number(port) }, name: pathname.slice(1) }
    }
    /** The only span of the request is the command; there is no other. */
    const check = async (plugin: string, library: Library, ask: () => Promise<unknown>, checkPlace: boolean) => {
      library.load()
      const tracing = await Tracing.start({ [plugin]: true })
      try {
        await tracer.trace('request', ask)
        const spans = await tracing.spans()
        const [command] = childrenOf(find(spans, 'request'), spans)
        assert.deepEqual(rawOf(spans), [`GET ${TEXT}`])
        assert.equal(spans.length, 2)
        if (checkPlace) checkTags(command!, plugin, server().url)
      } finally {
        await tracing.stop()
      }
    }

    describeLibrary('ioredis', { name: 'ioredis', majors: IOREDIS }, (library) => {
      it('has no span for finding the master', () =>
        check(
          'ioredis',
          library,
          async () => {
            const { node, name } = place()
            const Redis = library.load<new (options: object) => Ioredis>()
            const client = new Redis({ sentinels: [node], name })
            client.on('error', () => {})
            await client.get(TEXT)
            client.disconnect()
          },
          // Its options have the sentinels, not who they name.
          false,
        ))
    })

    // Older ones know no sentinels.
    const majors = { 5: ['5.0.0', '5.12.1'], 6: ['6.0.0', '6.3.1'] } as const
    describeLibrary('redis', { name: 'redis', majors }, (library) => {
      it('has no span for finding the master', () =>
        check(
          'redis',
          library,
          async () => {
            const { node, name } = place()
            const { createSentinel } = library.load<{ createSentinel(options: object): Sentinel }>()
            const client = createSentinel({ name, sentinelRootNodes: [node] })
            client.on('error', () => {})
            await client.connect()
            await client.get(TEXT)
            await client.close()
          },
          true,
        ))
    })
  })
})
