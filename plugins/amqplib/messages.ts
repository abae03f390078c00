// Publishing, fetching and consuming messages: the two sides find each other by the headers of the message.

import type { AnyFunction, Operation, Patcher } from '../../src/plugin'
import { type Channel, COMMAND, describe, type Fields, pinOn } from './commands'

type Headers = Record<string, string>

interface Message {
  readonly fields: Fields
  readonly properties: { readonly headers?: Headers }
}

type PublishArgs = [
  exchange: string,
  routingKey: string,
  content: unknown,
  options?: { headers?: object } | null,
  confirmed?: unknown,
]

const CONSUMER = { ...COMMAND, v1Name: 'amqp.process', kind: 'consumer', type: 'worker' } as const

/** It ends with the server's word where the program asks for it, otherwise when the message is on its way. */
export const publishes: Operation<Channel, PublishArgs> = {
  ...COMMAND,
  pinOn,
  v1Name: 'amqp.send',
  kind: 'producer',
  activate: false,
  start(channel, [exchange, routingKey, , , confirmed]) {
    const callback = typeof confirmed === 'function' ? 'last' : undefined
    return { ...describe(channel, 'basic.publish', { exchange, routingKey }), callback }
  },
  before(_span, args, _channel, headers) {
    // The driver reads inherited ones as well, so the program's own objects show through and are left alone.
    const options = args[3] ?? null
    const value = Object.assign(Object.create(options?.headers ?? null) as Headers, headers())
    args[3] = Object.create(options, { headers: { value } }) as { headers: object }
  },
}

/** A message that is fetched is part of what its caller does: the span is linked with the producer's and not below it. */
export function gets({ tracer }: Patcher): Operation<Channel, [queue: unknown]> {
  return {
    ...CONSUMER,
    pinOn,
    activate: false,
    start: (channel, [queue]) => ({ ...describe(channel, 'basic.get', { queue }), callback: 'last' }),
    finish(span, message) {
      const producer = tracer.extract('text_map', (message as Message | undefined)?.properties?.headers ?? {})
      for (const link of producer?.links ?? []) span.addLink(link, link.attributes)
    },
  }
}

/** Puts a span around each call of the function that is handed to `consume`. */
export function consumesIn(patcher: Patcher): (original: AnyFunction) => AnyFunction {
  return (original) =>
    ({
      consume(this: Channel, ...args: unknown[]) {
        const [queue, callback] = args
        if (typeof callback === 'function') {
          const traced = () => patcher.traced(callback as AnyFunction, deliveries(this, queue, patcher))
          args[1] = patcher.guarded('consume', traced) ?? callback
        }
        return Reflect.apply(original, this, args)
      },
    }).consume
}

function deliveries(
  channel: Channel,
  queue: unknown,
  { tracer }: Patcher,
): Operation<object, [message: Message | null]> {
  return {
    ...CONSUMER,
    pinOn: () => pinOn(channel),
    start(_self, [message]) {
      // The server has cancelled the consumer.
      if (message === null) return undefined
      // Without a producer's it begins a trace of its own: what is active here is where somebody connected.
      const parent = tracer.extract('text_map', message.properties.headers ?? {}) ?? null
      return { ...describe(channel, 'basic.deliver', message.fields, queue), parent }
    },
  }
}
