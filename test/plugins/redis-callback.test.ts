// The redis plugin against a real Redis, with the client that speaks in callbacks: `redis` 2.6 to 3.

import { strict as assert } from 'node:assert'
import type { EventEmitter } from 'node:events'
import { type PluginSetting, tracer } from '../../src'
import { describeWith, redis } from '../services'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { describeLibrary } from '../support/library'
import { Tracing } from '../support/tracing'
import { checkCommands, checkRequests, commandsOf, KEY, rawOf, TEXT } from './redis-command'

type Callback = (error: unknown, value?: unknown) => void

interface Multi {
  get(key: string, callback?: Callback): Multi
  incr(key: string, callback?: Callback): Multi
  exec(callback?: Callback): unknown
}

interface Client extends EventEmitter {
  get(key: string | Buffer, callback?: Callback): unknown
  get(args: string[], callback: Callback): unknown
  set(key: string, value: unknown, callback?: Callback): unknown
  incr(key: string, callback?: Callback): unknown
  mget(...args: unknown[]): unknown
  hgetall(key: string, callback: Callback): unknown
  info(callback: Callback): unknown
  select(db: number, callback: Callback): unknown
  send_command(name: string, args: unknown[], callback?: Callback): unknown
  subscribe(channel: string, callback?: Callback): unknown
  multi(commands?: unknown[][]): Multi
  batch(): Multi
  quit(callback: Callback): unknown
  end(flush: boolean): void
}

interface Redis {
  createClient(url: string, options?: object): Client
  readonly RedisClient: { new (...args: unknown[]): Client; prototype: Record<string, () => unknown> }
}

interface Row extends CallStyle<Client> {
  readonly raw: readonly string[]
  /** What the last of the spans failed with. */
  readonly error?: RegExp
  readonly since?: number
}

const ERROR = /not an integer/

const rows: Row[] = [
  { name: 'a callback', run: (client, probe) => client.get(TEXT, probe.callback()), raw: [`GET ${TEXT}`] },
  {
    name: 'an array and a callback',
    run: (client, probe) => client.get([TEXT], probe.callback()),
    raw: [`GET ${TEXT}`],
  },
  {
    name: 'many arguments',
    run: (client, probe) => client.mget(TEXT, KEY, probe.callback()),
    raw: [`MGET ${TEXT} ${KEY}`],
  },
  { name: 'a number', run: (client, probe) => client.set(KEY, 7, probe.callback()), raw: [`SET ${KEY} 7`] },
  {
    name: 'a Buffer',
    run: (client, probe) => client.set(KEY, Buffer.from('1'), probe.callback()),
    raw: [`SET ${KEY} ?`],
  },
  {
    name: 'a raw command',
    run: (client, probe) => client.send_command('echo', ['hi'], probe.callback()),
    raw: ['ECHO hi'],
  },
  {
    name: 'a command with a method of its own',
    run: (client, probe) => client.select(1, probe.callback()),
    raw: ['SELECT 1'],
  },
  {
    name: 'info',
    run: (client, probe) => {
      const called = probe.callback()
      client.info((error) => called(error))
    },
    raw: ['INFO'],
  },
  {
    name: 'a reply that is made an object',
    run: (client, probe) => client.hgetall('dd-test:none', probe.callback()),
    raw: ['HGETALL dd-test:none'],
  },
  { name: 'no callback', run: (client) => client.get(TEXT), raw: [] },
  {
    name: 'a transaction',
    run: (client, probe) => client.multi().get(TEXT).get(KEY).exec(probe.callback()),
    raw: ['MULTI', `GET ${TEXT}`, `GET ${KEY}`, 'EXEC'],
  },
  {
    name: 'a transaction with callbacks',
    // 2.6 forgets the first.
    since: 3,
    run: (client, probe) => client.multi().get(TEXT, probe.callback('get')).get(KEY).exec(probe.callback()),
    raw: ['MULTI', `GET ${TEXT}`, `GET ${KEY}`, 'EXEC'],
  },
  {
    name: 'a transaction made of arrays',
    run: (client, probe) => client.multi([['get', TEXT]]).exec(probe.callback()),
    raw: ['MULTI', `GET ${TEXT}`, 'EXEC'],
  },
  {
    name: 'a batch',
    run: (client, probe) => client.batch().get(TEXT).incr(KEY, probe.callback('incr')).exec(probe.callback()),
    raw: [`GET ${TEXT}`, `INCR ${KEY}`],
  },
  {
    name: 'a batch with an error',
    run: (client, probe) => client.batch().get(TEXT).incr(TEXT).exec(probe.callback()),
    raw: [`GET ${TEXT}`, `INCR ${TEXT}`],
    error: ERROR,
  },
  {
    name: 'an error',
    run: (client, probe) => client.incr(TEXT, probe.callback()),
    raw: [`INCR ${TEXT}`],
    error: ERROR,
  },
  {
    name: 'an error that nobody handles',
    run(client, probe) {
      client.on('error', probe.callback('error'))
      client.incr(TEXT)
    },
    raw: [],
  },
  {
    name: 'an argument that cannot be sent',
    run: (client, probe) => client.set(KEY, {}, probe.callback()),
    raw: [`SET ${KEY} ?`],
    error: /invalid argument type/,
    since: 3,
  },
  {
    name: 'a command for a client that was closed',
    run(client, probe) {
      client.end(true)
      client.get(TEXT, probe.callback())
    },
    raw: [`GET ${TEXT}`],
    error: /closed/,
  },
  {
    name: 'a subscription',
    run(client, probe) {
      client.on('subscribe', probe.callback('subscribe'))
      client.subscribe('dd-test', probe.callback())
    },
    raw: ['SUBSCRIBE dd-test'],
  },
  {
    name: 'a callback that throws',
    run(client, probe) {
      client.get(TEXT, () => {
        throw new Error('from the callback')
      })
      return probe.unhandled()
    },
    raw: [`GET ${TEXT}`],
  },
]

