// The nats plugin against a real NATS server: subscriptions go on with the traces of publishers, servers and messages that cannot
// take headers get none, and the program cannot tell.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { describeWith, nats, natsWithoutHeaders } from '../services'
import { greet } from '../services/greeting'
import { childrenOf, find, type ReceivedSpan } from '../support/agent'
import { describeLibrary, type Library } from '../support/library'
import { Tracing } from '../support/tracing'
import { bytes, type Connection, connect, headersOf, type Message, textOf } from './nats-api'
import { describeStyles } from './nats-styles'

const SUBJECT = 'dd.test'
const HELLO = bytes('hello')

// Older ones replace a buffer's `subarray` by its `slice`, which on this Node calls it for ever.
const versions2 = { name: 'nats', majors: { 2: ['2.6.1', '2.29.3'] } } as const
const versions3 = {
  name: '@nats-io/transport-node',
  majors: { 3: ['3.0.0', '3.4.0'] },
  beside: { '@nats-io/jetstream': '3.4.0' },
} as const

describeLibrary('nats', versions2, describePlugin)
describeLibrary('nats', versions3, describePlugin)

interface JetStream {
  publish(subject: string, data: Uint8Array): Promise<{ stream: string; seq: number }>
}

interface Manager {
  streams: { add(config: object): Promise<unknown>; delete(name: string): Promise<unknown> }
}

interface WithJetStream extends Connection {
  jetstream(): JetStream
  jetstreamManager(): Promise<Manager>
}

async function jetStreamOf(library: Library, connection: Connection): Promise<{ js: JetStream; manager: Manager }> {
  if (library.major === 2) {
    const both = connection as WithJetStream
    return { js: both.jetstream(), manager: await both.jetstreamManager() }
  }
  const { jetstream, jetstreamManager } = library.load<{
    jetstream(connection: Connection): JetStream
    jetstreamManager(connection: Connection): Promise<Manager>
  }>('@nats-io/jetstream')
  return { js: jetstream(connection), manager: await jetstreamManager(connection) }
}

