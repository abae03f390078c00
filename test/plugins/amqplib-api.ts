// What the tests of the amqplib plugin share: the library's types, as far as they are used, and what is sent where.

import type { EventEmitter } from 'node:events'

export interface Message {
  readonly content: Buffer
  readonly properties: { readonly headers: Record<string, unknown> }
}

export type Consumer = (message: Message | null) => unknown
/** With callbacks each takes one more argument, and returns the channel. */
export type Command = (...args: unknown[]) => Promise<unknown>

export interface Channel extends EventEmitter {
  assertQueue: Command
  checkQueue: Command
  deleteQueue: Command
  purgeQueue: Command
  bindQueue: Command
  unbindQueue: Command
  assertExchange: Command
  deleteExchange: Command
  bindExchange: Command
  unbindExchange: Command
  cancel: Command
  prefetch: Command
  recover: Command
  waitForConfirms: Command
  close: Command
  consume(queue: string, consumer?: Consumer, ...rest: unknown[]): Promise<unknown>
  get(queue: string, ...rest: unknown[]): Promise<Message | false>
  publish(exchange: string, key: string, content: unknown, ...rest: unknown[]): boolean
  sendToQueue(queue: string, content: unknown, ...rest: unknown[]): boolean
  ack(message: unknown): unknown
  nack(message: unknown): unknown
  reject(message: unknown): unknown
  ackAll(): unknown
}

export interface Connection extends EventEmitter {
  createChannel(callback?: unknown): Promise<Channel>
  createConfirmChannel(callback?: unknown): Promise<Channel>
  close(): unknown
}

export const QUEUE = 'dd-test'
export const EXCHANGE = 'dd-test-exchange'
export const HELLO = Buffer.from('hello')
export const TEMPORARY = { durable: false, autoDelete: true }
export const FROZEN = Object.freeze({ headers: Object.freeze({ mine: 1 }), CC: 'nobody', persistent: true })

export const PUBLISH = `basic.publish ${QUEUE}`
export const CONSUME = `basic.consume ${QUEUE}`
export const DELIVER = `basic.deliver ${QUEUE}`
export const GET = `basic.get ${QUEUE}`
