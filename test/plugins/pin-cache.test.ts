// Pins on what programs hold of the clients of caches: clients, pools, clusters, sentinels, pipelines, stores.

import { strict as assert } from 'node:assert'
import { Pin } from '../../src'
import { describeWith, memcached, redis, redisCluster, redisSentinel } from '../services'
import { describePins, itFollowsPins, servicesOf, traced } from '../support/pin-suite'

type Callback = (error: unknown, value?: unknown) => void
const called = (call: (done: Callback) => unknown) =>
  new Promise((resolve, reject) => call((error, value) => (error ? reject(error as Error) : resolve(value))))

interface Client {
  connect(): Promise<unknown>
  get(key: string): Promise<unknown>
  set(key: string, value: string): Promise<unknown>
  on(event: 'error', listener: () => void): unknown
  disconnect(): unknown
}

interface Pool extends Client {
  execute<T>(run: (client: Client) => T): Promise<T>
  close(): Promise<void>
}

const REDIS = ['redis.command']
const get = (client: Pick<Client, 'get'>) => client.get('{dd-test}:pin')

for (const version of ['4.7.1', '5.12.1', '6.3.1']) {
  describePins({ redis: version }, undefined, (set) => {
    let driver: {
      createClient(options: object): Client
      createCluster(options: object): Client
      createSentinel(options: object): Client & { close(): Promise<void> }
    }
    const connected = async <C extends Client>(client: C): Promise<C> => {
      client.on('error', () => {})
      await client.connect()
      return client
    }
    traced({ redis: true }, () => {
      driver = set.require('redis') as typeof driver
    })

    describeWith(redis, 'one server', (server) => {
      itFollowsPins<Client>('a client', {
        open: () => connected(driver.createClient({ url: server().url })),
        close: (client) => client.disconnect(),
        run: get,
        names: REDIS,
      })
      if (version.startsWith('4')) return
      const createPool = () =>
        (set.require('@redis/client') as { createClientPool(client: object, options: object): Pool }).createClientPool(
          { url: server().url },
          { minimum: 1, maximum: 2 },
        )
      itFollowsPins<Pool>('a pool', {
        open: () => connected(createPool()),
        close: (pool) => pool.close(),
        async run(pool) {
          await get(pool)
          await pool.execute(get)
        },
        names: REDIS,
      })

      it('on one client of a pool beats that of the pool', async () => {
        const pool = await connected(createPool())
        Pin.override(pool, { service: 'pool', tags: { team: 'pool' } })
        const services = await pool.execute((one) =>
          pool.execute((two) =>
            servicesOf(REDIS, [
              [one, { service: 'one' }, () => get(one)],
              [two, undefined, () => get(two)],
            ]),
          ),
        )
        await pool.close()
        assert.deepEqual(await services, [['one pool'], ['pool pool']])
      })
      if (version.startsWith('5.0')) return

      describeWith(redisSentinel, 'behind a sentinel', (sentinel) => {
        itFollowsPins<Client & { close(): Promise<void> }>('a sentinel', {
          open() {
            const { hostname, port, pathname } = new URL(sentinel().url)
            const node = { host: hostname, port: Number(port) }
            return connected(driver.createSentinel({ name: pathname.slice(1), sentinelRootNodes: [node] }))
          },
          close: (client) => client.close(),
          run: get,
          names: REDIS,
        })
      })
    })

    describeWith(redisCluster, 'a cluster', (server) => {
      itFollowsPins<Client>('a cluster', {
        open: () => connected(driver.createCluster({ rootNodes: [{ url: server().url }] })),
        close: (cluster) => cluster.disconnect(),
        run: get,
        names: REDIS,
      })
    })
  })
}

describePins({ redis: '3.1.2' }, undefined, (set) => {
  describeWith(redis, 'redis', (server) => {
    interface CallbackClient {
      get(key: string, done: Callback): void
      end(flush: boolean): void
    }
    let driver: { createClient(url: string): CallbackClient }
    traced({ redis: true }, () => {
      driver = set.require('redis') as typeof driver
    })
    itFollowsPins<CallbackClient>('a client', {
      open: () => driver.createClient(server().url),
      close: (client) => client.end(true),
      run: (client) => called((done) => client.get('dd-test:pin', done)),
      names: REDIS,
    })
  })
})

