// A service with one method of each kind, and the ways to call it: rows for the test of the grpc plugin.

import type { EventEmitter } from 'node:events'
import type { CallStyle, Probe } from '../support/call-styles'

export interface Metadata {
  set(key: string, value: string): void
  get(key: string): unknown[]
  getMap(): Record<string, unknown>
}

export interface Call extends EventEmitter {
  write(message: object): void
  end(): void
  cancel(): void
  emit(event: string, ...args: unknown[]): boolean
  readonly request: { text: string }
  readonly metadata: Metadata
  readonly cancelled?: boolean
  sendMetadata(metadata: Metadata): void
}

export interface Grpc {
  readonly Metadata: new () => Metadata
  readonly Server: new () => Server
  readonly ServerCredentials: { createInsecure(): unknown }
  readonly credentials: { createInsecure(): unknown }
  readonly InterceptingCall: new (call: unknown) => unknown
  loadPackageDefinition(definition: unknown): { test: { echo: { Echo: ClientClass } } }
}

export interface Server {
  addService(service: unknown, handlers: object): void
  bindAsync(address: string, credentials: unknown, callback: (error: Error | null, port: number) => void): void
  start(): void
  forceShutdown(): void
}

type ClientClass = (new (address: string, credentials: unknown, options?: object) => Client) & { service: unknown }

export interface Client {
  unary(...args: unknown[]): Call
  collect(...args: unknown[]): Call
  spread(...args: unknown[]): Call
  chat(...args: unknown[]): Call
  missing(...args: unknown[]): Call
  close(): void
}

export interface Subject {
  readonly grpc: Grpc
  readonly client: Client
}

export interface Row extends CallStyle<Subject> {
  readonly method?: string
  readonly kind?: string
  /** What the client sees. Default: 0. */
  readonly code?: number
  /** What the server gives. Default: the same; null: it is never asked, or asks no handler. */
  readonly serverCode?: number | null
  readonly untraced?: boolean
}

const method = (requestStream: boolean, responseStream: boolean) => ({
  requestType: 'Text',
  responseType: 'Text',
  ...(requestStream && { requestStream }),
  ...(responseStream && { responseStream }),
})

/** As protobuf.js writes a `.proto` file in JSON. */
export const PROTO = {
  nested: {
    test: {
      nested: {
        echo: {
          nested: {
            Text: { fields: { text: { type: 'string', id: 1 } } },
            Echo: {
              methods: {
                Unary: method(false, false),
                Collect: method(true, false),
                Spread: method(false, true),
                Chat: method(true, true),
                Missing: method(false, false),
              },
            },
          },
        },
      },
    },
  },
}

type Respond = (error: unknown, value?: object) => void
const NOT_FOUND = { code: 5, details: 'no such text' }

/** `fail` fails, `wait` waits for ever. */
export const handlers = {
  unary({ request: { text } }: Call, respond: Respond): void {
    if (text === 'fail') respond(NOT_FOUND)
    else if (text !== 'wait') respond(null, { text })
  },
  collect(call: Call, respond: Respond): void {
    let all = ''
    call.on('data', ({ text }: { text: string }) => {
      if (text === 'fail') respond(NOT_FOUND)
      all += text
    })
    call.on('end', () => {
      if (!all.includes('fail')) respond(null, { text: all })
    })
  },
  spread(call: Call): void {
    const { text } = call.request
    if (text === 'fail') return void call.emit('error', NOT_FOUND)
    for (const part of text) call.write({ text: part })
    if (text !== 'wait') call.end()
  },
  chat(call: Call): void {
    call.on('data', ({ text }: { text: string }) => {
      if (text === 'fail') call.emit('error', NOT_FOUND)
      else call.write({ text: `${text}!` })
    })
    call.on('end', () => call.end())
  },
}

/** Errors carry headers with dates; the rest is the same each time. */
const answered = (probe: Probe, name = 'callback') => {
  const callback = probe.callback(name)
  return function (this: unknown, error: { code?: number; details?: string } | null, value?: { text: string }) {
    callback.call(this, error && [error.constructor.name, error.code, error.details], value?.text)
  }
}
const heard = (probe: Probe, call: Call, last: 'end' | 'error' = 'end') => {
  const error = (last === 'error' ? probe.callback('error') : probe.optional('error')) as (...args: unknown[]) => void
  call.on('data', ({ text }: { text: string }) => probe.optional('data')(text))
  call.on('error', ({ code, details }: { code: number; details: string }) => error(code, details))
  call.on('end', probe.optional('end'))
  const status = probe.callback('status')
  call.on('status', ({ code }: { code: number }) => status(code))
  return undefined
}
const soon = () => Date.now() + 100
const spread = { method: 'Spread', kind: 'server_streaming' }
const chat = { method: 'Chat', kind: 'bidi_streaming' }
const collect = { method: 'Collect', kind: 'client_streaming' }

