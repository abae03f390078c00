// Every way to ask Redis with the clients that speak in promises, and the commands that are then sent.

import type { EventEmitter } from 'node:events'
import type { CallStyle } from '../support/call-styles'
import { KEY, TEXT } from './redis-command'

interface Multi {
  set(key: string, value: string): Multi
  get(key: string): Multi
  incr(key: string): Multi
  exec(): Promise<unknown>
  execAsPipeline(): Promise<unknown>
}

export interface Client extends EventEmitter {
  readonly isOpen: boolean
  connect(): Promise<unknown>
  disconnect(): Promise<void>
  quit(): Promise<unknown>
  duplicate(options?: object): Client
  get(key: string): Promise<string | null>
  get(options: object, key: string): Promise<string | null>
  get(key: string, callback: (error: unknown, value?: unknown) => void): void
  set(key: string, value: string | number, options?: object): Promise<unknown>
  incr(key: string): Promise<number>
  incrBy(key: string, by: number): Promise<number>
  ping(): Promise<string>
  eval(script: string, options: object): Promise<unknown>
  multi(): Multi
  scanIterator(options: object): AsyncIterable<unknown>
  sendCommand(args: (string | Buffer)[]): Promise<unknown>
  subscribe(channel: string, listener: (message: string) => void): Promise<void>
  publish(channel: string, message: string): Promise<number>
  commandOptions(options: object): object
  withAbortSignal(signal: AbortSignal): Client
  withTypeMapping(mapping: object): Client
  legacy(): { get(key: string, callback: (error: unknown, value?: unknown) => void): void }
}

export interface Redis {
  createClient(options: object): Client
  createClientPool(client: object, options: object): Client & { close(): Promise<void> }
}

export interface Row extends CallStyle<Client> {
  readonly raw: readonly string[]
  /** What the last of the spans failed with. */
  readonly error?: RegExp
  /** The releases of `redis` that have it: 4 is 4.0, which was `@node-redis/client`, 4.1 the rest of 4. */
  readonly since?: number
  readonly before?: number
}

export const ERROR = /not an integer/

export const rows: Row[] = [
  { name: 'a command', run: (client) => client.get(TEXT), raw: [`GET ${TEXT}`] },
  {
    name: 'a command with options',
    run: (client) => client.set(KEY, '1', { EX: 60 }),
    raw: [`SET ${KEY} 1 EX 60`],
  },
  { name: 'a command with a number', run: (client) => client.incrBy(KEY, 2), raw: [`INCRBY ${KEY} 2`] },
  { name: 'a raw command', run: (client) => client.sendCommand(['ECHO', 'hello']), raw: ['ECHO hello'] },
  {
    name: 'a raw command in small letters, with a Buffer',
    run: (client) => client.sendCommand(['set', KEY, Buffer.from('1')]),
    raw: [`SET ${KEY} ?`],
  },
  {
    name: 'a script',
    run: (client) => client.eval('return ARGV[1]', { keys: [], arguments: ['one'] }),
    raw: ['EVAL return ARGV[1] 0 one'],
  },
  {
    name: 'a transaction',
    run: (client) => client.multi().set(KEY, '1').get(KEY).exec(),
    raw: ['MULTI', `SET ${KEY} 1`, `GET ${KEY}`, 'EXEC'],
  },
  {
    name: 'a pipeline',
    run: (client) => client.multi().set(KEY, '1').get(KEY).execAsPipeline(),
    raw: [`SET ${KEY} 1`, `GET ${KEY}`],
  },
  {
    name: 'a pipeline with an error',
    run: (client) => client.multi().get(KEY).incr(TEXT).execAsPipeline(),
    raw: [`GET ${KEY}`, `INCR ${TEXT}`],
    error: ERROR,
  },
  {
    name: 'an iterator',
    async run(client) {
      const found: unknown[] = []
      for await (const keys of client.scanIterator({ MATCH: 'dd-test:none', COUNT: 100_000 })) found.push(keys)
      return found
    },
    raw: ['SCAN 0 MATCH dd-test:none COUNT 100000'],
  },
  { name: 'an error', run: (client) => client.incr(TEXT), raw: [`INCR ${TEXT}`], error: ERROR },
  {
    name: 'an error that nobody handles',
    run(client, probe) {
      void client.incr(TEXT)
      return probe.unhandled()
    },
    raw: [`INCR ${TEXT}`],
    error: ERROR,
  },
  {
    name: 'a pipeline with an error that nobody handles',
    run(client, probe) {
      const done = client.multi().incr(TEXT).get(KEY).execAsPipeline()
      // It rejects up to 4.5; since, the error is one of many.
      void Promise.resolve(done).catch(probe.optional('rejected'))
      return done
    },
    raw: [`INCR ${TEXT}`, `GET ${KEY}`],
  },
  {
    name: 'a command that does not exist',
    run: (client) => client.sendCommand(['NONSENSE', 'x']),
    raw: ['NONSENSE x'],
    error: /unknown command/,
  },
  {
    name: 'a transaction that is refused',
    run: (client) => client.multi().set(KEY, '1').incr(TEXT).exec(),
    raw: ['MULTI', `SET ${KEY} 1`, `INCR ${TEXT}`, 'EXEC'],
  },
  {
    name: 'an argument that cannot be sent',
    run: (client) => client.set(KEY, {} as string),
    raw: [`SET ${KEY} ?`],
    error: /argument/,
    since: 5,
  },
  {
    name: 'a command for a client that was closed',
    async run(client) {
      await client.disconnect()
      return client.get(TEXT)
    },
    raw: [],
  },
  {
    name: 'a command that was aborted',
    run: (client) => client.get(client.commandOptions({ signal: AbortSignal.abort() }), TEXT),
    raw: [`GET ${TEXT}`],
    error: /aborted/,
    since: 4.1,
    before: 5,
  },
  {
    name: 'a command that was aborted',
    run: (client) => client.withAbortSignal(AbortSignal.abort()).get(TEXT),
    raw: [`GET ${TEXT}`],
    error: /aborted/,
    since: 5,
  },
  {
    name: 'a reply as a Buffer',
    run: (client) => client.get(client.commandOptions({ returnBuffers: true }), TEXT),
    raw: [`GET ${TEXT}`],
    since: 4.1,
    before: 5,
  },
  {
    name: 'a reply as a Buffer',
    run: (client) => client.withTypeMapping({ 36: Buffer }).get(TEXT),
    raw: [`GET ${TEXT}`],
    since: 5,
  },
  {
    name: 'a callback',
    run(client, probe) {
      const callback = probe.callback()
      const legacy = client.duplicate({ legacyMode: true })
      const connected = legacy.connect()
      legacy.get(TEXT, (...result) => {
        callback(...result)
        void connected.then(() => legacy.disconnect())
      })
    },
    raw: [`GET ${TEXT}`],
    since: 4.1,
    before: 5,
  },
  {
    name: 'a callback',
    run: (client, probe) => client.legacy().get(TEXT, probe.callback()),
    raw: [`GET ${TEXT}`],
    since: 5,
  },
]
