// Pins on what programs hold of the drivers of message brokers: whole clients and connections, for both sides.

import { strict as assert } from 'node:assert'
import { Pin } from '../../src'
import { describeWith, kafka, nats, rabbitmq, redis } from '../services'
import { describePins, itFollowsPins, servicesOf, traced } from '../support/pin-suite'
import type * as amqplib from './amqplib-api'
import type { Consumer, Delivery, Producer } from './kafkajs-cluster'
import type * as natsApi from './nats-api'

let names = 0
const newName = () => `dd-test-pins-${process.pid}-${++names}`

/** What was sent and is to arrive. */
class Mail {
  readonly #waiting = new Map<string, () => void>()

  /** Sends a message with a text of its own; resolves when it has arrived. */
  async deliver(send: (text: string) => unknown): Promise<void> {
    const text = newName()
    const arrived = new Promise<void>((resolve) => this.#waiting.set(text, resolve))
    await send(text)
    await arrived
  }

  /** The consumer ends first. */
  arrived(text: string): void {
    setImmediate(() => this.#waiting.get(text)?.())
  }
}

describePins({ amqplib: '2.3.1' }, undefined, (set) => {
  describeWith(rabbitmq, 'amqplib', (server) => {
    let driver: { connect(url: string): Promise<amqplib.Connection> }
    traced({ amqplib: true }, () => {
      driver = set.require('amqplib') as typeof driver
    })
    const open = async () => {
      const connection = await driver.connect(server().url)
      const channel = await connection.createChannel()
      const confirming = await connection.createConfirmChannel()
      const mail = new Mail()
      const queue = newName()
      await channel.assertQueue(queue, { durable: false, autoDelete: true })
      await channel.consume(queue, (message) => {
        mail.arrived(String(message!.content))
        channel.ack(message)
      })
      return { connection, channel, confirming, mail, queue }
    }
    type Subject = Awaited<ReturnType<typeof open>>
    const shared = {
      open,
      close: ({ connection }: Subject) => connection.close(),
      names: ['amqp.command'],
    }
    const use = async ({ channel, mail, queue }: Subject) => {
      await mail.deliver((text) => channel.sendToQueue(queue, Buffer.from(text)))
      await channel.checkQueue(queue)
      await channel.bindQueue(queue, 'amq.topic', 'nothing')
    }
    itFollowsPins<Subject>('a channel', { ...shared, pinned: ({ channel }) => channel, run: use })
    itFollowsPins<Subject>('a connection', {
      ...shared,
      pinned: ({ connection }) => connection,
      async run(subject) {
        await use(subject)
        const { confirming, mail, queue } = subject
        await mail.deliver((text) => confirming.sendToQueue(queue, Buffer.from(text)))
      },
    })

    it('on one channel of a connection beats that of the connection', async () => {
      const subject = await open()
      const { connection, channel, confirming, queue } = subject
      Pin.override(connection, { service: 'connection', tags: { team: 'connection' } })
      const services = await servicesOf(
        ['amqp.command'],
        [
          [channel, { service: 'channel' }, () => channel.bindQueue(queue, 'amq.topic', 'nothing')],
          [confirming, undefined, () => confirming.bindQueue(queue, 'amq.topic', 'nothing')],
        ],
      )
      await connection.close()
      assert.deepEqual(services, [['channel connection'], ['connection connection']])
    })
  })
})

describePins({ kafkajs: '2.2.4' }, undefined, (set) => {
  describeWith(kafka, 'kafkajs', (server) => {
    interface Kafka {
      producer(): Producer
      consumer(options: object): Consumer
      admin(): {
        connect(): Promise<void>
        createTopics(options: object): Promise<unknown>
        disconnect(): Promise<void>
      }
    }
    let Kafka: new (options: object) => Kafka
    traced({ kafkajs: true }, () => {
      Kafka = (set.require('kafkajs') as { Kafka: typeof Kafka }).Kafka
    })
    const open = async () => {
      const retry = { initialRetryTime: 50, retries: 8 }
      const kafka = new Kafka({ brokers: [new URL(server().url).host], clientId: 'dd-test', logLevel: 0, retry })
      const [topic, admin, producer] = [newName(), kafka.admin(), kafka.producer()]
      const consumer = kafka.consumer({ groupId: newName(), maxWaitTimeInMs: 100 })
      await admin.connect()
      await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true })
      await admin.disconnect()
      await producer.connect()
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      const mail = new Mail()
      await consumer.run({
        eachMessage: async ({ message }: Delivery) => mail.arrived(String(message.value)),
      })
      return { kafka, producer, consumer, topic, mail }
    }
    type Subject = Awaited<ReturnType<typeof open>>
    const shared = {
      open,
      async close({ producer, consumer }: Subject) {
        await producer.disconnect()
        await consumer.disconnect()
      },
      run: ({ producer, topic, mail }: Subject) =>
        mail.deliver((value) => producer.send({ topic, messages: [{ value }] })),
    }
    itFollowsPins<Subject>('a client', {
      ...shared,
      pinned: ({ kafka: client }) => client,
      names: ['kafka.produce', 'kafka.consume'],
    })
    itFollowsPins<Subject>('a producer', {
      ...shared,
      pinned: ({ producer }) => producer,
      names: ['kafka.produce'],
    })
    itFollowsPins<Subject>('a consumer', {
      ...shared,
      pinned: ({ consumer }) => consumer,
      names: ['kafka.consume'],
    })
  })
})

