// The redis plugin against a real Redis, with the clients that speak in promises: `redis` 4 to 6 and what 4.0 was made of.

import { strict as assert } from 'node:assert'
import { EventEmitter } from 'node:events'
import { type PluginSetting, tracer } from '../../src'
import { describeWith, redis } from '../services'
import { childrenOf, find } from '../support/agent'
import { describeCallStyles } from '../support/call-styles'
import { describeLibrary, type Library } from '../support/library'
import { Tracing } from '../support/tracing'
import { checkCommands, checkRequests, KEY, rawOf, TEXT } from './redis-command'
import { type Client, type Redis, type Row, rows } from './redis-rows'

const majorOf = ({ name, major }: Library) => (name !== 'redis' ? 4 : major === 4 ? 4.1 : major)

describeWith(redis, 'redis with promises', (server) => {
  describeLibrary('redis', { name: '@node-redis/client', majors: { 1: ['1.0.0', '1.0.6'] } }, suite)
  // 4.1 was the first on @redis/client.
  const majors = { 4: ['4.1.0', '4.7.1'], 5: ['5.0.0', '5.12.1'], 6: ['6.0.0', '6.3.1'] } as const
  describeLibrary('redis', { name: 'redis', majors }, suite)

  function suite(library: Library): void {
    const major = majorOf(library)
    let tracing: Tracing
    const create = (options: object = {}) => {
      const client = library.load<Redis>().createClient({ url: server().url, ...options })
      client.on('error', () => {})
      return client
    }
    const open = async (options?: object) => {
      const client = create(options)
      await client.connect()
      return client
    }
    const opened = async () => {
      const client = await open()
      await client.set(TEXT, 'text')
      await client.set(KEY, '1')
      return client
    }
    const close = async (client: Client) => {
      if (client.isOpen) await client.disconnect()
    }

    describeCallStyles<Client, Row>(
      'asked for by',
      rows.filter(({ since = 4, before = 7 }) => since <= major && major < before),
      {
        without: { open: opened, close },
        with: {
          before: async () => {
            tracing = await Tracing.start({ redis: true })
          },
          open: async () => {
            const client = await opened()
            await tracing.spans()
            tracing.clear()
            return client
          },
          check: async (row) => checkCommands(await tracing.spans(), row, 'redis', server().url),
          close,
          after: () => tracing.stop(),
        },
      },
    )

    describe('in a program', () => {
      before(async () => {
        tracing = await Tracing.start({ redis: true })
      })
      beforeEach(() => tracing.clear())
      after(() => tracing.stop())

      it('gives each of 20 concurrent requests on a client that still connects its own commands', async () => {
        const client = create()
        const requests = Array.from({ length: 20 }, (_, n) =>
          tracer.trace('request', { resource: `r${n}` }, async (span) => {
            // The first request connects; its trace is not the connection's.
            if (n === 0) void client.connect()
            await client.set(`dd-test:${n}`, '1')
            assert.equal(tracer.activeSpan, span)
            await client.multi().get(`dd-test:${n}`).exec()
            await client.get(`dd-test:${n}`)
          }),
        )
        await Promise.all(requests)
        await close(client)
        checkRequests(await tracing.spans(), 20, (n) => [
          `SET dd-test:${n} 1`,
          'MULTI',
          `GET dd-test:${n}`,
          'EXEC',
          `GET dd-test:${n}`,
        ])
      })

      it('has no span for what the client sends for itself', async () => {
        const admin = await open()
        await admin.sendCommand(['ACL', 'SETUSER', 'dd-test', 'on', '>dd-secret', '+@all', '~*', '&*'])
        const who = { username: 'dd-test', password: 'dd-secret', database: 1, name: 'me' }
        await tracer.trace('request', async () => {
          const client = await open(who)
          await client.get(TEXT)
          await close(client)
        })
        await admin.sendCommand(['ACL', 'DELUSER', 'dd-test'])
        await close(admin)
        const spans = await tracing.spans()
        const request = find(spans, 'request')
        assert.deepEqual(rawOf(childrenOf(request, spans)), [`GET ${TEXT}`])
        assert.deepEqual(rawOf(spans), ['ACL SETUSER dd-test ? ? ? ? ?', `GET ${TEXT}`, 'ACL DELUSER dd-test'])
        assert.ok(
          !JSON.stringify(spans, (_, value) => (typeof value === 'bigint' ? `${value}` : value)).includes('dd-secret'),
        )
      })

      it('has no span for the connection made anew', async () => {
        const [client, admin] = [await open({ name: 'dd-test-again' }), await open()]
        const again = new Promise((resolve) => client.once('ready', resolve))
        await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
        await again
        await client.get(TEXT)
        await Promise.all([client, admin].map(close))
        assert.deepEqual(rawOf(await tracing.spans()), ['CLIENT KILL TYPE normal SKIPME yes', `GET ${TEXT}`])
      })

      // 4.0 does not come back from a lost connection with subscriptions.
      const itRenews = library.name === 'redis' ? it : () => {}
      itRenews('has no span for subscriptions renewed, and no request behind their messages', async () => {
        const [subscriber, admin] = [create(), await open()]
        let heard: (active: unknown[]) => void = () => {}
        const message = new Promise<unknown[]>((resolve) => {
          heard = resolve
        })
        await tracer.trace('request', async () => {
          await subscriber.connect()
          await subscriber.subscribe('dd-test', (text) => heard([text, tracer.activeSpan]))
        })
        const again = new Promise((resolve) => subscriber.once('ready', resolve))
        await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
        await again
        await admin.publish('dd-test', 'hello')
        assert.deepEqual(await message, ['hello', undefined])
        await Promise.all([subscriber, admin].map(close))
        assert.deepEqual(rawOf(await tracing.spans()), ['CLIENT KILL TYPE pubsub', 'PUBLISH dd-test hello'])
      })

      it('finishes the span of a command whose connection is lost', async () => {
        const [client, admin] = [await open({ disableOfflineQueue: true }), await open()]
        const blocked = client.sendCommand(['BLPOP', 'dd-test:nothing', '0']).catch((error: Error) => error)
        const id = await blockedClient(admin)
        await admin.sendCommand(['CLIENT', 'KILL', 'ID', id])
        assert.ok((await blocked) instanceof Error)
        await Promise.all([client, admin].map(close))
        assert.equal(find(await tracing.spans(), { resource: 'BLPOP' }).error, 1)
      })

      it('ends the span before the promise settles for the program', async () => {
        const client = await open()
        await tracer.trace('request', () => client.get(TEXT))
        await close(client)
        const spans = await tracing.spans()
        const [request, command] = [find(spans, 'request'), find(spans, 'redis.command')]
        assert.ok(command.start + command.duration <= request.start + request.duration)
      })

      if (library.name === 'redis' && major >= 5) {
        it('gives each of 20 concurrent requests on a cold pool its own commands', async () => {
          const { createClientPool } = library.load<Redis>('@redis/client')
          const pool = createClientPool({ url: server().url }, { minimum: 1, maximum: 5 })
          pool.on('error', () => {})
          const requests = Array.from({ length: 20 }, (_, n) =>
            tracer.trace('request', { resource: `r${n}` }, async () => {
              if (n === 0) await pool.connect()
              else await Promise.resolve()
              await pool.get(`dd-test:${n}`)
            }),
          )
          await Promise.all(requests)
          await pool.close()
          checkRequests(await tracing.spans(), 20, (n) => [`GET dd-test:${n}`])
        })
      }

      // The option came with 4.6.
      const itPings = major >= 5 || library.version === '4.7.1' ? it : () => {}
      itPings('has no span for the PING of a timer', async () => {
        const client = create({ pingInterval: 5 })
        await tracer.trace('request', async () => {
          await client.connect()
          await client.ping()
        })
        // The server counts them: no command of ours tells.
        await untilPings(await open(), 3)
        await close(client)
        assert.deepEqual(
          rawOf(await tracing.spans()).filter((raw) => raw === 'PING'),
          ['PING'],
        )
      })
    })

    describe('with options', () => {
      const command = async (
        options: PluginSetting,
        run: (client: Client) => Promise<unknown>,
        connection: object = {},
      ) => {
        tracing = await Tracing.start({ redis: options })
        const client = await open(connection)
        await run(client)
        await close(client)
        const spans = await tracing.spans()
        await tracing.stop()
        return spans
      }
      const some = async (client: Client) => {
        await client.get(TEXT)
        await client.set(KEY, '1')
      }

      it('takes its service from them', async () => {
        const [span] = await command({ service: 'cache' }, some)
        assert.equal(span!.service, 'cache')
        assert.equal(span!.meta['_dd.base_service'], 'test')
      })

      const filters: [name: string, options: PluginSetting, raw: string[]][] = [
        ['a list of names', { allowlist: ['get'] }, [`GET ${TEXT}`]],
        ['a pattern', { allowlist: /^g/i }, [`GET ${TEXT}`]],
        ['a function', { allowlist: (name: string) => name === 'GET' }, [`GET ${TEXT}`]],
        ['a name that is blocked', { blocklist: 'GET' }, [`SET ${KEY} 1`]],
        ['one list after the other', { allowlist: ['GET', 'SET'], blocklist: [/T$/] }, []],
        ['a filter', { filter: (name: string) => name === 'SET' }, [`SET ${KEY} 1`]],
      ]
      for (const [name, options, raw] of filters) {
        it(`traces what ${name} lets through`, async () => assert.deepEqual(rawOf(await command(options, some)), raw))
      }

      it('makes a service of each connection that has a name', async () => {
        const services = async (options: PluginSetting, connection?: object) =>
          (await command(options, some, connection)).map(({ service, meta }) => [service, meta['_dd.svc_src']])
        const [named, split] = [{ name: 'sessions' }, 'opt.split_by_instance']
        assert.deepEqual((await services({ splitByInstance: true }, named))[0], ['sessions', split])
        assert.deepEqual((await services({ splitByInstance: true, service: 'cache' }, named))[0], [
          'cache-sessions',
          split,
        ])
        assert.deepEqual((await services({ splitByInstance: true }))[0], ['test-redis', 'redis'])
        assert.deepEqual((await services({}, named))[0], ['test-redis', 'redis'])
      })
    })

    it('leaves the library as it was, before and after', async () => {
      library.load()
      const place = library.name === 'redis' ? '@redis/client' : library.name
      const files = ['commands-queue', 'socket', 'index'].map(
        (file) =>
          require(`${library.folder}/node_modules/${place}/dist/lib/client/${file}.js`) as { default: () => void },
      )
      const snapshot = () =>
        files.map((file) => [file.default, Object.getOwnPropertyDescriptors(file.default.prototype)] as const)
      const original = snapshot()
      tracing = await Tracing.start({ redis: false })
      assert.deepEqual(snapshot(), original)
      await tracing.stop()
      tracing = await Tracing.start({ redis: true })
      const client = create()
      assert.ok(client instanceof EventEmitter)
      files.forEach(({ default: patched }, index) => {
        const [before] = original[index]!
        assert.equal(patched.name, before.name)
        assert.equal(patched.length, before.length)
        assert.equal(patched.prototype, before.prototype)
      })
      await tracing.stop()
      assert.deepEqual(snapshot(), original)
    })
  }
})

/** The id of the client that waits in a blocking command. */
async function blockedClient(admin: Client): Promise<string> {
  for (;;) {
    const list = String(await admin.sendCommand(['CLIENT', 'LIST']))
    const id = list
      .split('\n')
      .find((line) => line.includes('cmd=blpop'))
      ?.match(/id=(\d+)/)?.[1]
    if (id !== undefined) return id
  }
}

async function untilPings(admin: Client, count: number): Promise<void> {
  const calls = async () => {
    const stats = String(await admin.sendCommand(['INFO', 'commandstats']))
    return Number(stats.match(/cmdstat_ping:calls=(\d+)/)?.[1] ?? 0)
  }
  const before = await calls()
  while ((await calls()) < before + count) {}
  await admin.disconnect()
}
