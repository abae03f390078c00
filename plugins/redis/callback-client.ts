// redis 2.6 to 3: one method that every command goes through, with the callback kept on the command.
//
// A command without a callback has no end that could be seen: an error of it is emitted, unless the connection was lost, and a
// callback put there would change that. So it is not traced.

import { hiddenField, type Operation, type Patcher } from '../../src/plugin'
import { COMMAND, describeCommands, type RedisOptions } from './command'
import { OwnCommands } from './own-commands'

interface Client {
  internal_send_command(command: Command): unknown
  create_stream(): unknown
  ready_check(): unknown
  on_ready(): unknown
  connection_options?: { host?: string; port?: number }
  subscription_set?: object
}

interface Command {
  readonly command: string
  readonly args: readonly unknown[]
  callback?: unknown
}

/** On the commands that were seen: those that wait for the connection come by twice. */
const seen = hiddenField<true>()

export function traceCallbackClient(
  { RedisClient }: { RedisClient: { prototype: Client } },
  patcher: Patcher<RedisOptions>,
) {
  const client = RedisClient.prototype
  const describe = describeCommands(patcher.options)
  const own = new OwnCommands()

  const commands: Operation<Client, [Command]> = {
    ...COMMAND,
    start({ connection_options: { host, port } = {} }, [command]) {
      if (seen.get(command) === true) return undefined
      seen.set(command, true)
      if (own.areSent || typeof command.callback !== 'function') return undefined
      const start = describe(command.command, command.args, 0, { host, port })
      return start && { ...start, callback: { of: command, key: 'callback' } }
    },
  }
  patcher.trace(client, 'internal_send_command', commands)

  // A connection outlives the request that happens to open it.
  patcher.wrap(client, 'create_stream', (original) => {
    const create = own.during(original)
    return {
      rooted(this: Client, ...args: unknown[]) {
        return patcher.run(undefined, create, this, args)
      },
    }.rooted
  })
  patcher.wrap(client, 'ready_check', (original) => own.during(original))
  // With subscriptions to renew, the program hears that the client is ready when that is done; without, inside.
  const renews = ({ subscription_set }: Client) => Object.keys(subscription_set ?? {}).length > 0
  patcher.wrap(client, 'on_ready', (original) => own.during(original, renews))
}
