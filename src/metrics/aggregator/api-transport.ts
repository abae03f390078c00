// Posts to Datadog's API with Node's own client: a connection that is kept for the next body, but does not keep the process. Redirects are
// not followed, so that the key goes nowhere else.

import type { ClientRequest, Agent as HttpAgent, IncomingMessage, RequestOptions } from 'node:http'
import { arch, platform } from 'node:os'
import { later } from '../../base/later'
import { PostError, type PostReply, type SeriesTransport } from './series-transport'

/** A connection that was not used for so long is closed, before the other side does it while a request is on its way. */
const IDLE_MS = 4000
/** Replies are small; of what exceeds this the rest is ignored. */
const MAX_REPLY_LENGTH = 64 * 1024

export interface ApiTransportSettings {
  /** `https://api.datadoghq.com`, or with a path and a port. */
  readonly url: URL
  readonly apiKey: string | undefined
  /** Of a whole exchange. */
  readonly timeoutMs: number
}

export class ApiTransport implements SeriesTransport {
  readonly address: string
  readonly #settings: ApiTransportSettings
  #agent: HttpAgent | undefined
  #underWay: ClientRequest | undefined

  constructor(settings: ApiTransportSettings) {
    this.#settings = settings
    this.address = settings.url.host
  }

  requestOptions(path: string, body: Uint8Array, headers: Readonly<Record<string, string>>): RequestOptions {
    const { url, apiKey } = this.#settings
    return {
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: url.pathname.replace(/\/$/, '') + path,
      headers: {
        ...headers,
        'Content-Length': body.length,
        'User-Agent': `dd-node (node ${process.version}; os ${platform()}; arch ${arch()})`,
        ...(apiKey !== undefined && { 'DD-API-KEY': apiKey }),
      },
    }
  }

  post(path: string, body: Uint8Array, headers: Readonly<Record<string, string>>): Promise<PostReply> {
    const isSecure = this.#settings.url.protocol === 'https:'
    // Loaded at the first request.
    const http = isSecure
      ? (require('node:https') as typeof import('node:https'))
      : (require('node:http') as typeof import('node:http'))
    this.#agent ??= new http.Agent({ keepAlive: true, timeout: IDLE_MS })
    const request = http.request({ ...this.requestOptions(path, body, headers), agent: this.#agent })
    this.#underWay = request
    return new Promise<PostReply>((resolve, reject) => {
      let hasBegun = false
      const { timeoutMs } = this.#settings
      const fail = (error: NodeJS.ErrnoException) => {
        clearTimeout(deadline)
        reject(new PostError(this.#withoutKey(error.code ?? error.message), hasBegun, { cause: error.code }))
      }
      const deadline = later(
        'posting metrics',
        () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)),
        timeoutMs,
      )
      request.on('error', fail)
      request.on('socket', (socket) => {
        // The process may end while this is under way: its last flush waits for it, or takes it back.
        socket.unref()
        const begin = () => {
          hasBegun = true
        }
        if (!socket.connecting) begin()
        else socket.once(isSecure ? 'secureConnect' : 'connect', begin)
      })
      request.on('response', (response: IncomingMessage) => {
        const { statusCode: status = 0 } = response
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => {
          if (text.length < MAX_REPLY_LENGTH) text += part
        })
        response.on('error', fail)
        response.on('end', () => {
          clearTimeout(deadline)
          resolve({ status, headers: response.headers, body: this.#withoutKey(text) })
        })
      })
      request.end(body)
    }).finally(() => {
      this.#underWay = undefined
    })
  }

  takeBack(): boolean {
    const request = this.#underWay
    if (request === undefined || request.writableFinished) return false
    request.destroy()
    return true
  }

  close(): void {
    this.#agent?.destroy()
    this.#agent = undefined
  }

  #withoutKey(text: string): string {
    const { apiKey } = this.#settings
    return apiKey === undefined ? text : text.replaceAll(apiKey, '(key)')
  }
}
