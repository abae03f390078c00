// Sending: one span for each call, and its context in a copy of each message.

import type { Operation, Span } from '../../src/plugin'
import { type Cluster, tagCluster } from './cluster'

interface Message {
  readonly value?: unknown
  readonly headers?: object
}

interface TopicMessages {
  readonly topic: string
  readonly messages: readonly Message[]
}

interface Written {
  readonly topicName?: string
  readonly partition?: number
  /** By the version of the answer. */
  readonly baseOffset?: string
  readonly offset?: string
}

/** Topics that are named in a resource, and places that are named in a tag. */
const MAX_TOPICS = 10
const MAX_OFFSETS = 20

const PRODUCE = {
  name: 'kafka.produce',
  v1Name: 'kafka.send',
  kind: 'producer',
  system: 'kafka',
  peerTags: ['messaging.kafka.bootstrap.servers'],
  activate: false,
} as const

/** @param sender a producer, or a transaction of one */
export function sends(
  cluster: Cluster | undefined,
  sender: object,
): {
  send: Operation<object, [TopicMessages | undefined]>
  sendBatch: Operation<object, [{ readonly topicMessages?: readonly TopicMessages[] } | undefined]>
} {
  const finish = (span: Span, written: unknown) => {
    tagCluster(span, cluster)
    if (Array.isArray(written)) tagPlaces(span, written as Written[])
  }
  const pinOn = () => sender
  return {
    send: {
      ...PRODUCE,
      pinOn,
      start: (_producer, [request]) => describe([request]),
      before(_span, args, _producer, headers) {
        const [request] = args
        if (isSendable(request)) args[0] = withHeaders(request, headers())
      },
      finish,
    },
    sendBatch: {
      ...PRODUCE,
      pinOn,
      start: (_producer, [request]) => describe(listOf(request?.topicMessages)),
      before(_span, args, _producer, headers) {
        const topicMessages = listOf(args[0]?.topicMessages)
        if (!topicMessages.every(isSendable)) return
        const carried = headers()
        if (topicMessages.length > 0) {
          args[0] = { ...args[0], topicMessages: topicMessages.map((each) => withHeaders(each, carried)) }
        }
      },
      finish,
    },
  }
}

/** What the library is to refuse may be anything. */
function listOf<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? value : []
}

function describe(requests: readonly (TopicMessages | undefined)[]) {
  const topics = [...new Set(requests.map((request) => request?.topic))].filter((topic) => typeof topic === 'string')
  const topic = topics.length === 1 ? topics[0] : undefined
  let size = 0
  for (const request of requests) size += request?.messages?.length ?? 0
  return {
    resource: topics.slice(0, MAX_TOPICS).join(','),
    tags: {
      'messaging.system': 'kafka',
      'messaging.destination.name': topic,
      'kafka.topic': topic,
      'kafka.batch_size': size,
    },
  }
}

/** The library refuses all messages for the sake of one without a value, and quotes that one as it got it. */
function isSendable(request: TopicMessages | undefined): request is TopicMessages {
  const messages = request?.messages
  return Array.isArray(messages) && messages.every((message: Message | undefined) => message?.value !== undefined)
}

function withHeaders<Request extends TopicMessages>(request: Request, headers: Record<string, string>): Request {
  const messages = request.messages.map((message) => ({ ...message, headers: { ...message.headers, ...headers } }))
  return { ...request, messages }
}

/** Where the messages are now; nobody says so when no acknowledgement was asked for. */
function tagPlaces(span: Span, written: readonly Written[]): void {
  if (written.length === 1) {
    const { partition, baseOffset, offset = baseOffset } = written[0] as Written
    if (typeof partition === 'number') span.put('kafka.partition', partition)
    if (offset !== undefined) span.put('kafka.message.offset', String(offset))
  } else if (written.length > 1) {
    const places = written
      .slice(0, MAX_OFFSETS)
      .map(({ topicName, partition, baseOffset, offset = baseOffset }) => ({ topic: topicName, partition, offset }))
    span.put('kafka.messages.offsets', JSON.stringify(places))
  }
}