const NATS: readonly Record<string, string>[] = [{ nats: '2.29.3' }, { '@nats-io/transport-node': '3.4.0' }]
for (const packages of NATS) {
  describePins(packages, undefined, (set) => {
    describeWith(nats, 'nats', (server) => {
      let driver: { connect(options: object): Promise<natsApi.Connection> }
      traced({ nats: true }, () => {
        driver = set.require(Object.keys(packages)[0]!) as typeof driver
      })
      const open = async () => {
        const connection = await driver.connect({ servers: new URL(server().url).host })
        const mail = new Mail()
        const subject = newName()
        connection.subscribe(subject, {
          callback: (_error: unknown, message: natsApi.Message) => mail.arrived(Buffer.from(message.data).toString()),
        })
        connection.subscribe(`${subject}.ask`, {
          callback: (_error: unknown, message: natsApi.Message) => message.respond(),
        })
        await connection.flush()
        return { connection, mail, subject }
      }
      type Subject = Awaited<ReturnType<typeof open>>
      itFollowsPins<Subject>('a connection', {
        open,
        close: ({ connection }) => connection.close(),
        pinned: ({ connection }) => connection,
        async run({ connection, mail, subject }) {
          await mail.deliver((text) => connection.publish(subject, Buffer.from(text)))
          await connection.request(`${subject}.ask`)
        },
        names: ['nats.publish', 'nats.consume'],
      })
    })
  })
}

describePins({ bullmq: '5.81.5' }, undefined, (set) => {
  describeWith(redis, 'bullmq', (server) => {
    interface Queue {
      add(name: string, data: object): Promise<unknown>
      addBulk(jobs: object[]): Promise<unknown>
      obliterate(options: object): Promise<void>
      close(): Promise<void>
    }
    interface Bullmq {
      Queue: new (name: string, options: object) => Queue
      Worker: new (name: string, run: (job: { data: { text: string } }) => unknown, options: object) => Queue
    }
    let bullmq: Bullmq
    traced({ bullmq: true }, () => {
      bullmq = set.require('bullmq') as Bullmq
    })
    const open = async () => {
      const { hostname, port } = new URL(server().url)
      const options = { connection: { host: hostname, port: Number(port), maxRetriesPerRequest: null } }
      const [name, mail] = [newName(), new Mail()]
      const queue = new bullmq.Queue(name, options)
      const worker = new bullmq.Worker(name, async ({ data }) => mail.arrived(data.text), options)
      return { queue, worker, mail }
    }
    type Subject = Awaited<ReturnType<typeof open>>
    const shared = {
      open,
      async close({ queue, worker }: Subject) {
        await worker.close()
        await queue.obliterate({ force: true })
        await queue.close()
      },
      async run({ queue, mail }: Subject) {
        await mail.deliver((text) => queue.add('one', { text }))
        await mail.deliver((text) => queue.addBulk([{ name: 'one', data: { text } }]))
      },
    }
    itFollowsPins<Subject>('a queue', { ...shared, pinned: ({ queue }) => queue, names: ['bullmq.add'] })
    itFollowsPins<Subject>('a worker', { ...shared, pinned: ({ worker }) => worker, names: ['bullmq.processJob'] })
  })
})
