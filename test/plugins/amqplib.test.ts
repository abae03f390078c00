// The amqplib plugin against a real RabbitMQ: consumers go on with the traces of producers, each request has its own spans, and the
// program cannot tell.

import { strict as assert } from 'node:assert'
import { promisify } from 'node:util'
import { tracer } from '../../src'
import { describeWith, rabbitmq } from '../services'
import { childrenOf, find, type ReceivedSpan } from '../support/agent'
import { describeLibrary } from '../support/library'
import { Tracing } from '../support/tracing'
import {
  type Channel,
  CONSUME,
  type Connection,
  type Consumer,
  DELIVER,
  FROZEN,
  HELLO,
  type Message,
  PUBLISH,
  QUEUE,
  TEMPORARY,
} from './amqplib-api'
import { describeCalls } from './amqplib-styles'

const versions = {
  name: 'amqplib',
  // 0.8.0 is the oldest that does not refuse this Node.
  majors: { 0: ['0.8.0', '0.10.9'], 1: ['1.0.0', '1.2.0'], 2: ['2.0.0', '2.3.1'] },
  entries: ['amqplib', 'amqplib/callback_api'],
} as const

describeLibrary('amqplib', versions, (library) => {
  describeWith(rabbitmq, 'amqplib', (server) => {
    let tracing: Tracing
    const connect = () => library.load<{ connect(url: string): Promise<Connection> }>().connect(server().url)

    describeCalls(library, server)

    describe('in a program', () => {
      let connection: Connection
      let channel: Channel

      before(async () => {
        tracing = await Tracing.start({ amqplib: true })
        connection = await connect()
        channel = await connection.createChannel()
      })
      beforeEach(async () => {
        await channel.deleteQueue(QUEUE)
        await channel.assertQueue(QUEUE, TEMPORARY)
        await tracing.spans()
        tracing.clear()
      })
      after(async () => {
        await connection.close()
        await tracing.stop()
      })

      it('lets a consumer go on with the trace of the producer', async () => {
        const consumed = new Promise<Message>((resolve) => {
          const consumer = async (message: Message | null) => {
            const outer = tracer.activeSpan
            await tracer.trace('work', () => channel.checkQueue(QUEUE))
            assert.equal(tracer.activeSpan, outer)
            channel.ack(message)
            resolve(message!)
          }
          void channel.consume(QUEUE, consumer, { consumerTag: 'worker' })
        })
        tracer.trace('request', () => channel.sendToQueue(QUEUE, HELLO, FROZEN))
        const { content, properties } = await consumed
        assert.equal(String(content), 'hello')
        assert.equal(properties.headers['mine'], 1)
        assert.deepEqual(FROZEN.headers, { mine: 1 })
        await channel.cancel('worker')
        const spans = await tracing.spans()
        const [published] = childrenOf(find(spans, 'request'), spans) as [ReceivedSpan]
        const [delivered] = childrenOf(published, spans) as [ReceivedSpan]
        assert.equal(delivered.resource, DELIVER)
        assert.equal(delivered.meta['amqp.queue'], QUEUE)
        assert.equal(delivered.meta['amqp.routingKey'], QUEUE)
        assert.equal(delivered.meta['amqp.consumerTag'], 'worker')
        assert.deepEqual(
          childrenOf(delivered, spans).map(({ name, resource }) => [name, resource]),
          [
            ['work', 'work'],
            ['amqp.command', 'basic.ack'],
          ],
        )
        assert.deepEqual(
          childrenOf(find(spans, 'work'), spans).map(({ resource }) => resource),
          [`queue.declare ${QUEUE}`],
        )
      })

      it('links what is fetched with its producer', async () => {
        tracer.trace('sender', () => channel.sendToQueue(QUEUE, HELLO))
        await tracer.trace('fetcher', () => channel.get(QUEUE, { noAck: true }))
        const spans = await tracing.spans()
        const [published] = childrenOf(find(spans, 'sender'), spans) as [ReceivedSpan]
        const [got] = childrenOf(find(spans, 'fetcher'), spans) as [ReceivedSpan]
        const [link] = JSON.parse(got.meta['_dd.span_links'] ?? '[]') as { span_id: string }[]
        assert.equal(BigInt(`0x${link?.span_id}`), BigInt(published.span_id))
      })

      it('begins a new trace with a message that has none, and acknowledges it any time later', async () => {
        await tracing.stop()
        channel.sendToQueue(QUEUE, HELLO)
        // Tells that it is there.
        await channel.checkQueue(QUEUE)
        tracing = await Tracing.start({ amqplib: true })
        let receive: Consumer = () => {}
        let late: Connection | undefined
        let other: Channel | undefined
        const arrived = new Promise<Message | null>((resolve) => {
          receive = resolve
        })
        await tracer.trace('request', async () => {
          late = await connect()
          other = await late.createChannel()
          await other.consume(QUEUE, (message) => receive(message))
        })
        other?.ack(await arrived)
        await late?.close()
        const spans = await tracing.spans()
        assert.deepEqual(
          childrenOf(find(spans, 'request'), spans).map(({ resource }) => resource),
          [CONSUME],
        )
        for (const resource of [DELIVER, 'basic.ack']) assert.equal(find(spans, { resource }).parent_id, '0')
      })

      it('runs callbacks in the context of the call', async () => {
        const { connect: open } = library.load<{ connect(url: string, callback: unknown): void }>(
          'amqplib/callback_api',
        )
        const callbackConnection = await promisify<string, Connection>(open as never)(server().url)
        const seen: string[] = []
        await tracer.trace('request', async (span) => {
          const step = <T>(name: string, call: (done: (error: unknown, value: T) => void) => unknown) =>
            new Promise<T>((resolve) =>
              call((_error, value) => {
                if (tracer.activeSpan === span) seen.push(name)
                resolve(value)
              }),
            )
          const made = await step<Channel>('channel', (done) => callbackConnection.createConfirmChannel(done))
          await step('declare', (done) => made.checkQueue(QUEUE, done))
          await step('confirm', (done) => made.sendToQueue(QUEUE, HELLO, {}, done))
          await step('wait', (done) => made.waitForConfirms(done))
          await step('get', (done) => made.get(QUEUE, {}, done))
          await step('close', (done) => made.close(done))
        })
        assert.deepEqual(seen, ['channel', 'declare', 'confirm', 'wait', 'get', 'close'])
        callbackConnection.close()
      })

      it('gives each of 20 requests on one channel its own spans', async () => {
        const arrived = new Set<string>()
        const all = new Promise<void>((resolve) => {
          const consumer = async (message: Message | null) => {
            await channel.checkQueue(QUEUE)
            if (arrived.add(String(message?.content)).size === 20) resolve()
          }
          void channel.consume(QUEUE, consumer, { consumerTag: 'worker', noAck: true })
        })
        const confirming = await connection.createConfirmChannel()
        const request = (n: number) =>
          tracer.trace('request', { resource: `r${n}` }, async () => {
            await confirming.checkQueue(QUEUE)
            await new Promise((resolve) => confirming.sendToQueue(QUEUE, Buffer.from(`${n}`), {}, resolve))
          })
        await Promise.all(Array.from({ length: 20 }, (_, n) => request(n)))
        await all
        await channel.cancel('worker')
        const spans = await tracing.spans()
        for (let n = 0; n < 20; n++) {
          const children = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
          assert.deepEqual(
            children.map(({ resource }) => resource),
            [`queue.declare ${QUEUE}`, PUBLISH],
          )
          const [delivered] = childrenOf(children[1]!, spans) as [ReceivedSpan]
          assert.equal(delivered.resource, DELIVER)
          assert.equal(childrenOf(delivered, spans).length, 1)
        }
      })

      it('puts a refused message down as an error', async () => {
        const full = {
          durable: false,
          autoDelete: true,
          arguments: { 'x-max-length': 0, 'x-overflow': 'reject-publish' },
        }
        await channel.assertQueue('dd-test-full', full)
        const confirming = await connection.createConfirmChannel()
        const answer = await new Promise<Error>((resolve) => confirming.sendToQueue('dd-test-full', HELLO, {}, resolve))
        assert.match(answer.message, /nacked/)
        await channel.deleteQueue('dd-test-full')
        const span = find(await tracing.spans(), { resource: 'basic.publish dd-test-full' })
        assert.equal(span.error, 1)
        assert.equal(span.meta['error.message'], answer.message)
      })
    })

    it('takes its service from the options', async () => {
      tracing = await Tracing.start({ amqplib: { service: 'orders' } })
      const connection = await connect()
      const channel = await connection.createChannel()
      await channel.prefetch(1)
      await connection.close()
      const span = find(await tracing.spans(), 'amqp.command')
      assert.equal(span.service, 'orders')
      assert.equal(span.meta['_dd.base_service'], 'test')
      await tracing.stop()
    })

    it('leaves the library as it was, before and after', async () => {
      const connection = await connect()
      const { publish, consume, get } = Object.getPrototypeOf(await connection.createChannel()) as Channel
      const methods = { publish, consume, get }
      const now = async () => {
        const found = Object.getPrototypeOf(await connection.createChannel()) as Channel
        return { publish: found.publish, consume: found.consume, get: found.get }
      }
      tracing = await Tracing.start({ amqplib: false })
      assert.deepEqual(await now(), methods)
      await tracing.stop()
      tracing = await Tracing.start({ amqplib: true })
      for (const [name, method] of Object.entries(await now())) {
        const original = methods[name as keyof typeof methods]
        assert.notEqual(method, original)
        assert.equal(method.name, original.name)
        assert.equal(method.length, original.length)
      }
      await tracing.stop()
      assert.deepEqual(await now(), methods)
      await connection.close()
    })
  })
})
