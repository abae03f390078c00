// RabbitMQ by `amqplib`, with promises and with callbacks: what is published carries the trace in its headers, and the program's
// consumers run in spans that go on with it. All other commands of a channel are spans of a client.

import { definePlugin, type Patcher } from '../../src/plugin'
import { type Channel, notices, roundTrips } from './commands'
import { consumesIn, gets, publishes } from './messages'

interface Model {
  readonly Channel: { readonly prototype: Channel }
  readonly ConfirmChannel: { new (): ConfirmChannel; readonly prototype: ConfirmChannel }
}

interface ConfirmChannel extends Channel {
  waitForConfirms(...args: unknown[]): unknown
}

function traceCommands({ Channel }: { Channel: { prototype: Channel } }, patcher: Patcher): void {
  // What gives no span calls back in its caller's context too.
  patcher.bind(Channel.prototype, '_rpc')
  patcher.bind(Channel.prototype, 'closeBecause')
  patcher.trace(Channel.prototype, '_rpc', roundTrips)
  patcher.trace(Channel.prototype, 'sendImmediately', notices)
}

function traceMessages({ Channel, ConfirmChannel }: Model, patcher: Patcher): void {
  patcher.trace(ConfirmChannel.prototype, 'publish', publishes)
  patcher.trace(Channel.prototype, 'publish', {
    ...publishes,
    // Those of a ConfirmChannel come by the line above.
    start: (channel, args) => (channel instanceof ConfirmChannel ? undefined : publishes.start(channel, args)),
  })
  patcher.trace(Channel.prototype, 'get', gets(patcher))
  patcher.wrap(Channel.prototype, 'consume', consumesIn(patcher))
  patcher.bind(ConfirmChannel.prototype, 'waitForConfirms')
}

const versions = '>=0.8.0 <3'

export default definePlugin({
  name: 'amqplib',
  hooks: [
    { module: 'amqplib', versions, file: 'lib/channel.js', patch: traceCommands },
    { module: 'amqplib', versions, file: 'lib/channel_model.js', patch: traceMessages },
    { module: 'amqplib', versions, file: 'lib/callback_model.js', patch: traceMessages },
  ],
})