for (const version of ['4.31.0', '5.11.1', '6.0.0']) {
  describePins({ ioredis: version }, undefined, (set) => {
    interface Pipeline {
      get(key: string): Pipeline
      exec(): Promise<unknown>
    }
    interface Ioredis extends Client {
      pipeline(): Pipeline
    }
    let Redis: {
      new (url: string, options?: object): Ioredis
      Cluster: new (nodes: string[], options?: object) => Ioredis
    }
    traced({ ioredis: true }, () => {
      Redis = set.require('ioredis') as typeof Redis
    })
    const run = async (client: Ioredis) => {
      await get(client)
      await client.pipeline().get('{dd-test}:pin').exec()
    }
    describeWith(redis, 'one server', (server) => {
      itFollowsPins<Ioredis>('a client', {
        open: () => new Redis(server().url),
        close: (client) => client.disconnect(),
        run,
        names: REDIS,
      })
      itFollowsPins<Ioredis>('a client that pipelines by itself', {
        open: () => new Redis(server().url, { enableAutoPipelining: true }),
        close: (client) => client.disconnect(),
        run: get,
        names: REDIS,
      })

      it('on a pipeline beats that of its client', async () => {
        const client = new Redis(server().url)
        await get(client)
        Pin.override(client, { service: 'client', tags: { team: 'client' } })
        const pipeline = client.pipeline()
        const services = await servicesOf(REDIS, [
          [pipeline, { service: 'pipeline' }, () => pipeline.get('dd-test:pin').exec()],
          [client, undefined, () => run(client)],
        ])
        client.disconnect()
        assert.deepEqual(services, [['pipeline client'], ['client client']])
      })
    })
    describeWith(redisCluster, 'a cluster', (server) => {
      itFollowsPins<Ioredis>('a cluster', {
        open: () => new Redis.Cluster([server().url]),
        close: (cluster) => cluster.disconnect(),
        run,
        names: REDIS,
      })
    })
  })
}

describePins({ memcached: '2.2.2' }, undefined, (set) => {
  describeWith(memcached, 'memcached', (server) => {
    interface Client {
      get(key: string, done: Callback): unknown
      end(): void
    }
    let Memcached: new (server: string) => Client
    traced({ memcached: true }, () => {
      Memcached = set.require('memcached') as typeof Memcached
    })
    itFollowsPins<Client>('a client', {
      open: () => new Memcached(new URL(server().url).host),
      close: (client) => client.end(),
      run: (client) => called((done) => client.get('dd-test', done)),
      names: ['memcached.command'],
    })
  })
})

describePins({ memjs: '1.3.2' }, undefined, (set) => {
  describeWith(memcached, 'memjs', (server) => {
    interface Client {
      get(key: string): Promise<unknown>
      close(): void
    }
    let memjs: { Client: { create(servers: string): Client } }
    traced({ memjs: true }, () => {
      memjs = set.require('memjs') as typeof memjs
    })
    itFollowsPins<Client>('a client', {
      open: () => memjs.Client.create(new URL(server().url).host),
      close: (client) => client.close(),
      run: (client) => client.get('dd-test'),
      names: ['memcached.command'],
    })
  })
})

interface Store {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<unknown>
}

const useStore = async (store: Store) => {
  await store.set('a', 1)
  await store.get('a')
}

describePins({ keyv: '5.6.0' }, undefined, (set) => {
  let Keyv: new () => Store
  traced({ keyv: true }, () => {
    Keyv = (set.require('keyv') as { default: typeof Keyv }).default
  })
  const names = ['keyv.get', 'keyv.set']
  itFollowsPins<Store>('a store', { open: () => new Keyv(), run: useStore, names })
})

describePins({ 'cache-manager': '7.2.9' }, undefined, (set) => {
  let createCache: () => Store
  traced({ 'cache-manager': true }, () => {
    createCache = (set.require('cache-manager') as { createCache: typeof createCache }).createCache
  })
  const names = ['cache-manager.get', 'cache-manager.set']
  itFollowsPins<Store>('a cache', { open: () => createCache(), run: useStore, names })
})
