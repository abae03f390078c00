// A real HTTP server on loopback that answers as a test says, also badly, and keeps what it was asked: for clients of HTTP APIs.

import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gunzipSync, inflateSync } from 'node:zlib'
import type { Certificate } from './certificate'

export interface Asked {
  readonly verb: string
  /** Without the query, as it was on the wire. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
  /** Decompressed. */
  readonly text: string
  /** Parsed; undefined for none. */
  readonly body: unknown
  /** As it was sent. */
  readonly sentBytes: number
}

/** `json` is written as JSON, `text` as it is; default: status 200 and `{}`. */
export interface Reply {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly json?: unknown
  readonly text?: string | Buffer
}

/**
 * `hang`: no answer; `cut`: the connection is cut off once all was read; `cut body`: in the middle of the answer; `trickle`: its first half,
 * and then nothing more.
 */
export type Manner = Reply | 'hang' | 'cut' | 'cut body' | 'trickle' | ((asked: Asked) => Manner)

export class ScriptedServer {
  readonly asked: Asked[] = []
  /** Of the requests to come, in their order. */
  readonly manners: Manner[] = []
  /** Of those after them. */
  always: Manner = {}
  /** That were opened. */
  connections = 0
  readonly #server: Server
  readonly #scheme: string
  readonly #waiting: { count: number; resolve: () => void }[] = []

  /** @param certificate for a server that is asked over TLS */
  constructor(certificate?: Certificate) {
    const take = (request: IncomingMessage, response: ServerResponse) => void this.#take(request, response)
    this.#scheme = certificate === undefined ? 'http' : 'https'
    this.#server = certificate === undefined ? createServer(take) : createSecureServer(certificate, take)
    this.#server.on('connection', () => this.connections++)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get host(): string {
    return `127.0.0.1:${this.port}`
  }

  get url(): string {
    return `${this.#scheme}://${this.host}`
  }

  /** Of the last request. */
  get body(): Record<string, unknown> {
    return this.asked.at(-1)?.body as Record<string, unknown>
  }

  /** `GET /api/v1/monitor` of each request. */
  get lines(): string[] {
    return this.asked.map(({ verb, path }) => `${verb} ${path}`)
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  /** Resolves when so many requests have come. */
  async until(count: number): Promise<void> {
    if (this.asked.length >= count) return
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }))
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    response.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    await once(request, 'end')
    const sent = Buffer.concat(chunks)
    const encoding = request.headers['content-encoding']
    const raw = encoding === 'gzip' ? gunzipSync(sent) : encoding === 'deflate' ? inflateSync(sent) : sent
    const text = raw.toString()
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server')
    const asked: Asked = {
      verb: request.method ?? '',
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: request.headers,
      text,
      body: text === '' ? undefined : parsed(text),
      sentBytes: sent.length,
    }
    this.asked.push(asked)
    for (const { count, resolve } of this.#waiting) if (this.asked.length >= count) resolve()
    this.#answer(asked, this.manners.shift() ?? this.always, response)
  }

  #answer(asked: Asked, manner: Manner, response: ServerResponse): void {
    if (manner === 'hang') return
    if (typeof manner === 'function') {
      this.#answer(asked, manner(asked), response)
      return
    }
    if (manner === 'cut') {
      response.destroy()
      return
    }
    if (manner === 'cut body' || manner === 'trickle') {
      response.writeHead(200, { 'Content-Length': '100' }).write('{"half":', () => {
        if (manner === 'cut body') response.destroy()
      })
      return
    }
    const { status = 200, headers, json = {}, text = JSON.stringify(json) } = manner
    response.writeHead(status, headers).end(status === 204 ? undefined : text)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export async function startScriptedServer(certificate?: Certificate): Promise<ScriptedServer> {
  const server = new ScriptedServer(certificate)
  await server.listen()
  return server
}
