// The ioredis plugin against a real Redis: every way to ask for a command looks the same to the program with and without `dd`, and
// gives one span under the right parent.

import { strict as assert } from 'node:assert'
import type { EventEmitter } from 'node:events'
import { type PluginSetting, tracer } from '../../src'
import { describeWith, redis } from '../services'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { describeLibrary, type Library } from '../support/library'
import { Tracing } from '../support/tracing'
import { checkCommands, checkRequests, commandsOf, IOREDIS, KEY, rawOf, TEXT } from './redis-command'

type Callback = (error: unknown, value?: unknown) => void

interface Pipeline {
  get(key: string, callback?: Callback): Pipeline
  incr(key: string, callback?: Callback): Pipeline
  exec(callback?: Callback): Promise<unknown>
}

interface Client extends EventEmitter {
  readonly status: string
  connect(callback?: Callback): Promise<void>
  disconnect(): void
  duplicate(options?: object): Client
  get(key: string, callback?: Callback): Promise<unknown>
  getBuffer(key: string): Promise<unknown>
  set(...args: unknown[]): Promise<unknown>
  mget(...args: unknown[]): Promise<unknown>
  incr(key: string, callback?: Callback): Promise<unknown>
  eval(...args: unknown[]): Promise<unknown>
  info(): Promise<string>
  call(...args: unknown[]): Promise<unknown>
  subscribe(channel: string, callback?: Callback): Promise<unknown>
  publish(channel: string, message: string): Promise<unknown>
  scanStream(options: object): EventEmitter
  pipeline(commands?: unknown[][]): Pipeline
  multi(options?: object): Pipeline
  defineCommand(name: string, definition: object): void
}

interface Row extends CallStyle<Client> {
  readonly raw: readonly string[]
  /** What the last of the spans failed with. */
  readonly error?: RegExp
}

const ERROR = /not an integer/

