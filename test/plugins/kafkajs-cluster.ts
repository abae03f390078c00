// A Kafka cluster as the tests of the kafkajs plugin use it, and the library's types as far as they do.

import type { RunningService } from '../services'
import type { Library } from '../support/library'

export interface Producer {
  connect(): Promise<void>
  disconnect(): Promise<void>
  send(request: unknown): Promise<unknown>
  sendBatch(request: unknown): Promise<unknown>
  transaction(): Promise<Producer & { commit(): Promise<void>; abort(): Promise<void> }>
}

export interface Consumer {
  connect(): Promise<void>
  disconnect(): Promise<void>
  subscribe(options: object): Promise<void>
  run(handlers?: object): Promise<void>
}

export interface Message {
  readonly offset: string
  readonly value: Buffer
  readonly headers: Record<string, Buffer>
}

export interface Delivery {
  readonly topic: string
  readonly partition: number
  readonly message: Message
  readonly batch: { readonly topic: string; readonly partition: number; readonly messages: Message[] }
  resolveOffset(offset: string): void
}

interface Admin {
  connect(): Promise<void>
  disconnect(): Promise<void>
  createTopics(options: object): Promise<unknown>
}

interface Kafka {
  producer(options?: object): Producer
  consumer(options: object): Consumer
  admin(): Admin
}

export const TOPIC = 'dd-test'
let names = 0

export class Cluster {
  readonly kafka: Kafka
  readonly #open: { disconnect(): Promise<void> }[] = []

  constructor(library: Library, { url }: RunningService) {
    const { Kafka } = library.load<{ Kafka: new (options: object) => Kafka }>()
    const retry = { initialRetryTime: 50, retries: 8 }
    this.kafka = new Kafka({ brokers: [new URL(url).host], clientId: 'dd-test', logLevel: 0, retry })
  }

  /** For a topic or a group that nobody has used before. */
  newName(): string {
    return `dd-test-${process.pid}-${++names}`
  }

  async createTopics(...names: string[]): Promise<void> {
    const admin = this.kafka.admin()
    await admin.connect()
    // Those that are there already are no error to most versions.
    await admin
      .createTopics({ topics: names.map((topic) => ({ topic, numPartitions: 1 })), waitForLeaders: true })
      .catch(() => {})
    await admin.disconnect()
  }

  async createTopic(topic: string, numPartitions: number): Promise<void> {
    const admin = this.kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true })
    await admin.disconnect()
  }

  async producer(options?: object): Promise<Producer> {
    return this.#connected(this.kafka.producer(options))
  }

  /** It reads the topic from its beginning. */
  async consumer(topic: string): Promise<Consumer> {
    const consumer = await this.#connected(this.kafka.consumer({ groupId: this.newName(), maxWaitTimeInMs: 100 }))
    await consumer.subscribe({ topic, fromBeginning: true })
    return consumer
  }

  async close(): Promise<void> {
    for (const one of this.#open.splice(0)) await one.disconnect()
  }

  async #connected<One extends Producer | Consumer>(one: One): Promise<One> {
    this.#open.push(one)
    await one.connect()
    return one
  }
}
