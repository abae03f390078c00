// Consuming: a span around each call of the program's handlers, which lasts as long as the promise that they return.

import type { Operation, Patcher, Span, SpanContext } from '../../src/plugin'
import { headersBy } from '../message-headers'
import { type Cluster, tagCluster } from './cluster'

export interface Handlers {
  readonly eachMessage?: unknown
  readonly eachBatch?: unknown
}

interface Message {
  readonly offset?: string
  readonly headers?: Readonly<Record<string, unknown>>
}

interface Delivery {
  readonly topic: string
  readonly partition: number
  readonly message: Message
}

interface Batch {
  readonly topic: string
  readonly partition: number
  readonly messages: readonly Message[]
}

/** A span's own limit on links. */
const MAX_PRODUCERS = 128

const CONSUME = {
  name: 'kafka.consume',
  v1Name: 'kafka.process',
  kind: 'consumer',
  type: 'worker',
  system: 'kafka',
} as const

type Tracer = Patcher['tracer']

function producerOf(tracer: Tracer, { headers }: Message): SpanContext | undefined {
  return headers === undefined
    ? undefined
    : tracer.extract(
        'text_map',
        headersBy((name) => headers[name]),
      )
}

/** Without a producer's it begins a trace of its own: what is active is where somebody ran the consumer. */
export function messages(
  tracer: Tracer,
  cluster: Cluster | undefined,
  consumer: object,
): Operation<object, [Delivery]> {
  return {
    ...CONSUME,
    pinOn: () => consumer,
    start: (_runner, [{ topic, partition, message }]) => ({
      resource: topic,
      parent: producerOf(tracer, message) ?? null,
      tags: {
        'messaging.system': 'kafka',
        'messaging.destination.name': topic,
        'kafka.topic': topic,
        'kafka.partition': partition,
        'kafka.message.offset': message.offset,
      },
    }),
    finish: (span) => tagCluster(span, cluster),
  }
}

export function batches(
  tracer: Tracer,
  cluster: Cluster | undefined,
  consumer: object,
): Operation<object, [{ batch: Batch }]> {
  return {
    ...CONSUME,
    pinOn: () => consumer,
    start: (_runner, [{ batch }]) => ({
      resource: batch.topic,
      parent: null,
      tags: {
        'messaging.system': 'kafka',
        'messaging.destination.name': batch.topic,
        'messaging.batch.message_count': batch.messages.length,
        'kafka.topic': batch.topic,
        'kafka.partition': batch.partition,
      },
    }),
    before: (span, [{ batch }]) => linkProducers(span, batch.messages, tracer),
    finish: (span) => tagCluster(span, cluster),
  }
}

/** Messages that were sent together have one producer. */
function linkProducers(span: Span, all: readonly Message[], tracer: Tracer): void {
  const seen = new Set<string>()
  for (const message of all) {
    for (const link of producerOf(tracer, message)?.links ?? []) {
      if (seen.has(link.spanId)) continue
      span.addLink(link, link.attributes)
      if (seen.add(link.spanId).size === MAX_PRODUCERS) return
    }
  }
}
