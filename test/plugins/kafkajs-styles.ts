// Every way to send and to consume with kafkajs: it looks the same to the program with and without `dd`, and gives the spans it
// should.

import { strict as assert } from 'node:assert'
import type { RunningService } from '../services'
import { byStart, type ReceivedSpan } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import type { Library } from '../support/library'
import { Tracing } from '../support/tracing'
import { Cluster, type Consumer, type Delivery, type Producer, TOPIC } from './kafkajs-cluster'

interface Span {
  readonly name: string
  /** Undefined: that of the subject. */
  readonly resource?: string
  readonly failed?: boolean
}

interface Row extends CallStyle<Subject> {
  readonly spans: readonly Span[]
}

interface Subject {
  readonly topic: string
  readonly producer: Producer
  readonly transactional?: Producer
  readonly consumer?: Consumer
}

const PRODUCE = { name: 'kafka.produce', resource: TOPIC }
const HELLO = Object.freeze({ key: 'key', value: 'hello' })
const FROZEN = Object.freeze({ ...HELLO, headers: Object.freeze({ mine: 'header' }) })
const messages = Object.freeze([HELLO, FROZEN, { key: 'other', value: '' }])

/** Offsets differ from run to run. */
const written = (result: unknown) =>
  (result as { topicName: string; partition: number; errorCode: number }[]).map(
    ({ topicName, partition, errorCode }) => [topicName, partition, errorCode],
  )

const producing: Row[] = [
  {
    name: 'send',
    run: ({ producer }) => producer.send({ topic: TOPIC, messages: [HELLO] }).then(written),
    spans: [PRODUCE],
  },
  {
    name: 'send several, all frozen',
    run: ({ producer }) => producer.send(Object.freeze({ topic: TOPIC, messages })).then(written),
    spans: [PRODUCE],
  },
  {
    name: 'send without acknowledgement',
    run: ({ producer }) => producer.send({ topic: TOPIC, messages: [HELLO], acks: 0 }).then(() => 'sent'),
    spans: [PRODUCE],
  },
  {
    name: 'sendBatch to two topics',
    run: ({ producer }) =>
      producer
        .sendBatch({
          topicMessages: [
            { topic: TOPIC, messages },
            { topic: `${TOPIC}-2`, messages },
          ],
        })
        .then(written),
    spans: [{ name: 'kafka.produce', resource: `${TOPIC},${TOPIC}-2` }],
  },
  {
    name: 'send to no topic',
    run: ({ producer }) => producer.send({ messages: [HELLO] }),
    spans: [{ name: 'kafka.produce', resource: 'kafka.produce', failed: true }],
  },
  {
    name: 'send without messages',
    run: ({ producer }) => producer.send({ topic: TOPIC }),
    spans: [{ ...PRODUCE, failed: true }],
  },
  {
    name: 'send of a message without a value, which the error quotes',
    run: ({ producer }) => producer.send({ topic: TOPIC, messages: [FROZEN, { key: 'key', headers: { a: 'b' } }] }),
    spans: [{ ...PRODUCE, failed: true }],
  },
  {
    name: 'send of nothing, which nobody handles',
    run({ producer }, probe) {
      void producer.send(undefined)
      return probe.unhandled()
    },
    spans: [{ name: 'kafka.produce', resource: 'kafka.produce', failed: true }],
  },
  {
    name: 'sendBatch of what is no list',
    run: ({ producer }) => producer.sendBatch({ topicMessages: 1 }),
    spans: [{ name: 'kafka.produce', resource: 'kafka.produce', failed: true }],
  },
]

const transactions: Row[] = [
  {
    name: 'a transaction that is committed',
    async run({ transactional }) {
      const transaction = await transactional!.transaction()
      await transaction.send({ topic: TOPIC, messages: [HELLO] })
      await transaction.sendBatch({ topicMessages: [{ topic: TOPIC, messages: [HELLO] }] })
      return transaction.commit()
    },
    spans: [PRODUCE, PRODUCE],
  },
  {
    name: 'sending in a transaction that has ended',
    async run({ transactional }) {
      const transaction = await transactional!.transaction()
      await transaction.send({ topic: TOPIC, messages: [HELLO] })
      await transaction.abort()
      return transaction.send({ topic: TOPIC, messages: [HELLO] })
    },
    spans: [PRODUCE, { ...PRODUCE, failed: true }],
  },
  { name: 'a transaction without an id', run: ({ producer }) => producer.transaction(), spans: [] },
]

