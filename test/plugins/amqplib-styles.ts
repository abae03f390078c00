// Every command of an amqplib channel, with promises and with callbacks: it looks the same to the program with and without `dd`, and
// gives the spans it should.

import { strict as assert } from 'node:assert'
import { promisify } from 'node:util'
import type { RunningService } from '../services'
import { byStart, type ReceivedSpan } from '../support/agent'
import { type CallStyle, describeCallStyles, type Probe } from '../support/call-styles'
import type { Library } from '../support/library'
import { Tracing } from '../support/tracing'
import {
  type Channel,
  CONSUME,
  type Connection,
  DELIVER,
  EXCHANGE,
  FROZEN,
  GET,
  HELLO,
  type Message,
  PUBLISH,
  QUEUE,
  TEMPORARY,
} from './amqplib-api'

interface Subject {
  readonly connection: Connection
  readonly channel: Channel
  readonly confirming: Channel
}

interface Row extends CallStyle<Subject> {
  /** The resources of its spans, in order. */
  readonly spans: readonly string[]
  /** The last of them failed. */
  readonly failed?: boolean
}

const TAG = { consumerTag: 'a', noAck: true }

/** What is received carries headers of `dd`; the rest of it is the same. */
const contentOf = (message: Message | false | null) => message && String(message.content)
const contents = (probe: Probe, name: string) => {
  const called = probe.callback(name)
  return function (this: unknown, message: Message | null) {
    return called.call(this, contentOf(message))
  }
}
/** An error that says where the channel was closed, by a text that is a stack. */
const withoutStack = (error: { stackAtStateChange?: string }) => {
  delete error.stackAtStateChange
  throw error
}
const fetched = (probe: Probe) => {
  const called = probe.callback('get')
  return function (this: unknown, error: unknown, message: Message) {
    return called.call(this, error, contentOf(message))
  }
}