function describePlugin(library: Library): void {
  describeWith(nats, 'nats', (server) => {
    let tracing: Tracing
    let connection: Connection

    describeStyles(library, server)

    describe('in a program', () => {
      before(async () => {
        tracing = await Tracing.start({ nats: true })
      })
      beforeEach(async () => {
        connection = await tracer.trace('connecting', () => connect(library, server()))
        await tracing.spans()
        tracing.clear()
      })
      afterEach(() => connection.close())
      after(() => tracing.stop())

      /** The next message of the subject, and what `work` did with it inside the callback. */
      const received = (work: (message: Message) => unknown = () => {}) =>
        new Promise<Message>((resolve) => {
          const callback = async (_error: unknown, message: Message) => {
            await work(message)
            setImmediate(resolve, message)
          }
          connection.subscribe(SUBJECT, { max: 1, callback })
        })

      it('lets a subscriber go on with the trace of the publisher', async () => {
        const arrived = received(() => tracer.trace('work', async () => {}))
        const headers = headersOf(library, { Mine: 'header' })
        tracer.trace('request', () => connection.publish(SUBJECT, HELLO, { headers }))
        assert.deepEqual(headers.keys(), ['Mine'])
        const message = await arrived
        assert.equal(textOf(message), 'hello')
        assert.equal(message.headers?.get('Mine'), 'header')
        const spans = await tracing.spans()
        const [published] = childrenOf(find(spans, 'request'), spans) as [ReceivedSpan]
        const [consumed] = childrenOf(published, spans) as [ReceivedSpan]
        assert.equal(consumed.name, 'nats.consume')
        assert.deepEqual(
          childrenOf(consumed, spans).map(({ name }) => name),
          ['work'],
        )
      })

      it('replaces the headers of an earlier hop', async () => {
        const relayed = new Promise<Message>((resolve) => {
          connection.subscribe('dd.relayed', {
            callback: (_error: unknown, message: Message) => setImmediate(resolve, message),
          })
        })
        const arrived = received(({ headers }) => connection.publish('dd.relayed', HELLO, { headers }))
        connection.publish(SUBJECT, HELLO, { headers: headersOf(library, { Mine: 'header' }) })
        const [first, second] = await Promise.all([arrived, relayed])
        assert.equal(second.headers?.get('Mine'), 'header')
        assert.equal(second.headers.keys().length, first.headers?.keys().length)
        const spans = await tracing.spans()
        const last = find(spans, { name: 'nats.consume', resource: 'dd.relayed' })
        assert.equal(last.parent_id, find(spans, { name: 'nats.publish', resource: 'dd.relayed' }).span_id)
      })

      it('gives each message of an iteration a span that lasts until the next', async () => {
        const subscription = connection.subscribe(SUBJECT, { max: 2 })
        for (let n = 0; n < 2; n++) tracer.trace('request', () => connection.publish(SUBJECT, HELLO))
        const counts: number[] = []
        for await (const _message of subscription) {
          counts.push((await tracing.spans()).filter(({ name }) => name === 'nats.consume').length)
        }
        assert.deepEqual(counts, [0, 1])
        const spans = await tracing.spans()
        for (const request of spans.filter(({ name }) => name === 'request')) {
          const [published] = childrenOf(request, spans) as [ReceivedSpan]
          assert.deepEqual(
            childrenOf(published, spans).map(({ name }) => name),
            ['nats.consume'],
          )
        }
      })

      it('begins a new trace with a message that has none', async () => {
        const arrived = tracer.trace('subscribing', () => received())
        await connection.flush()
        const { hostname, port } = new URL(server().url)
        const send = `CONNECT {"verbose":false}\r\nPUB ${SUBJECT} 5\r\nhello\r\nPING\r\n`
        await greet(hostname, Number(port), { send, expect: /PONG/ })
        await arrived
        const spans = await tracing.spans()
        assert.deepEqual(childrenOf(find(spans, 'subscribing'), spans), [])
        assert.equal(find(spans, 'nats.consume').parent_id, '0')
      })

      it('gives each of 20 requests on one cold connection its own spans', async () => {
        connection.subscribe(SUBJECT, {
          callback: (_error: unknown, message: Message) => tracer.trace('work', () => message.respond(message.data)),
        })
        const ask = (n: number) =>
          tracer.trace('request', { resource: `r${n}` }, async (span) => {
            const answer = await connection.request(SUBJECT, bytes(`${n}`), { timeout: 5000 })
            assert.equal(textOf(answer), `${n}`)
            assert.equal(tracer.activeSpan, span)
          })
        await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
        const spans = await tracing.spans()
        assert.equal(spans.length, 80)
        for (let n = 0; n < 20; n++) {
          const [published, ...others] = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
          assert.deepEqual(others, [])
          assert.equal(published?.meta['messaging.operation'], 'request')
          const [consumed] = childrenOf(published!, spans) as [ReceivedSpan]
          assert.deepEqual(
            childrenOf(consumed, spans).map(({ name }) => name),
            ['work'],
          )
        }
      })

      it('traces what JetStream publishes and nothing of its own', async () => {
        const { js, manager } = await jetStreamOf(library, connection)
        await manager.streams.add({ name: 'DD', subjects: ['dd.stream'] })
        const { stream } = await tracer.trace('request', () => js.publish('dd.stream', HELLO))
        await manager.streams.delete('DD')
        assert.equal(stream, 'DD')
        const spans = await tracing.spans()
        assert.deepEqual(spans.map(({ name, resource }) => [name, resource]).sort(), [
          ['nats.publish', 'dd.stream'],
          ['request', 'request'],
        ])
        assert.equal(find(spans, 'nats.publish').parent_id, find(spans, 'request').span_id)
      })

      it('leaves a message alone that would become too large', async () => {
        const { max_payload: max } = connection.info!
        for (const [size, carried] of [
          [max - 1000, true],
          [max, false],
        ] as const) {
          const arrived = received()
          connection.publish(SUBJECT, new Uint8Array(size))
          const { data, headers } = await arrived
          assert.equal(data.length, size)
          assert.equal(headers !== undefined, carried)
        }
        assert.throws(() => connection.publish(SUBJECT, new Uint8Array(max + 1)), /max_payload|MAX_PAYLOAD/i)
      })
    })

    it('takes its service from the options', async () => {
      tracing = await Tracing.start({ nats: { service: 'orders' } })
      connection = await connect(library, server())
      connection.publish(SUBJECT, HELLO)
      await connection.close()
      const span = find(await tracing.spans(), 'nats.publish')
      assert.equal(span.service, 'orders')
      assert.equal(span.meta['_dd.base_service'], 'test')
      await tracing.stop()
    })

    it('leaves the library as it was, before and after', async () => {
      connection = await connect(library, server())
      const prototype = Object.getPrototypeOf(connection) as Connection
      const { publish, request, subscribe } = prototype
      tracing = await Tracing.start({ nats: false })
      assert.equal(prototype.publish, publish)
      await tracing.stop()
      tracing = await Tracing.start({ nats: true })
      for (const [name, original] of Object.entries({ publish, request, subscribe })) {
        const method = prototype[name as 'publish']
        assert.notEqual(method, original)
        assert.deepEqual([method.name, method.length], [original.name, original.length])
      }
      await tracing.stop()
      assert.deepEqual([prototype.publish, prototype.request, prototype.subscribe], [publish, request, subscribe])
      await connection.close()
    })
  })

  describeWith(natsWithoutHeaders, 'nats with a server that knows no headers', (server) => {
    it('publishes and asks without them', async () => {
      const tracing = await Tracing.start({ nats: true })
      const connection = await connect(library, server())
      connection.subscribe(SUBJECT, { callback: (_error: unknown, message: Message) => message.respond(message.data) })
      const answer = await connection.request(SUBJECT, HELLO, { timeout: 5000 })
      assert.equal(textOf(answer), 'hello')
      await connection.close()
      const spans = await tracing.spans()
      assert.deepEqual(spans.map(({ name, parent_id }) => [name, parent_id]).sort(), [
        ['nats.consume', '0'],
        ['nats.publish', '0'],
      ])
      await tracing.stop()
    })
  })
}