/** Joining a group takes its time. */
const timeoutMs = 15_000
const send = ({ producer, topic }: Subject) => producer.send({ topic, messages: [HELLO] })

const consuming: Row[] = [
  {
    name: 'eachMessage',
    timeoutMs,
    async run(subject, probe) {
      const called = probe.callback('eachMessage')
      await send(subject)
      return subject.consumer!.run({
        async eachMessage({ partition, message }: Delivery) {
          called(partition, message.offset, message.value)
        },
      })
    },
    spans: [{ name: 'kafka.produce' }, { name: 'kafka.consume' }],
  },
  {
    name: 'eachMessage that is not async',
    timeoutMs,
    async run(subject, probe) {
      const called = probe.callback('eachMessage')
      await send(subject)
      return subject.consumer!.run(Object.freeze({ eachMessage: ({ message }: Delivery) => called(message.value) }))
    },
    spans: [{ name: 'kafka.produce' }, { name: 'kafka.consume' }],
  },
  {
    name: 'eachMessage that fails at first',
    timeoutMs,
    async run(subject, probe) {
      const second = probe.callback('second time')
      let times = 0
      await send(subject)
      return subject.consumer!.run({
        async eachMessage({ message }: Delivery) {
          if (++times === 1) throw new Error('from the consumer')
          second(message.value)
        },
      })
    },
    spans: [{ name: 'kafka.produce' }, { name: 'kafka.consume', failed: true }, { name: 'kafka.consume' }],
  },
  {
    name: 'eachBatch',
    timeoutMs,
    async run(subject, probe) {
      const called = probe.callback('eachBatch')
      await send(subject)
      return subject.consumer!.run({
        async eachBatch({ batch, resolveOffset }: Delivery) {
          called(batch.partition, batch.messages.length, batch.messages[0]!.value)
          resolveOffset(batch.messages[0]!.offset)
        },
      })
    },
    spans: [{ name: 'kafka.produce' }, { name: 'kafka.consume' }],
  },
]

/** Without and with `dd`. */
export function describeStyles(library: Library, server: () => RunningService): void {
  let tracing: Tracing | undefined
  let cluster: Cluster
  const describeRows = (title: string, rows: readonly Row[], open: () => Promise<Subject>) =>
    describeCallStyles<Subject, Row>(title, rows, {
      without: {
        before: () => {
          cluster = new Cluster(library, server())
        },
        open,
        close: () => cluster.close(),
      },
      with: {
        before: async () => {
          tracing = await Tracing.start({ kafkajs: true })
          cluster = new Cluster(library, server())
        },
        async open() {
          const subject = await open()
          await tracing?.spans()
          tracing?.clear()
          return subject
        },
        async check({ spans: wanted }, _observation, { topic }) {
          const spans = byStart(await tracing!.spans())
          assert.deepEqual(
            spans.map(({ name, resource, error }) => ({ name, resource, error })),
            wanted.map(({ name, resource = topic, failed = false }) => ({ name, resource, error: failed ? 1 : 0 })),
          )
          for (const span of spans) checkSpan(span)
        },
        close: () => cluster.close(),
        after: async () => {
          await tracing?.stop()
          tracing = undefined
        },
      },
    })

  describeRows('produced by', producing, async () => {
    await cluster.createTopics(TOPIC, `${TOPIC}-2`)
    return { topic: TOPIC, producer: await cluster.producer() }
  })
  // 1.4 has none.
  if (library.version !== '1.4.5') {
    describeRows('produced by', transactions, async () => {
      await cluster.createTopics(TOPIC)
      const transactional = await cluster.producer({
        transactionalId: 'dd-test',
        maxInFlightRequests: 1,
        idempotent: true,
      })
      return { topic: TOPIC, producer: await cluster.producer(), transactional }
    })
  }
  describeRows('consumed by', consuming, async () => {
    const topic = cluster.newName()
    await cluster.createTopics(topic)
    return { topic, producer: await cluster.producer(), consumer: await cluster.consumer(topic) }
  })
}

function checkSpan(span: ReceivedSpan): void {
  const consumed = span.name === 'kafka.consume'
  assert.equal(span.service, 'test-kafka')
  assert.equal(span.type, consumed ? 'worker' : undefined)
  assert.equal(span.meta['component'], 'kafkajs')
  assert.equal(span.meta['span.kind'], consumed ? 'consumer' : 'producer')
  assert.equal(span.meta['messaging.system'], 'kafka')
}