const promises: Row[] = [
  {
    name: 'assertQueue',
    run: ({ channel }) => channel.assertQueue(QUEUE, TEMPORARY),
    spans: [`queue.declare ${QUEUE}`],
  },
  {
    name: 'checkQueue of none',
    run({ channel }, probe) {
      channel.on('error', probe.callback('error'))
      return channel.checkQueue('none')
    },
    spans: ['queue.declare none'],
    failed: true,
  },
  {
    name: 'an error that nobody handles',
    run({ channel }, probe) {
      channel.on('error', probe.callback('error'))
      void channel.checkQueue('none')
      return probe.unhandled()
    },
    spans: ['queue.declare none'],
    failed: true,
  },
  { name: 'purgeQueue', run: ({ channel }) => channel.purgeQueue(QUEUE), spans: [`queue.purge ${QUEUE}`] },
  { name: 'deleteQueue', run: ({ channel }) => channel.deleteQueue(QUEUE), spans: [`queue.delete ${QUEUE}`] },
  {
    name: 'bindQueue and unbindQueue',
    run: ({ channel }) =>
      channel.bindQueue(QUEUE, EXCHANGE, 'key').then(() => channel.unbindQueue(QUEUE, EXCHANGE, 'key')),
    spans: [`queue.bind ${EXCHANGE} key ${QUEUE}`, `queue.unbind ${EXCHANGE} key ${QUEUE}`],
  },
  {
    name: 'assertExchange and deleteExchange',
    run: ({ channel }) =>
      channel.assertExchange('dd-test-other', 'fanout', TEMPORARY).then(() => channel.deleteExchange('dd-test-other')),
    spans: ['exchange.declare dd-test-other', 'exchange.delete dd-test-other'],
  },
  {
    name: 'bindExchange and unbindExchange',
    run: ({ channel }) =>
      channel.bindExchange(EXCHANGE, 'amq.topic', 'k').then(() => channel.unbindExchange(EXCHANGE, 'amq.topic', 'k')),
    spans: [`exchange.bind k amq.topic ${EXCHANGE}`, `exchange.unbind k amq.topic ${EXCHANGE}`],
  },
  { name: 'prefetch', run: ({ channel }) => channel.prefetch(5), spans: ['basic.qos'] },
  { name: 'recover', run: ({ channel }) => channel.recover(), spans: ['basic.recover'] },
  {
    name: 'a new channel',
    run: ({ connection }) => connection.createChannel().then((made) => made.close()),
    spans: [],
  },
  {
    name: 'publish to an exchange',
    run: ({ channel }) => channel.publish(EXCHANGE, 'key', HELLO),
    spans: [`basic.publish ${EXCHANGE} key`],
  },
  {
    name: 'publish with frozen options',
    run: ({ channel }) => channel.publish('', QUEUE, HELLO, FROZEN),
    spans: [PUBLISH],
  },
  {
    name: 'publish with null for options',
    run: ({ channel }) => channel.publish('', QUEUE, HELLO, null),
    spans: [PUBLISH],
  },
  { name: 'sendToQueue', run: ({ channel }) => channel.sendToQueue(QUEUE, HELLO), spans: [PUBLISH] },
  {
    name: 'publish of what is no buffer',
    run: ({ channel }) => channel.publish('', QUEUE, 'text'),
    spans: [PUBLISH],
    failed: true,
  },
  {
    name: 'publish on a channel that was closed',
    run: ({ channel }) =>
      channel
        .close()
        .then(() => channel.publish('', QUEUE, HELLO))
        .catch(withoutStack),
    spans: [PUBLISH],
    failed: true,
  },
  {
    name: 'publish with confirmation',
    run: ({ confirming }, probe) => confirming.publish('', QUEUE, HELLO, {}, probe.callback()),
    spans: [PUBLISH],
  },
  {
    name: 'sendToQueue with confirmation, and a callback that throws',
    run({ connection, confirming }, probe) {
      connection.on('error', probe.callback('error'))
      confirming.sendToQueue(QUEUE, HELLO, FROZEN, () => {
        throw new Error('from the callback')
      })
    },
    spans: [PUBLISH],
  },
  {
    name: 'waitForConfirms',
    run({ confirming }) {
      confirming.publish('', QUEUE, HELLO)
      return confirming.waitForConfirms()
    },
    spans: [PUBLISH],
  },
  {
    name: 'consume',
    run: ({ channel }, probe) =>
      channel.consume(QUEUE, contents(probe, 'consumer'), TAG).then((ok) => [ok, channel.sendToQueue(QUEUE, HELLO)]),
    spans: [CONSUME, PUBLISH, DELIVER],
  },
  {
    name: 'consume without a function',
    run: ({ channel }) => channel.consume(QUEUE, undefined, TAG),
    spans: [CONSUME],
  },
  {
    name: 'consume and cancel',
    run: ({ channel }) => channel.consume(QUEUE, () => {}, TAG).then(() => channel.cancel('a')),
    spans: [CONSUME, 'basic.cancel'],
  },
  {
    name: 'a consumer that the server cancels',
    run: ({ channel }, probe) =>
      channel.consume(QUEUE, contents(probe, 'consumer'), TAG).then(() => channel.deleteQueue(QUEUE)),
    spans: [CONSUME, `queue.delete ${QUEUE}`],
  },
  {
    name: 'a consumer that throws',
    run({ channel }, probe) {
      channel.on('error', probe.callback('error'))
      const fail = () => {
        throw new Error('from the consumer')
      }
      return channel.consume(QUEUE, fail, TAG).then(() => channel.sendToQueue(QUEUE, HELLO))
    },
    spans: [CONSUME, PUBLISH, DELIVER],
    failed: true,
  },
  {
    name: 'a consumer whose promise is rejected',
    run({ channel }, probe) {
      const consumed = channel.consume(QUEUE, () => Promise.reject(new Error('from the consumer')), TAG)
      void consumed.then(() => channel.sendToQueue(QUEUE, HELLO))
      return probe.unhandled()
    },
    spans: [CONSUME, PUBLISH, DELIVER],
    failed: true,
  },
  { name: 'get of nothing', run: ({ channel }) => channel.get(QUEUE), spans: [GET] },
  {
    name: 'get, then nack, reject and ack',
    async run({ channel }) {
      channel.sendToQueue(QUEUE, HELLO)
      channel.nack(await channel.get(QUEUE))
      channel.reject(await channel.get(QUEUE))
      const message = await channel.get(QUEUE)
      channel.ack(message)
      channel.ackAll()
      return contentOf(message)
    },
    spans: [PUBLISH, GET, 'basic.nack', GET, 'basic.reject', GET, 'basic.ack', 'basic.ack'],
  },
]