export const rows: readonly Row[] = [
  { name: 'unary', run: ({ client }, probe) => void client.unary({ text: 'a' }, answered(probe)) },
  {
    name: 'unary, with its events',
    run({ client }, probe) {
      const call = client.unary({ text: 'a' }, answered(probe))
      const metadata = probe.callback('metadata')
      call.on('metadata', () => metadata())
      const status = probe.callback('status')
      call.on('status', ({ code }: { code: number }) => status(code))
      probe.note('methods', [typeof call.cancel, call.constructor.name])
    },
  },
  {
    name: 'unary with metadata, which stay as they are',
    run({ client, grpc }, probe) {
      const metadata = new grpc.Metadata()
      metadata.set('tenant', 'x')
      client.unary({ text: 'a' }, metadata, answered(probe))
      probe.note('metadata', metadata.getMap())
    },
  },
  {
    name: 'unary with metadata and options',
    run: ({ client, grpc }, probe) =>
      void client.unary({ text: 'a' }, new grpc.Metadata(), { deadline: Date.now() + 10_000 }, answered(probe)),
  },
  {
    name: 'unary with options that intercept',
    run({ client, grpc }, probe) {
      const interceptors = [
        (options: object, next: (options: object) => unknown) => {
          probe.note('path', (options as { method_definition: { path: string } }).method_definition.path)
          return new grpc.InterceptingCall(next(options))
        },
      ]
      client.unary({ text: 'a' }, { interceptors }, answered(probe))
    },
  },
  {
    name: 'an error of unary',
    run: ({ client }, probe) => void client.unary({ text: 'fail' }, answered(probe)),
    code: 5,
  },
  {
    name: 'unary that is late',
    run: ({ client }, probe) => {
      const callback = probe.callback()
      client.unary({ text: 'wait' }, { deadline: soon() }, ({ code }: { code: number }) => callback(code))
    },
    code: 4,
    serverCode: 1,
  },
  {
    name: 'unary that is cancelled',
    run({ client }, probe) {
      const call = client.unary({ text: 'wait' }, answered(probe))
      call.cancel()
    },
    code: 1,
    serverCode: null,
  },
  {
    name: 'a method that is not there',
    run({ client }, probe) {
      const callback = probe.callback()
      client.missing({ text: 'a' }, ({ code }: { code: number }) => callback(code))
    },
    method: 'Missing',
    code: 12,
  },
  { name: 'wrong arguments', run: ({ client }) => client.unary({ text: 'a' }), untraced: true },
  {
    name: 'a callback that throws',
    run({ client }, probe) {
      client.unary({ text: 'a' }, () => {
        throw new Error('from the callback')
      })
      return probe.unhandled()
    },
  },
  {
    name: 'a stream of requests',
    run({ client }, probe) {
      const call = client.collect(answered(probe))
      for (const text of ['a', 'b']) call.write({ text })
      call.end()
    },
    ...collect,
  },
  {
    name: 'an error to a stream of requests',
    run({ client }, probe) {
      const call = client.collect(answered(probe))
      call.write({ text: 'fail' })
      call.end()
    },
    ...collect,
    code: 5,
  },
  { name: 'a stream of answers', run: ({ client }, probe) => heard(probe, client.spread({ text: 'abc' })), ...spread },
  {
    name: 'an error to a stream of answers',
    run: ({ client }, probe) => heard(probe, client.spread({ text: 'fail' }), 'error'),
    ...spread,
    code: 5,
  },
  {
    name: 'a stream of answers that is cancelled',
    run({ client }, probe) {
      const call = client.spread({ text: 'wait' })
      let seen = 0
      call.on('data', () => {
        if (++seen === 4) call.cancel()
      })
      const error = probe.callback('error')
      call.on('error', ({ code }: { code: number }) => error(code))
    },
    ...spread,
    code: 1,
  },
  {
    name: 'a stream of answers that is late',
    run({ client }, probe) {
      const call = client.spread({ text: 'wait' }, { deadline: soon() })
      const error = probe.callback('error')
      call.on('data', () => {})
      call.on('error', ({ code }: { code: number }) => error(code))
    },
    ...spread,
    code: 4,
    serverCode: 1,
  },
  {
    name: 'both ways',
    run({ client }, probe) {
      const call = client.chat()
      heard(probe, call)
      for (const text of ['a', 'b']) call.write({ text })
      call.end()
    },
    ...chat,
  },
  {
    name: 'an error both ways',
    run({ client }, probe) {
      const call = client.chat()
      heard(probe, call, 'error')
      call.write({ text: 'fail' })
      call.end()
    },
    ...chat,
    code: 5,
  },
]