describeWith(redis, 'redis with callbacks', (server) => {
  // 2.6 was the first to keep a command and its callback in one object.
  const majors = { 2: ['2.6.0', '2.8.0'], 3: ['3.0.0', '3.1.2'] } as const
  describeLibrary('redis', { name: 'redis', majors }, (library) => {
    let tracing: Tracing
    const create = (options?: object) => library.load<Redis>().createClient(server().url, options)
    const open = async () => {
      const client = create()
      await call((done) => client.set(TEXT, 'text', done))
      await call((done) => client.set(KEY, '1', done))
      return client
    }
    const close = (client: Client) => {
      client.on('error', () => {})
      client.end(false)
    }

    const known = rows.filter(({ since = 2 }) => since <= library.major)
    describeCallStyles<Client, Row>('asked for by', known, {
      without: { open, close },
      with: {
        before: async () => {
          tracing = await Tracing.start({ redis: true })
        },
        open: async () => {
          const client = await open()
          await tracing.spans()
          tracing.clear()
          return client
        },
        check: async (row) => checkCommands(await tracing.spans(), row, 'redis', server().url),
        close,
        after: () => tracing.stop(),
      },
    })

    describe('in a program', () => {
      before(async () => {
        tracing = await Tracing.start({ redis: true })
      })
      beforeEach(() => tracing.clear())
      after(() => tracing.stop())

      it('gives each of 20 concurrent requests on a client that still connects its own commands', async () => {
        let client: Client | undefined
        const requests = Array.from({ length: 20 }, (_, n) =>
          tracer.trace('request', { resource: `r${n}` }, async (span) => {
            client ??= create()
            const ask = client
            await call((done) =>
              ask.set(`dd-test:${n}`, n, () => {
                assert.equal(tracer.activeSpan, span)
                ask.multi().get(`dd-test:${n}`).exec(done)
              }),
            )
            await call((done) => ask.get(`dd-test:${n}`, done))
          }),
        )
        await Promise.all(requests)
        close(client!)
        checkRequests(await tracing.spans(), 20, (n) => [
          `SET dd-test:${n} ${n}`,
          'MULTI',
          `GET dd-test:${n}`,
          'EXEC',
          `GET dd-test:${n}`,
        ])
      })

      it('has no span for what the client sends for itself', async () => {
        const admin = create()
        await call((done) => admin.send_command('config', ['set', 'requirepass', 'dd-secret'], done))
        const again = (client: Client) => new Promise((resolve) => client.once('ready', resolve))
        await tracer.trace('request', async () => {
          const client = create({ password: 'dd-secret', db: 1 })
          client.on('error', () => {})
          await call((done) => client.get(TEXT, done))
          const subscriber = create({ password: 'dd-secret' })
          subscriber.on('error', () => {})
          await call((done) => subscriber.subscribe('dd-test', done))
          const ready = Promise.all([again(client), again(subscriber)])
          await call((done) => admin.send_command('client', ['kill', 'type', 'pubsub'], done))
          await call((done) => admin.send_command('client', ['kill', 'type', 'normal', 'skipme', 'yes'], done))
          await ready
          const message = new Promise((resolve) => subscriber.once('message', () => resolve(tracer.activeSpan)))
          await call((done) => admin.send_command('publish', ['dd-test', 'hello'], done))
          assert.equal(await message, undefined)
          for (const one of [client, subscriber]) close(one)
        })
        await call((done) => admin.send_command('config', ['set', 'requirepass', ''], done))
        close(admin)
        const spans = await tracing.spans()
        assert.deepEqual(rawOf(childrenOf(find(spans, 'request'), spans)), [
          `GET ${TEXT}`,
          'SUBSCRIBE dd-test',
          'CLIENT kill type pubsub',
          'CLIENT kill type normal skipme yes',
          'PUBLISH dd-test hello',
        ])
        assert.deepEqual(
          rawOf(spans).filter((raw) => raw?.startsWith('CONFIG')),
          ['CONFIG set requirepass ?', 'CONFIG set requirepass ?'],
        )
        assert.equal(commandsOf(spans).length, 7)
      })

      it('finishes the span of a command whose connection is lost', async () => {
        const [client, admin] = [create({ retry_strategy: () => undefined }), create()]
        client.on('error', () => {})
        const failed = new Promise((resolve) => {
          client.send_command('blpop', ['dd-test:nothing', 0], resolve)
        })
        await untilBlocked(admin)
        admin.send_command('client', ['kill', 'type', 'normal', 'skipme', 'yes'])
        assert.ok((await failed) instanceof Error)
        close(admin)
        assert.equal(find(await tracing.spans(), { resource: 'blpop' }).error, 1)
      })
    })

    describe('with options', () => {
      const spansWith = async (options: PluginSetting) => {
        tracing = await Tracing.start({ redis: options })
        const client = create()
        await call((done) => client.set(TEXT, 'text', done))
        await call((done) => client.get(TEXT, done))
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
        assert.deepEqual(rawOf(await spansWith({ blocklist: /^g/i })), [`SET ${TEXT} text`])
      })
    })

    it('leaves the library as it was, before and after', async () => {
      const { RedisClient } = library.load<Redis>()
      const methods = ['internal_send_command', 'create_stream', 'ready_check', 'on_ready']
      const snapshot = () => methods.map((method) => RedisClient.prototype[method]!)
      const original = snapshot()
      tracing = await Tracing.start({ redis: false })
      assert.deepEqual(snapshot(), original)
      await tracing.stop()
      tracing = await Tracing.start({ redis: true })
      snapshot().forEach((patched, index) => {
        assert.notEqual(patched, original[index])
        assert.equal(patched.name, original[index]!.name)
        assert.equal(patched.length, original[index]!.length)
        assert.deepEqual(Object.getOwnPropertyNames(patched), Object.getOwnPropertyNames(original[index]!))
      })
      await tracing.stop()
      assert.deepEqual(snapshot(), original)
    })
  })
})

function call<T>(run: (done: (error: unknown, value?: T) => void) => unknown): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    run((error, value) => (error ? reject(error) : resolve(value)))
  })
}

/** Until some client waits in a blocking command. */
async function untilBlocked(admin: Client): Promise<void> {
  while (!String(await call((done) => admin.send_command('client', ['list'], done))).includes('cmd=blpop')) {}
}