const rows: Row[] = [
  { name: 'a promise', run: (client) => client.get(TEXT), raw: [`GET ${TEXT}`] },
  { name: 'a callback', run: (client, probe) => client.get(TEXT, probe.callback()), raw: [`GET ${TEXT}`] },
  { name: 'a command with options', run: (client) => client.set(KEY, 1, 'EX', 60), raw: [`SET ${KEY} 1 EX 60`] },
  { name: 'an array', run: (client) => client.mget([TEXT, KEY]), raw: [`MGET ${TEXT} ${KEY}`] },
  { name: 'a Buffer', run: (client) => client.set(KEY, Buffer.from('1')), raw: [`SET ${KEY} ?`] },
  { name: 'a reply as a Buffer', run: (client) => client.getBuffer(TEXT), raw: [`GET ${TEXT}`] },
  { name: 'a raw command', run: (client) => client.call('ECHO', 'hello'), raw: ['ECHO hello'] },
  { name: 'a script', run: (client) => client.eval('return ARGV[1]', 0, 'one'), raw: ['EVAL return ARGV[1] 0 one'] },
  {
    name: 'a pipeline',
    run: (client) => client.pipeline().get(TEXT).get(KEY).exec(),
    raw: [`GET ${TEXT}`, `GET ${KEY}`],
  },
  {
    name: 'a pipeline with callbacks',
    run: (client, probe) => client.pipeline().get(TEXT, probe.callback('get')).get(KEY).exec(probe.callback()),
    raw: [`GET ${TEXT}`, `GET ${KEY}`],
  },
  { name: 'a pipeline made of arrays', run: (client) => client.pipeline([['get', TEXT]]).exec(), raw: [`GET ${TEXT}`] },
  { name: 'a pipeline of nothing', run: (client) => client.pipeline().exec(), raw: [] },
  {
    name: 'a pipeline with an error',
    run: (client) => client.pipeline().get(KEY).incr(TEXT).exec(),
    raw: [`GET ${KEY}`, `INCR ${TEXT}`],
    error: ERROR,
  },
  {
    name: 'a transaction',
    run: (client) => client.multi().get(TEXT).get(KEY).exec(),
    raw: ['MULTI', `GET ${TEXT}`, `GET ${KEY}`, 'EXEC'],
  },
  {
    name: 'a transaction with callbacks',
    run: (client, probe) => client.multi().get(TEXT, probe.callback('get')).exec(probe.callback()),
    raw: ['MULTI', `GET ${TEXT}`, 'EXEC'],
  },
  {
    name: 'a transaction sent bit by bit',
    run(client) {
      client.multi({ pipeline: false })
      void client.get(TEXT)
      return (client as unknown as Pipeline).exec()
    },
    raw: ['MULTI', `GET ${TEXT}`, 'EXEC'],
  },
  {
    name: 'a stream',
    run(client, probe) {
      const stream = client.scanStream({ match: 'dd-test:none', count: 100_000 })
      stream.on('data', probe.optional('data'))
      stream.on('end', probe.callback('end'))
    },
    raw: ['SCAN 0 MATCH dd-test:none COUNT 100000'],
  },
  {
    name: 'a subscription',
    run: (client, probe) => client.subscribe('dd-test', probe.callback()),
    raw: ['SUBSCRIBE dd-test'],
  },
  { name: 'an error to a promise', run: (client) => client.incr(TEXT), raw: [`INCR ${TEXT}`], error: ERROR },
  {
    name: 'an error to a callback',
    run: (client, probe) => void client.incr(TEXT, probe.callback()).catch(() => {}),
    raw: [`INCR ${TEXT}`],
    error: ERROR,
  },
  {
    name: 'an error that nobody handles',
    run(client, probe) {
      void client.incr(TEXT)
      return probe.unhandled()
    },
    raw: [`INCR ${TEXT}`],
    error: ERROR,
  },
  {
    name: 'a command that does not exist',
    run: (client) => client.call('NONSENSE', 'x'),
    raw: ['NONSENSE x'],
    error: /unknown command/,
  },
  {
    name: 'a command for a client that is being closed',
    run(client) {
      client.disconnect()
      return client.get(TEXT)
    },
    raw: [`GET ${TEXT}`],
    error: /Connection is closed/,
  },
  {
    name: 'a callback that throws',
    run(client, probe) {
      void client.get(TEXT, () => {
        throw new Error('from the callback')
      })
      return probe.unhandled()
    },
    raw: [`GET ${TEXT}`],
  },
]

