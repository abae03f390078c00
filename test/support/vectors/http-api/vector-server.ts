// The world of one vector: a real HTTP server on loopback that answers as the vector says, breaks off where it says that, and notes every
// request to the last byte; and a `fetch` that reaches it, or meets a port that refuses, a TLS that fails, a name that nobody knows.

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { selfSigned } from '../../certificate'
import { holdRefusingPort, listen, shut } from '../../loopback'
import type { Exchange, WireResponse } from './api-vector'
import { type Fault, faultOf, isBeforeServer } from './faults'
import { writeLong } from './long-integers'

export interface Received {
  readonly verb: string
  /** As on the wire. */
  readonly path: string
  /** Decoded, in the order of their names. */
  readonly query: readonly (readonly [name: string, value: string])[]
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** Inflated. */
  readonly text: string
  readonly sentBytes: number
}

/** Given to a request that the vector does not know: no client tries that again. */
const UNEXPECTED: WireResponse = { status: 400, body: { errors: ['the vector has no such request'] } }

/** Where instances of EC2 ask about themselves. */
const NO_MACHINE_OF_EC2 = '169.254.169.254'

/** Whether a request is that of an exchange: for those that may come in any order. */
type Match = (exchange: Exchange, request: Received) => boolean

export class VectorServer {
  /** All that were sent, those that met nobody as well. */
  readonly received: Received[] = []
  readonly #left: Exchange[]
  readonly #match: Match | undefined
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #server = createServer((request, response) => this.#take(request, response))
  readonly #closing: (() => Promise<void>)[] = []
  #url = ''

  /** @param match default: they come in their order */
  private constructor(exchanges: readonly Exchange[], match: Match | undefined) {
    this.#left = [...exchanges]
    this.#match = match
  }

  static async open(exchanges: readonly Exchange[], match?: Match): Promise<VectorServer> {
    const server = new VectorServer(exchanges, match)
    server.#url = `http://127.0.0.1:${await listen(server.#server)}`
    return server
  }

  get url(): string {
    return this.#url
  }

  /** In the place of those that are left. */
  expect(...exchanges: readonly Exchange[]): void {
    this.#left.splice(0, Number.POSITIVE_INFINITY, ...exchanges)
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    await shut(this.#server)
    for (const close of this.#closing) await close()
  }

  /** Whatever site of Datadog's is meant, it is this server that is asked. */
  readonly fetch: typeof fetch = async (input, init) => {
    const { hostname, pathname, search } = new URL(String(input))
    if (hostname === NO_MACHINE_OF_EC2) throw unreachable('EHOSTUNREACH', `connect EHOSTUNREACH ${hostname}`)
    const target = pathname + search
    const fault = faultOf(this.#left[0]?.transport)
    if (!isBeforeServer(fault)) return fetch(this.#url + target, init)
    this.#left.shift()
    const bytes = (init?.body as Uint8Array | undefined) ?? new Uint8Array()
    this.received.push(received(init?.method ?? 'GET', target, new Headers(init?.headers), bytes))
    if (fault === 'unconnected') return never(init?.signal)
    if (fault === 'dns') throw unreachable('ENOTFOUND', `getaddrinfo ENOTFOUND ${hostname}`)
    return fetch((await this.#nobody(fault)) + target, init)
  }

  /** @returns the URL of a server that cannot be talked to */
  async #nobody(fault: Fault): Promise<string> {
    if (fault === 'refused') {
      const { port, release } = await holdRefusingPort()
      this.#closing.push(release)
      return `http://127.0.0.1:${port}`
    }
    const server = createSecureServer(selfSigned())
    this.#closing.push(() => shut(server))
    return `https://127.0.0.1:${await listen(server)}`
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = []
    request.on('error', () => {}).on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = received(method, url, new Headers(headers as Record<string, string>), Buffer.concat(chunks))
      this.received.push(one)
      const at = this.#match === undefined ? 0 : this.#left.findIndex((exchange) => this.#match!(exchange, one))
      const [exchange = { response: UNEXPECTED }] = this.#left.splice(Math.max(at, 0), 1)
      this.#answer(exchange, response)
    })
  }

  #answer({ response: wanted, transport, serverDelayMs }: Exchange, response: ServerResponse): void {
    const fault = faultOf(transport)
    const answer = wanted ?? { status: 200, body: {} }
    const whole = answer.bodyText ?? (answer.body === undefined ? '' : writeLong(answer.body))
    const text = fault === 'cut' || fault === 'stalled' ? whole || '{"cut":true}' : whole
    if (fault === 'reset') response.socket?.resetAndDestroy()
    else if (fault === 'closed') response.socket?.destroy()
    else if (fault === 'cut' || fault === 'stalled') {
      response.writeHead(answer.status, { ...answer.headers, 'Content-Length': Buffer.byteLength(text) })
      response.write(Buffer.from(text).subarray(0, text.length >> 1), () => {
        if (fault === 'cut') this.#later(5, () => response.socket?.destroy())
      })
    } else if (fault !== 'silent' || serverDelayMs !== undefined) {
      const type = wanted?.body === undefined ? undefined : { 'Content-Type': 'application/json' }
      this.#later(serverDelayMs ?? 0, () => {
        if (!response.destroyed) response.writeHead(answer.status, { ...type, ...answer.headers }).end(text)
      })
    }
  }

  #later(ms: number, run: () => void): void {
    if (ms === 0) {
      run()
      return
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, ms)
    this.#timers.add(timer)
  }
}

function received(verb: string, target: string, headers: Headers, bytes: Uint8Array): Received {
  const [path = '', ...search] = target.split('?')
  const query = [...new URLSearchParams(search.join('?'))].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const text = Buffer.from(inflated(headers.get('content-encoding'), bytes)).toString()
  return { verb, path, query, headers: Object.fromEntries(headers), text, sentBytes: bytes.length }
}

/** @throws where a body is not of the encoding that it claims */
function inflated(encoding: string | null, bytes: Uint8Array): Uint8Array {
  if (encoding === null || encoding === 'identity') return bytes
  if (encoding === 'gzip') return gunzipSync(bytes)
  // A zlib stream, RFC 1950.
  if (encoding === 'deflate') return inflateSync(bytes)
  if (encoding === 'br') return brotliDecompressSync(bytes)
  throw new TypeError(`no server takes a body of encoding ${encoding}`)
}

/** Until it is given up. */
function never(signal: AbortSignal | null | undefined): Promise<Response> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason))
  })
}

/** As `fetch` says it. */
function unreachable(code: string, message: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) })
}
