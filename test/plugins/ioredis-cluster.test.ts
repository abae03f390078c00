// The ioredis plugin on a real cluster of six Redis servers: commands find their node, and their request.

import { strict as assert } from 'node:assert'
import type { EventEmitter } from 'node:events'
import { tracer } from '../../src'
import { describeWith, redisCluster } from '../services'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { describeLibrary } from '../support/library'
import { Tracing } from '../support/tracing'
import { checkRequests, commandsOf, IOREDIS, rawOf } from './redis-command'

interface Pipeline {
  set(key: string, value: string): Pipeline
  get(key: string): Pipeline
  exec(): Promise<unknown>
}

interface Cluster extends EventEmitter {
  readonly slots: string[][]
  get(key: string, callback?: (error: unknown, value?: unknown) => void): Promise<unknown>
  set(key: string, value: string): Promise<unknown>
  incr(key: string): Promise<unknown>
  mget(...keys: string[]): Promise<unknown>
  pipeline(): Pipeline
  multi(): Pipeline
  disconnect(): void
}

interface Row extends CallStyle<Cluster> {
  readonly raw: readonly string[]
  readonly error?: RegExp
}

const KEY = '{dd-test}:key'
const OTHER = '{dd-test}:other'
const SLOTS = 16_384

const rows: Row[] = [
  { name: 'a promise', run: (cluster) => cluster.get(KEY), raw: [`GET ${KEY}`] },
  { name: 'a callback', run: (cluster, probe) => cluster.get(KEY, probe.callback()), raw: [`GET ${KEY}`] },
  {
    name: 'a pipeline',
    run: (cluster) => cluster.pipeline().set(KEY, 'text').get(KEY).exec(),
    raw: [`SET ${KEY} text`, `GET ${KEY}`],
  },
  {
    name: 'a transaction',
    run: (cluster) => cluster.multi().set(KEY, 'text').get(OTHER).exec(),
    raw: ['MULTI', `SET ${KEY} text`, `GET ${OTHER}`, 'EXEC'],
  },
  {
    name: 'an error',
    run: (cluster) => cluster.incr(KEY),
    raw: [`INCR ${KEY}`],
    error: /not an integer/,
  },
  {
    name: 'an error that nobody handles',
    run(cluster, probe) {
      void cluster.incr(KEY)
      return probe.unhandled()
    },
    raw: [`INCR ${KEY}`],
    error: /not an integer/,
  },
  { name: 'keys of different nodes', run: (cluster) => cluster.mget('a', 'b'), raw: ['MGET a b'], error: /CROSSSLOT/ },
]

describeWith(redisCluster, 'ioredis on a cluster', (server) => {
  describeLibrary('ioredis', { name: 'ioredis', majors: IOREDIS }, (library) => {
    let tracing: Tracing
    const create = (options: object = {}) => {
      const { hostname, port } = new URL(server().url)
      const { Cluster } = library.load<{ Cluster: new (nodes: object[], options: object) => Cluster }>()
      const cluster = new Cluster([{ host: hostname, port: Number(port) }], options)
      cluster.on('error', () => {})
      return cluster
    }
    const open = async (options?: object) => {
      const cluster = create(options)
      await new Promise((resolve) => cluster.once('ready', resolve))
      return cluster
    }
    const opened = async () => {
      const cluster = await open()
      await cluster.set(KEY, 'text')
      return cluster
    }
    const close = (cluster: Cluster) => cluster.disconnect()

    describeCallStyles<Cluster, Row>('asked for by', rows, {
      without: { open: opened, close },
      with: {
        before: async () => {
          tracing = await Tracing.start({ ioredis: true })
        },
        open: async () => {
          const cluster = await opened()
          await tracing.spans()
          tracing.clear()
          return cluster
        },
        async check({ raw, error }) {
          const spans = await tracing.spans()
          assert.deepEqual(rawOf(spans), raw)
          assert.equal(spans.length, raw.length)
          for (const { meta, metrics } of spans) {
            assert.equal(meta['out.host'], '127.0.0.1')
            assert.ok((metrics['network.destination.port'] ?? 0) > 0)
          }
          if (error !== undefined) assert.match(commandsOf(spans).at(-1)?.meta['error.message'] ?? '', error)
        },
        close,
        after: () => tracing.stop(),
      },
    })

    describe('in a program', () => {
      before(async () => {
        tracing = await Tracing.start({ ioredis: true })
      })
      beforeEach(() => tracing.clear())
      after(() => tracing.stop())

      const twenty = (ask: (n: number) => Promise<unknown>) =>
        Promise.all(Array.from({ length: 20 }, (_, n) => tracer.trace('request', { resource: `r${n}` }, () => ask(n))))

      it('gives each of 20 concurrent requests its own commands while it still looks for the nodes', async () => {
        let cluster: Cluster | undefined
        await twenty(async (n) => {
          cluster ??= create()
          await cluster.set(`dd-test:${n}`, '1')
          await cluster.pipeline().get(`dd-test:${n}`).exec()
        })
        close(cluster!)
        const spans = await tracing.spans()
        checkRequests(spans, 20, (n) => [`SET dd-test:${n} 1`, `GET dd-test:${n}`])
        const ports = commandsOf(spans).map(({ metrics }) => metrics['network.destination.port'])
        assert.equal(new Set(ports).size, 3)
        assert.ok(!ports.includes(undefined))
      })

      it('gives each of 20 concurrent requests its own where pipelines are made for them', async () => {
        let cluster: Cluster | undefined
        await twenty(async (n) => {
          cluster ??= create({ enableAutoPipelining: true })
          await cluster.get(`dd-test:${n}`)
          await cluster.get(`dd-test:${n}`)
        })
        close(cluster!)
        checkRequests(await tracing.spans(), 20, (n) => [`GET dd-test:${n}`, `GET dd-test:${n}`])
      })

      it('has one span, and no error, for a command that is sent on to another node', async () => {
        const cluster = await open({ retryDelayOnMoved: 0 })
        // All slots seem to be on one node, so two thirds of the keys are asked for in the wrong place.
        const [wrong] = cluster.slots[0]!
        for (let slot = 0; slot < SLOTS; slot++) cluster.slots[slot] = [wrong!]
        await twenty((n) => cluster.get(`dd-test:${n}`))
        close(cluster)
        const spans = await tracing.spans()
        checkRequests(spans, 20, (n) => [`GET dd-test:${n}`])
        assert.ok(spans.every(({ error }) => error === 0))
        assert.equal(new Set(commandsOf(spans).map(({ metrics }) => metrics['network.destination.port'])).size, 3)
      })

      it('takes the name of the connection from the options of the nodes', async () => {
        await tracing.stop()
        tracing = await Tracing.start({ ioredis: { splitByInstance: true } })
        const cluster = await open({ redisOptions: { connectionName: 'sessions' } })
        await tracer.trace('request', () => cluster.get(KEY))
        close(cluster)
        const spans = await tracing.spans()
        assert.deepEqual(
          childrenOf(find(spans, 'request'), spans).map(({ service }) => service),
          ['sessions'],
        )
      })
    })
  })
})