describeWith(redis, 'ioredis', (server) => {
  describeLibrary('ioredis', { name: 'ioredis', majors: IOREDIS }, (library: Library) => {
    let tracing: Tracing
    const create = (options: object = {}) => {
      const Redis = library.load<new (url: string, options: object) => Client>()
      const client = new Redis(server().url, options)
      client.on('error', () => {})
      return client
    }
    const until = (client: Client, event: string) => new Promise<void>((resolve) => client.once(event, () => resolve()))
    const open = async (options?: object) => {
      const client = create(options)
      await until(client, 'ready')
      return client
    }
    const opened = async () => {
      const client = await open()
      await client.set(TEXT, 'text')
      await client.set(KEY, '1')
      return client
    }
    const close = (client: Client) => client.disconnect()

    describeCallStyles<Client, Row>('asked for by', rows, {
      without: { open: opened, close },
      with: {
        before: async () => {
          tracing = await Tracing.start({ ioredis: true })
        },
        open: async () => {
          const client = await opened()
          await tracing.spans()
          tracing.clear()
          return client
        },
        async check(row) {
          const spans = await tracing.spans()
          // Older ones write some words of SCAN small.
          for (const { meta } of spans) {
            const { 'redis.raw_command': raw = '' } = meta
            meta['redis.raw_command'] = raw.replace('match', 'MATCH').replace('count', 'COUNT')
          }
          checkCommands(spans, row, 'ioredis', server().url)
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

      it('gives each of 20 concurrent requests on a client that still connects its own commands', async () => {
        let client: Client | undefined
        const requests = Array.from({ length: 20 }, (_, n) =>
          tracer.trace('request', { resource: `r${n}` }, async (span) => {
            // The first request makes the client; its trace is not the connection's.
            client ??= create()
            await client.get(`dd-test:${n}`)
            assert.equal(tracer.activeSpan, span)
            await client.multi().get(`dd-test:${n}`).exec()
            await new Promise<void>((resolve) => {
              void client!.get(`dd-test:${n}`, () => {
                assert.equal(tracer.activeSpan, span)
                resolve()
              })
            })
          }),
        )
        await Promise.all(requests)
        close(client!)
        checkRequests(await tracing.spans(), 20, (n) => [
          `GET dd-test:${n}`,
          'MULTI',
          `GET dd-test:${n}`,
          'EXEC',
          `GET dd-test:${n}`,
        ])
      })

      it('gives each of 20 concurrent requests its own commands on a client that makes pipelines by itself', async () => {
        const client = await open({ enableAutoPipelining: true })
        await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            tracer.trace('request', { resource: `r${n}` }, async () => {
              await client.get(`dd-test:${n}`)
              await client.get(`dd-test:${n}`)
            }),
          ),
        )
        // One that belongs to no request goes with one that does.
        await Promise.all([tracer.trace('other', () => client.get(KEY)), client.get(TEXT)])
        close(client)
        const spans = await tracing.spans()
        const alone = commandsOf(spans).find(({ meta }) => meta['redis.raw_command'] === `GET ${TEXT}`)
        assert.equal(Number(alone?.parent_id), 0)
        const other = find(spans, 'other')
        assert.deepEqual(rawOf(childrenOf(other, spans)), [`GET ${KEY}`])
        checkRequests(
          spans.filter(({ trace_id }) => trace_id !== alone?.trace_id && trace_id !== other.trace_id),
          20,
          (n) => [`GET dd-test:${n}`, `GET dd-test:${n}`],
        )
      })

      it('has no span for what the client sends for itself', async () => {
        const admin = await open()
        await admin.call('CONFIG', 'SET', 'requirepass', 'dd-secret')
        await tracer.trace('request', async () => {
          const client = create({ password: 'dd-secret', db: 1, connectionName: 'me', lazyConnect: true })
          await client.connect()
          await client.get(TEXT)
          close(client)
        })
        await admin.call('CONFIG', 'SET', 'requirepass', '')
        close(admin)
        const spans = await tracing.spans()
        assert.deepEqual(rawOf(spans), ['CONFIG SET requirepass ?', `GET ${TEXT}`, 'CONFIG SET requirepass ?'])
        assert.equal(childrenOf(find(spans, 'request'), spans).length, 1)
      })

      it('has no span for the connection made anew, nor for subscriptions renewed', async () => {
        const [client, admin] = [await open({ db: 1 }), await open()]
        const subscriber = await tracer.trace('request', async () => {
          const one = create()
          await one.subscribe('dd-test')
          return one
        })
        const again = Promise.all([until(client, 'ready'), until(subscriber, 'ready')])
        await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
        await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
        await again
        const message = new Promise((resolve) => subscriber.once('message', () => resolve(tracer.activeSpan)))
        await client.get(TEXT)
        await admin.publish('dd-test', 'hello')
        assert.equal(await message, undefined)
        for (const one of [client, admin, subscriber]) close(one)
        assert.deepEqual(rawOf(await tracing.spans()), [
          'SUBSCRIBE dd-test',
          'CLIENT KILL TYPE pubsub',
          'CLIENT KILL TYPE normal SKIPME yes',
          `GET ${TEXT}`,
          'PUBLISH dd-test hello',
        ])
      })

      it('has one span for a command that is sent again on a new connection', async () => {
        const [client, admin] = [await open(), await open()]
        const asked = tracer.trace('request', () => client.call('BLPOP', 'dd-test:nothing', 0))
        await untilBlocked(admin)
        const again = until(client, 'ready')
        await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
        await again
        await untilBlocked(admin)
        await admin.call('RPUSH', 'dd-test:nothing', 'value')
        assert.deepEqual(await asked, ['dd-test:nothing', 'value'])
        for (const one of [client, admin]) close(one)
        const spans = await tracing.spans()
        const [command] = childrenOf(find(spans, 'request'), spans)
        assert.equal(command!.error, 0)
        assert.equal(rawOf(spans).filter((raw) => raw?.startsWith('BLPOP')).length, 1)
      })

      it('finishes the span of a command whose connection is lost', async () => {
        const [client, admin] = [await open({ retryStrategy: null }), await open()]
        const failed = client.call('BLPOP', 'dd-test:nothing', 0).catch((error: Error) => error)
        await untilBlocked(admin)
        await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
        assert.ok((await failed) instanceof Error)
        close(admin)
        assert.equal(find(await tracing.spans(), { resource: 'BLPOP' }).error, 1)
      })

      it('has spans for the commands of a script that the program has defined', async () => {
        const client = await open()
        client.defineCommand('ddTestEcho', { numberOfKeys: 0, lua: 'return {ARGV[1], "dd-test"}' })
        const defined = client as unknown as { ddTestEcho(value: string): Promise<unknown> }
        await tracer.trace('request', async () => {
          assert.deepEqual(await defined.ddTestEcho('one'), ['one', 'dd-test'])
        })
        close(client)
        const spans = await tracing.spans()
        const commands = childrenOf(find(spans, 'request'), spans)
        assert.ok(commands.length > 0)
        assert.ok(commands.every(({ resource }) => /^eval(sha)?$/.test(resource)))
        assert.equal(spans.length, commands.length + 1)
      })
    })

    describe('with options', () => {
      const spansWith = async (options: PluginSetting, connection?: object) => {
        tracing = await Tracing.start({ ioredis: options })
        const client = await open(connection)
        await client.get(TEXT)
        await client.set(KEY, '1')
        close(client)
        const spans = await tracing.spans()
        await tracing.stop()
        return spans
      }

      it('takes its service from them', async () => {
        const [span] = await spansWith({ service: 'cache' })
        assert.equal(span!.service, 'cache')
        assert.equal(span!.meta['_dd.base_service'], 'test')
      })

      it('traces what the filters let through', async () => {
        assert.deepEqual(rawOf(await spansWith({ allowlist: 'get' })), [`GET ${TEXT}`])
        assert.deepEqual(rawOf(await spansWith({ blocklist: /^g/i })), [`SET ${KEY} 1`])
      })

      it('makes a service of each connection that has a name', async () => {
        const services = async (options: PluginSetting, connection?: object) =>
          (await spansWith(options, connection)).map(({ service, meta }) => [service, meta['_dd.svc_src']])
        const [named, split] = [{ connectionName: 'sessions' }, 'opt.split_by_instance']
        assert.deepEqual((await services({ splitByInstance: true }, named))[0], ['sessions', split])
        assert.deepEqual((await services({ splitByInstance: true, service: 'cache' }, named))[0], [
          'cache-sessions',
          split,
        ])
        assert.deepEqual((await services({ splitByInstance: true }))[0], ['test-redis', 'ioredis'])
      })
    })

    it('leaves the library as it was, before and after', async () => {
      const { prototype } = library.load<{ prototype: Record<string, () => unknown> }>()
      const snapshot = () => ['sendCommand', 'connect', '_readyCheck'].map((method) => prototype[method]!)
      const original = snapshot()
      tracing = await Tracing.start({ ioredis: false })
      assert.deepEqual(snapshot(), original)
      await tracing.stop()
      tracing = await Tracing.start({ ioredis: true })
      snapshot().forEach((patched, index) => {
        assert.notEqual(patched, original[index])
        assert.equal(patched.name, original[index]!.name)
        assert.equal(patched.length, original[index]!.length)
      })
      await tracing.stop()
      assert.deepEqual(snapshot(), original)
    })
  })
})

/** Until some client waits in a blocking command. */
async function untilBlocked(admin: Client): Promise<void> {
  while (!String(await admin.call('CLIENT', 'LIST')).includes('cmd=blpop')) {}
}
