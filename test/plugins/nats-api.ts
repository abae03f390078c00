// The NATS libraries' types, as far as the tests of the nats plugin use them, and what both majors spell differently.

import type { RunningService } from '../services'
import type { Library } from '../support/library'

export interface Headers {
  get(name: string): string
  set(name: string, value: string): void
  keys(): string[]
}

export interface Message {
  readonly subject: string
  readonly data: Uint8Array
  readonly headers?: Headers
  respond(data?: Uint8Array): boolean
}

export interface Subscription extends AsyncIterable<Message> {
  readonly closed?: Promise<unknown>
  unsubscribe(): void
}

export interface Connection {
  readonly info?: { readonly max_payload: number }
  publish(subject: string, data?: unknown, options?: object): void
  request(subject: string, data?: unknown, options?: object): Promise<Message>
  subscribe(subject: string, options?: object): Subscription
  flush(): Promise<void>
  close(): Promise<void>
}

interface Api {
  connect(options: object): Promise<Connection>
  headers(): Headers
}

export function connect(library: Library, { url }: RunningService): Promise<Connection> {
  return library.load<Api>().connect({ servers: new URL(url).host })
}

export function headersOf(library: Library, values: Readonly<Record<string, string>>): Headers {
  const headers = library.load<Api>().headers()
  for (const [name, value] of Object.entries(values)) headers.set(name, value)
  return headers
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function textOf({ data }: Message): string {
  return Buffer.from(data).toString()
}
