// The kafkajs plugin against a real Kafka: consumers go on with the traces of producers, batches are linked with theirs, and the
// program cannot tell.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { describeWith, kafka } from '../services'
import { childrenOf, find, type ReceivedSpan } from '../support/agent'
import { describeLibrary } from '../support/library'
import { Tracing } from '../support/tracing'
import { Cluster, type Delivery, type Message, type Producer, TOPIC } from './kafkajs-cluster'
import { describeStyles } from './kafkajs-styles'

const versions = {
  name: 'kafkajs',
  // 1.4.0 takes an empty value for none at all.
  majors: { 1: ['1.4.5', '1.16.0'], 2: ['2.0.0', '2.2.4'] },
} as const

describeLibrary('kafkajs', versions, (library) => {
  describeWith(kafka, 'kafkajs', (server) => {
    let tracing: Tracing
    let cluster: Cluster
    let topic: string
    let producer: Producer

    describeStyles(library, server)

    describe('in a program', () => {
      before(async () => {
        tracing = await Tracing.start({ kafkajs: true })
      })
      beforeEach(async () => {
        cluster = new Cluster(library, server())
        topic = cluster.newName()
        await cluster.createTopic(topic, 1)
        producer = await cluster.producer()
        tracing.clear()
      })
      afterEach(() => cluster.close())
      after(() => tracing.stop())

      /** Runs a consumer until it has seen `count` messages; within a request, which is not to become their parent. */
      async function consume(count: number, each: (message: Message) => unknown): Promise<void> {
        const consumer = await cluster.consumer(topic)
        await new Promise<void>((resolve) => {
          const eachMessage = async ({ message }: Delivery) => {
            await each(message)
            if (--count === 0) setImmediate(resolve)
          }
          void tracer.trace('runner', () => consumer.run({ eachMessage }))
        })
        await consumer.disconnect()
      }

      it('lets a consumer go on with the trace of the producer', async () => {
        const message = Object.freeze({ key: 'k', value: 'hello', headers: Object.freeze({ mine: 'header' }) })
        await tracer.trace('request', () => producer.send({ topic, messages: [message] }))
        await consume(1, async ({ headers }) => {
          assert.equal(String(headers['mine']), 'header')
          await tracer.trace('work', async () => {})
        })
        const spans = await tracing.spans()
        const [sent] = childrenOf(find(spans, 'request'), spans) as [ReceivedSpan]
        const [consumed] = childrenOf(sent, spans) as [ReceivedSpan]
        assert.equal(consumed.name, 'kafka.consume')
        assert.deepEqual(
          childrenOf(consumed, spans).map(({ name }) => name),
          ['work'],
        )
        assert.deepEqual(childrenOf(find(spans, 'runner'), spans), [])
        for (const span of [sent, consumed]) {
          assert.equal(span.meta['kafka.topic'], topic)
          assert.equal(span.meta['messaging.destination.name'], topic)
          assert.equal(span.meta['messaging.kafka.bootstrap.servers'], new URL(server().url).host)
          assert.match(span.meta['kafka.cluster_id'] ?? '', /^[\w-]{22}$/)
          assert.equal(span.metrics['kafka.partition'], 0)
          assert.equal(span.meta['kafka.message.offset'], '0')
        }
        assert.equal(sent.metrics['kafka.batch_size'], 1)
      })

      it('begins a new trace with a message that has none', async () => {
        await tracing.stop()
        await producer.send({ topic, messages: [{ key: 'k', value: 'hello', headers: { 'x-datadog-trace-id': '' } }] })
        tracing = await Tracing.start({ kafkajs: true })
        await cluster.close()
        cluster = new Cluster(library, server())
        await consume(1, () => {})
        assert.equal(find(await tracing.spans(), 'kafka.consume').parent_id, '0')
      })

      it('gives each of 20 requests on one cold producer its own spans', async () => {
        const request = (n: number) =>
          tracer.trace('request', { resource: `r${n}` }, async (span) => {
            await producer.send({ topic, messages: [{ key: 'k', value: `${n}` }] })
            assert.equal(tracer.activeSpan, span)
          })
        await Promise.all(Array.from({ length: 20 }, (_, n) => request(n)))
        await consume(20, () => tracer.trace('work', async () => {}))
        const spans = await tracing.spans()
        for (let n = 0; n < 20; n++) {
          const [sent, ...others] = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
          const [consumed] = childrenOf(sent!, spans) as [ReceivedSpan]
          assert.deepEqual(others, [])
          assert.deepEqual(
            childrenOf(consumed, spans).map(({ name }) => name),
            ['work'],
          )
        }
      })

      for (const count of [128, 129]) {
        it(`links a batch of ${count} messages with at most 128 producers`, async () => {
          const one = (n: number) =>
            tracer.trace('request', () => producer.send({ topic, messages: [{ key: 'k', value: `${n}` }] }))
          await Promise.all(Array.from({ length: count - 1 }, (_, n) => one(n)))
          // Two of one producer are one link.
          await producer.send({
            topic,
            messages: [
              { key: 'k', value: 'a' },
              { key: 'k', value: 'b' },
            ],
          })
          const sent = await tracing.spans()
          const consumer = await cluster.consumer(topic)
          let seen = 0
          await new Promise<void>((resolve) => {
            const eachBatch = async ({ batch }: Delivery) => {
              assert.ok(tracer.activeSpan)
              seen += batch.messages.length
              if (seen === count + 1) setImmediate(resolve)
            }
            void consumer.run({ eachBatch })
          })
          const spans = (await tracing.spans()).filter(({ name }) => name === 'kafka.consume')
          const links = spans.map(({ meta }) => JSON.parse(meta['_dd.span_links'] ?? '[]') as { span_id: string }[])
          const producers = new Set(sent.filter(({ name }) => name === 'kafka.produce').map(({ span_id }) => span_id))
          for (const { span_id } of links.flat()) assert.ok(producers.has(String(BigInt(`0x${span_id}`))))
          assert.equal(spans.length, 1)
          assert.equal(links[0]!.length, 128)
          assert.equal(spans[0]!.parent_id, '0')
          assert.equal(spans[0]!.metrics['messaging.batch.message_count'], count + 1)
          assert.equal(spans[0]!.metrics['kafka.partition'], 0)
        })
      }

      for (const partitions of [2, 20, 21]) {
        it(`tells at most 20 places of what went to ${partitions} partitions`, async () => {
          const wide = cluster.newName()
          await cluster.createTopic(wide, partitions)
          const messages = Array.from({ length: partitions }, (_, partition) => ({
            key: 'k',
            value: 'hello',
            partition,
          }))
          await producer.send({ topic: wide, messages })
          const { meta, metrics } = find(await tracing.spans(), 'kafka.produce')
          const places = JSON.parse(meta['kafka.messages.offsets'] ?? '') as object[]
          assert.equal(places.length, Math.min(partitions, 20))
          assert.deepEqual(Object.keys(places[0]!), ['topic', 'partition', 'offset'])
          assert.equal(metrics['kafka.batch_size'], partitions)
          assert.equal(metrics['kafka.partition'], undefined)
        })
      }

      for (const count of [10, 11]) {
        it(`names at most 10 of ${count} topics`, async () => {
          const names = Array.from({ length: count }, (_, n) => `${TOPIC}-many-${n}`)
          await cluster.createTopics(...names)
          await producer.sendBatch({
            topicMessages: names.map((name) => ({ topic: name, messages: [{ key: 'k', value: 'hello' }] })),
          })
          const { resource, meta } = find(await tracing.spans(), 'kafka.produce')
          assert.equal(resource, names.slice(0, 10).join(','))
          assert.equal(meta['kafka.topic'], undefined)
        })
      }
    })

    it('takes its service from the options', async () => {
      tracing = await Tracing.start({ kafkajs: { service: 'orders' } })
      cluster = new Cluster(library, server())
      await cluster.createTopics(TOPIC)
      producer = await cluster.producer()
      await producer.send({ topic: TOPIC, messages: [{ key: 'k', value: 'hello' }] })
      const span = find(await tracing.spans(), 'kafka.produce')
      assert.equal(span.service, 'orders')
      assert.equal(span.meta['_dd.base_service'], 'test')
      await tracing.stop()
      await cluster.close()
    })

    it('leaves the library as it was, before and after', async () => {
      const { Kafka } = library.load<{ Kafka: { prototype: Record<'producer' | 'consumer', () => void> } }>()
      const { producer: original, consumer } = Kafka.prototype
      tracing = await Tracing.start({ kafkajs: false })
      assert.equal(Kafka.prototype.producer, original)
      await tracing.stop()
      tracing = await Tracing.start({ kafkajs: true })
      assert.notEqual(Kafka.prototype.producer, original)
      assert.equal(Kafka.prototype.producer.name, original.name)
      assert.equal(Kafka.prototype.consumer.length, consumer.length)
      cluster = new Cluster(library, server())
      const made = cluster.kafka.producer()
      assert.deepEqual([made.send.name, made.send.length], ['send', 1])
      await tracing.stop()
      assert.equal(Kafka.prototype.producer, original)
      assert.equal(Kafka.prototype.consumer, consumer)
    })
  })
})
