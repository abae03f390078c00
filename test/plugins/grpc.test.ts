// The grpc plugin with a real server and client of @grpc/grpc-js over loopback: every kind of call looks the same to the program with
// and without `dd`, and gives a span on either side, the server's below the client's.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { lt } from 'semver'
import { tracer } from '../../src'
import { childrenOf, find, type ReceivedSpan } from '../support/agent'
import { describeCallStyles } from '../support/call-styles'
import { freePort } from '../support/free-port'
import { describeLibrary } from '../support/library'
import { Tracing } from '../support/tracing'
import {
  type Call,
  type Client,
  type Grpc,
  handlers,
  PROTO,
  type Row,
  rows,
  type Server,
  type Subject,
} from './grpc-styles'

const NAME = '@grpc/grpc-js'
const majors = { 1: ['1.0.3', '1.14.7'] } as const
const beside = { '@grpc/proto-loader': '0.8.1' }

describe('grpc', () => {
  describeLibrary('grpc', { name: NAME, majors, beside }, (library) => {
    let tracing: Tracing
    let server: Server
    let port: number

    const grpc = () => library.load<Grpc>()
    const echo = () => {
      const { fromJSON } = library.load<{ fromJSON(json: object): unknown }>('@grpc/proto-loader')
      return grpc().loadPackageDefinition(fromJSON(PROTO)).test.echo.Echo
    }
    const serve = async (own: object = {}) => {
      const { Server, ServerCredentials } = grpc()
      server = new Server()
      server.addService(echo().service, { ...handlers, ...own })
      port = await new Promise<number>((resolve, reject) => {
        server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
          error ? reject(error) : resolve(bound),
        )
      })
      // Later ones have begun already.
      if (lt(library.version, '1.10.0')) server.start()
    }
    const connect = (to = port): Client => {
      const Echo = echo()
      return new Echo(`127.0.0.1:${to}`, grpc().credentials.createInsecure())
    }
    const start = async (options: object | boolean = true) => {
      tracing = await Tracing.start({ grpc: options as boolean })
    }
    /** Both sides: what ends last, the server's span or the client's, differs. */
    const spansOnce = async (count: number): Promise<ReceivedSpan[]> => {
      let spans = await tracing.spans()
      while (spans.length < count) {
        await new Promise(setImmediate)
        spans = await tracing.spans()
      }
      return spans
    }

    const open = (): Subject => ({ grpc: grpc(), client: connect() })
    const close = ({ client }: Subject) => client.close()
    describeCallStyles<Subject, Row>('called by', rows, {
      without: { before: () => serve(), open, close, after: () => server.forceShutdown() },
      with: {
        before: async () => {
          await start()
          await serve()
        },
        open() {
          tracing.clear()
          return open()
        },
        async check({ method = 'Unary', kind = 'unary', code = 0, serverCode = code, untraced = false }) {
          if (untraced) return assert.deepEqual(await tracing.spans(), [])
          const spans = await spansOnce(serverCode === null ? 1 : 2)
          const client = find(spans, 'grpc.client')
          checkTags(client, method, kind, code)
          assert.equal(client.type, 'http')
          assert.equal(client.meta['span.kind'], 'client')
          assert.equal(client.error, code === 0 ? 0 : 1)
          const [served, ...others] = childrenOf(client, spans)
          assert.deepEqual(others, [])
          if (serverCode === null) return undefined
          assert.ok(served)
          checkTags(served, method, kind, serverCode)
          assert.equal(served.name, 'grpc.server')
          assert.equal(served.type, 'web')
          assert.equal(served.meta['span.kind'], 'server')
          assert.equal(served.error, serverCode > 1 ? 1 : 0)
          // Cancelled before anything was sent, it may have no peer.
          if (code === 1) return undefined
          assert.equal(client.meta['network.destination.ip'], '127.0.0.1')
          assert.equal(client.metrics['network.destination.port'], port)
          return undefined
        },
        close,
        after: async () => {
          server.forceShutdown()
          await tracing.stop()
        },
      },
    })

    const ask = (client: Client, text: string, ...more: unknown[]) =>
      new Promise<string>((resolve, reject) => {
        client.unary({ text }, ...more, (error: Error | null, value: { text: string }) =>
          error ? reject(error) : resolve(value.text),
        )
      })

    describe('in a program', () => {
      let client: Client
      beforeEach(() => tracing?.clear())
      afterEach(async () => {
        client.close()
        server.forceShutdown()
        await tracing.stop()
      })

      it('keeps 20 calls at once on a cold client apart, on both sides', async () => {
        await start()
        await serve({
          unary: ({ request: { text } }: Call, respond: (error: null, value: object) => void) =>
            void tracer.trace('work', { resource: text }, async () => {
              await new Promise(setImmediate)
              respond(null, { text })
            }),
          chat(call: Call) {
            const span = tracer.activeSpan
            call.on('data', ({ text }: { text: string }) => {
              call.write({ text: tracer.activeSpan === span ? text : 'another context' })
            })
            call.on('end', () => call.end())
          },
        })
        client = connect()
        await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            tracer.trace('request', { resource: `r${n}` }, async (span) => {
              await new Promise<void>((resolve, reject) => {
                client.unary({ text: `w${n}` }, (error: Error | null, { text }: { text: string }) => {
                  if (error) return reject(error)
                  assert.deepEqual([text, tracer.activeSpan], [`w${n}`, span])
                  resolve()
                })
              })
              const chat = client.chat()
              const seen: unknown[] = []
              chat.on('data', ({ text }: { text: string }) => seen.push(text, tracer.activeSpan === span))
              chat.write({ text: `c${n}` })
              chat.end()
              await once(chat, 'status')
              assert.deepEqual(seen, [`c${n}`, true])
            }),
          ),
        )
        const spans = await spansOnce(20 * 6)
        assert.equal(spans.length, 20 * 6)
        for (let n = 0; n < 20; n++) {
          const calls = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
          assert.deepEqual(
            calls.map(({ resource }) => resource),
            ['/test.echo.Echo/Unary', '/test.echo.Echo/Chat'],
          )
          const [served] = childrenOf(calls[0]!, spans)
          assert.deepEqual(
            childrenOf(served!, spans).map(({ resource }) => resource),
            [`w${n}`],
          )
        }
      })

      it('goes on with a trace that began elsewhere, and begins one where none did', async () => {
        await start({ client: false })
        await serve()
        client = connect()
        const metadata = new (grpc().Metadata)()
        metadata.set('x-datadog-trace-id', '123')
        metadata.set('x-datadog-parent-id', '456')
        metadata.set('x-datadog-sampling-priority', '1')
        await ask(client, 'a', metadata)
        await ask(client, 'b')
        const [first, second] = await spansOnce(2)
        assert.deepEqual([first?.trace_id, first?.parent_id], ['123', '456'])
        assert.equal(second?.parent_id, '0')
      })

      it('finishes the span of a call to nobody', async () => {
        await start()
        await serve()
        client = connect(await freePort())
        await assert.rejects(ask(client, 'a'))
        const span = find(await tracing.spans(), 'grpc.client')
        assert.equal(span.metrics['grpc.status.code'], 14)
        assert.equal(span.error, 1)
        assert.match(span.meta['error.message'] ?? '', /^14: /)
      })

      it('shows metadata on request only', async () => {
        const own = {
          unary(call: Call, respond: (error: null, value: object) => void) {
            const answer = new (grpc().Metadata)()
            answer.set('region', 'eu')
            call.sendMetadata(answer)
            respond(null, { text: 'a' })
          },
        }
        const metadata = () => {
          const given = new (grpc().Metadata)()
          given.set('tenant', 'x')
          given.set('secret', 'y')
          return given
        }
        const keysOf = (spans: ReceivedSpan[]) =>
          spans
            .flatMap(({ name, meta }) =>
              Object.entries(meta)
                .filter(([key]) => key.includes('.metadata.'))
                .map(([key, value]) => `${name} ${key}=${value}`),
            )
            .sort()
        const sides = { metadata: ['tenant', 'region'] }
        for (const [options, expected] of [
          [true, []],
          [
            { client: sides, server: sides },
            [
              'grpc.client grpc.request.metadata.tenant=x',
              'grpc.client grpc.response.metadata.region=eu',
              'grpc.server grpc.request.metadata.tenant=x',
            ],
          ],
        ] as const) {
          await start(options)
          await serve(own)
          client = connect()
          await ask(client, 'a', metadata())
          assert.deepEqual(keysOf(await spansOnce(2)), expected)
          if (options === true) {
            client.close()
            server.forceShutdown()
            await tracing.stop()
          }
        }
      })

      it('takes services and the codes that are errors from the options', async () => {
        const side = (service: string) => ({ service, errorStatuses: [[6, 16]] })
        await start({ client: side('caller'), server: side('echo') })
        await serve()
        client = connect()
        await assert.rejects(ask(client, 'fail'))
        const spans = await spansOnce(2)
        assert.deepEqual(
          spans.map(({ name, service, error, metrics }) => [name, service, error, metrics['grpc.status.code']]).sort(),
          [
            ['grpc.client', 'caller', 0, 5],
            ['grpc.server', 'echo', 0, 5],
          ],
        )
      })

      it('leaves the library as it was when it is off, and after', async () => {
        const interceptors = library.load<Record<string, unknown>>('@grpc/grpc-js/build/src/client-interceptors')
        const { register } = grpc().Server.prototype as unknown as { register: unknown }
        const { getInterceptingCall } = interceptors
        const same = () => [
          interceptors['getInterceptingCall'] === getInterceptingCall,
          (grpc().Server.prototype as unknown as { register: unknown }).register === register,
        ]
        await start(false)
        assert.deepEqual(same(), [true, true])
        await tracing.stop()
        await start({ server: false })
        assert.deepEqual(same(), [false, true])
        await serve()
        client = connect()
        await ask(client, 'a')
        assert.deepEqual(
          (await tracing.spans()).map(({ name }) => name),
          ['grpc.client'],
        )
        await tracing.stop()
        assert.deepEqual(same(), [true, true])
        await start()
      })
    })
  })
})

function checkTags(span: ReceivedSpan, method: string, kind: string, code: number): void {
  assert.equal(span.resource, `/test.echo.Echo/${method}`)
  assert.equal(span.service, 'test')
  assert.equal(span.meta['component'], 'grpc')
  assert.equal(span.meta['_dd.integration'], 'grpc')
  assert.equal(span.meta['grpc.method.path'], `/test.echo.Echo/${method}`)
  assert.equal(span.meta['grpc.method.name'], method)
  assert.equal(span.meta['grpc.method.service'], 'Echo')
  assert.equal(span.meta['grpc.method.package'], 'test.echo')
  assert.equal(span.meta['grpc.method.kind'], kind)
  assert.equal(span.meta['rpc.service'], 'Echo')
  assert.equal(span.metrics['grpc.status.code'], code)
}
