// The commands of a channel, and how each of them is described. What opens channels and connections, and what the driver answers by
// itself, is not in the lists and gives no span.

import { belongs, type Operation, type Start, tags } from '../../src/plugin'

export interface Channel {
  readonly connection?: { readonly stream?: Stream }
  publish(...args: unknown[]): unknown
  get(...args: unknown[]): unknown
  consume(...args: unknown[]): unknown
  sendImmediately(...args: unknown[]): unknown
  _rpc(...args: unknown[]): unknown
  closeBecause(...args: unknown[]): unknown
}

interface Stream {
  readonly remoteAddress?: string
  readonly remotePort?: number
  /** The name that the address was looked up by. */
  readonly _host?: string
}

type Field = 'exchange' | 'routingKey' | 'queue' | 'consumerTag' | 'source' | 'destination'
export type Fields = Readonly<Partial<Record<Field, unknown>>>

/** What all spans of the plugin have in common. */
export const COMMAND = { name: 'amqp.command', system: 'amqp' } as const

/** By their numbers in AMQP 0-9-1: the class in the upper, the method in the lower 16 bits. */
const ROUND_TRIPS: Readonly<Record<number, string>> = {
  2621450: 'exchange.declare',
  2621460: 'exchange.delete',
  2621470: 'exchange.bind',
  2621480: 'exchange.unbind',
  3276810: 'queue.declare',
  3276820: 'queue.bind',
  3276830: 'queue.purge',
  3276840: 'queue.delete',
  3276850: 'queue.unbind',
  3932170: 'basic.qos',
  3932180: 'basic.consume',
  3932190: 'basic.cancel',
  3932270: 'basic.recover',
}

/** These have no answer. */
const NOTICES: Readonly<Record<number, string>> = {
  3932240: 'basic.ack',
  3932250: 'basic.reject',
  3932280: 'basic.nack',
}

/** A pin on a connection holds for its channels. */
export function pinOn(channel: Channel): Channel {
  if (channel.connection !== undefined) belongs(channel, channel.connection)
  return channel
}

type Command = Operation<Channel, [method: number, fields: Fields]>

export const roundTrips: Command = {
  ...COMMAND,
  pinOn,
  kind: 'client',
  activate: false,
  start(channel, [method, fields]) {
    const name = ROUND_TRIPS[method]
    return name === undefined ? undefined : { ...describe(channel, name, fields), callback: 'last' }
  },
}

export const notices: Command = {
  ...COMMAND,
  pinOn,
  kind: 'client',
  activate: false,
  start(channel, [method, fields]) {
    const name = NOTICES[method]
    return name === undefined ? undefined : describe(channel, name, fields)
  },
}

export function describe(channel: Channel, method: string, fields: Fields, queue: unknown = fields.queue): Start {
  const { exchange, routingKey, consumerTag, source, destination } = fields
  const stream = channel.connection?.stream
  let resource = method
  for (const part of [exchange, routingKey, fields.queue, source, destination]) {
    if (text(part) !== undefined) resource += ` ${part}`
  }
  return {
    resource,
    tags: {
      'amqp.queue': text(queue),
      'amqp.exchange': text(exchange),
      'amqp.routingKey': text(routingKey),
      'amqp.consumerTag': text(consumerTag),
      'amqp.source': text(source),
      'amqp.destination': text(destination),
      [tags.OUT_HOST]: stream?._host ?? stream?.remoteAddress,
      [tags.DESTINATION_PORT]: stream?.remotePort,
    },
  }
}

/** Nothing, such as the default exchange's name, is not worth a tag. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