const callbacks: Row[] = [
  {
    name: 'assertQueue',
    run: ({ channel }, probe) => channel.assertQueue(QUEUE, TEMPORARY, probe.callback()),
    spans: [`queue.declare ${QUEUE}`],
  },
  {
    name: 'assertQueue without a callback',
    run({ channel }, probe) {
      const returned = channel.assertQueue(QUEUE, TEMPORARY)
      channel.checkQueue(QUEUE, probe.callback())
      return returned
    },
    spans: [`queue.declare ${QUEUE}`, `queue.declare ${QUEUE}`],
  },
  {
    name: 'assertExchange',
    run: ({ channel }, probe) => channel.assertExchange(EXCHANGE, 'fanout', TEMPORARY, probe.callback()),
    spans: [`exchange.declare ${EXCHANGE}`],
  },
  {
    name: 'checkQueue of none',
    run({ channel }, probe) {
      channel.on('error', probe.callback('error'))
      return channel.checkQueue('none', probe.callback())
    },
    spans: ['queue.declare none'],
    failed: true,
  },
  { name: 'prefetch', run: ({ channel }, probe) => channel.prefetch(5, false, probe.callback()), spans: ['basic.qos'] },
  {
    name: 'a callback that throws',
    run({ channel }, probe) {
      channel.on('error', probe.optional('error'))
      channel.purgeQueue(
        QUEUE,
        probe.callback('callback', () => {
          throw new Error('from the callback')
        }),
      )
    },
    spans: [`queue.purge ${QUEUE}`],
  },
  {
    name: 'consume and cancel',
    run({ channel }, probe) {
      const cancelled = probe.callback('cancelled')
      const consumer = contents(probe, 'consumer')
      const consumed = probe.callback('consumed', () => channel.sendToQueue(QUEUE, HELLO))
      const once = (message: Message | null) => {
        consumer.call(undefined, message)
        channel.cancel('a', cancelled)
      }
      return channel.consume(QUEUE, once, TAG, consumed)
    },
    spans: [CONSUME, PUBLISH, DELIVER, 'basic.cancel'],
  },
  { name: 'get of nothing', run: ({ channel }, probe) => channel.get(QUEUE, {}, fetched(probe)), spans: [GET] },
  {
    name: 'get',
    run({ channel }, probe) {
      channel.sendToQueue(QUEUE, HELLO)
      return channel.get(QUEUE, { noAck: true }, fetched(probe))
    },
    spans: [PUBLISH, GET],
  },
  {
    name: 'publish with confirmation',
    run: ({ confirming }, probe) => confirming.publish('', QUEUE, HELLO, undefined, probe.callback()),
    spans: [PUBLISH],
  },
  {
    name: 'waitForConfirms',
    run({ confirming }, probe) {
      confirming.sendToQueue(QUEUE, HELLO)
      return confirming.waitForConfirms(probe.callback())
    },
    spans: [PUBLISH],
  },
  { name: 'close', run: ({ channel }, probe) => channel.close(probe.callback()), spans: [] },
]

/** Without and with `dd`, by both APIs. */
export function describeCalls(library: Library, server: () => RunningService): void {
  let tracing: Tracing
  const connect = () => library.load<{ connect(url: string): Promise<Connection> }>().connect(server().url)

  /** Its own connection, since rows close theirs; one for all rows, since each costs a tenth of a second. */
  let control: Connection
  let setUp: Channel
  const takeControl = async () => {
    control = await connect()
    setUp = await control.createChannel()
  }

  /** With an empty queue and an exchange to publish to. */
  async function prepared(connection: Connection, channel: Channel, confirming: Channel): Promise<Subject> {
    await setUp.deleteQueue(QUEUE)
    await setUp.assertQueue(QUEUE, TEMPORARY)
    await setUp.assertExchange(EXCHANGE, 'fanout', TEMPORARY)
    await tracing?.spans()
    tracing?.clear()
    return { connection, channel, confirming }
  }
  const openPromises = async () => {
    const connection = await connect()
    return prepared(connection, await connection.createChannel(), await connection.createConfirmChannel())
  }
  const openCallbacks = async () => {
    const { connect: open } = library.load<{ connect(url: string, callback: unknown): void }>('amqplib/callback_api')
    const connection = await promisify<string, Connection>(open as never)(server().url)
    const made = (method: 'createChannel' | 'createConfirmChannel') =>
      new Promise<Channel>((resolve, reject) =>
        connection[method]((error: unknown, channel: Channel) => (error ? reject(error) : resolve(channel))),
      )
    return prepared(connection, await made('createChannel'), await made('createConfirmChannel'))
  }

  for (const [api, rows, open] of [
    ['promises', promises, openPromises],
    ['callbacks', callbacks, openCallbacks],
  ] as const) {
    // Some rows have closed it already, which it says in a different way by each API.
    const close = ({ connection }: Subject) => (async () => connection.close())().catch(() => {})
    describeCallStyles<Subject, Row>(`with ${api}:`, rows, {
      without: { before: takeControl, open, close, after: () => control.close() },
      with: {
        before: async () => {
          tracing = await Tracing.start({ amqplib: true })
          await takeControl()
        },
        open,
        async check({ spans: wanted, failed = false }) {
          const spans = byStart(await tracing.spans())
          assert.deepEqual(
            spans.map(({ resource }) => resource),
            wanted,
          )
          spans.forEach((span, index) => {
            checkSpan(span, server().url)
            assert.equal(span.error, failed && index === spans.length - 1 ? 1 : 0)
          })
        },
        close,
        async after() {
          await control.close()
          await tracing.stop()
        },
      },
    })
  }
}

const KINDS: Record<string, string> = {
  'basic.publish': 'producer',
  'basic.deliver': 'consumer',
  'basic.get': 'consumer',
}

function checkSpan(span: ReceivedSpan, serverUrl: string): void {
  const { hostname, port } = new URL(serverUrl)
  const kind = KINDS[span.resource.split(' ')[0]!] ?? 'client'
  assert.equal(span.name, 'amqp.command')
  assert.equal(span.service, 'test-amqp')
  assert.equal(span.type, kind === 'consumer' ? 'worker' : undefined)
  assert.equal(span.meta['component'], 'amqplib')
  assert.equal(span.meta['span.kind'], kind)
  assert.equal(span.meta['out.host'], hostname)
  assert.equal(span.metrics['network.destination.port'], Number(port))
}
