// RabbitMQ by `amqplib`, with promises and with callbacks: what is published carries the trace in its headers, and the program's
// consumers run in spans that go on with it. All other commands of a channel are spans of a client.

import { definePlugin, type Patcher } from '../../src/plugin'
import { pinsOfParts } from '../../src/plugin/clients'
import { type Channel, notices, roundTrips } from './commands'
import { consumesIn, gets, publishes } from './messages'

interface Model {
  readonly Channel: { readonly prototype: Channel }
  readonly ConfirmChannel: { new (): ConfirmChannel; readonly prototype: ConfirmChannel }
  readonly ChannelModel?: { readonly prototype: object }
  readonly CallbackModel?: { readonly prototype: object }
}

interface ConfirmChannel extends Channel {
  waitForConfirms(...args: unknown[]): unknown
}

function traceCommands({ Channel }: { Channel: { prototype: Channel } }, patcher: Patcher): void {
  pinsOfParts(patcher, Channel.prototype, ({ connection }) => connection)
  // What gives no span calls back in its caller's context too.
  patcher.bind(Channel.prototype, '_rpc')
  patcher.bind(Channel.prototype, 'closeBecause')
  patcher.trace(Channel.prototype, '_rpc', roundTrips)
  patcher.trace(Channel.prototype, 'sendImmediately', notices)
}

function traceMessages({ Channel, ConfirmChannel, ChannelModel, CallbackModel }: Model, patcher: Patcher): void {
  for (const model of [ChannelModel, CallbackModel]) if (model) followConnections(model.prototype, patcher)
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

/** A program holds a model of a connection, which makes the channels. */
function followConnections(model: object, patcher: Patcher): void {
  patcher.whenPinned((target) =>
    Object.prototype.isPrototypeOf.call(model, target)
      ? (target as { readonly connection?: object }).connection
      : undefined,
  )
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
