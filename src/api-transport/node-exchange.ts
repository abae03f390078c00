// Exchanges by Node's own client: a connection that is kept for the next request, and does not keep the process unless that is asked for.
// Redirects are not followed, so that a key goes nowhere else.

import type { ClientRequest, Agent as HttpAgent, IncomingMessage } from 'node:http'
import { later } from '../base/later'
import { type ApiReply, type Exchange, ExchangeError, type ExchangeRequest, NEVER_CONNECTED } from './exchange'

/** A connection that was not used for so long is closed, before the other side does it while a request is on its way. */
const IDLE_MS = 4000

export interface NodeExchangeSettings {
  /** Whether a request under way keeps the process; default: false. */
  readonly keepsProcess?: boolean | undefined
  /** Of a longer answer the rest is ignored; default: all is read. */
  readonly maxReplyLength?: number | undefined
  /** Of an HTTP proxy for what goes over TLS: `http://user:password@proxy:3128`. */
  readonly proxy?: string | undefined
}

export class NodeExchange implements Exchange {
  readonly #settings: NodeExchangeSettings
  readonly #agents = new Map<string, HttpAgent>()
  #underWay: ClientRequest | undefined

  constructor(settings: NodeExchangeSettings = {}) {
    this.#settings = settings
  }

  send(url: URL, { verb, headers, body, timeoutMs, signal }: ExchangeRequest): Promise<ApiReply> {
    const { keepsProcess = false, maxReplyLength = Number.POSITIVE_INFINITY } = this.#settings
    const isSecure = url.protocol === 'https:'
    // Loaded at the first request.
    const http = isSecure
      ? (require('node:https') as typeof import('node:https'))
      : (require('node:http') as typeof import('node:http'))
    const request = http.request(url, {
      method: verb,
      headers,
      agent: this.#agentFor(url, http),
      ...(signal && { signal }),
    })
    this.#underWay = request
    return new Promise<ApiReply>((resolve, reject) => {
      let hasBegun = false
      let isLate = false
      const fail = (error: NodeJS.ErrnoException) => {
        clearTimeout(deadline)
        const { code } = error
        const failure = isLate || code === 'ETIMEDOUT' ? 'timeout' : signal?.aborted ? 'aborted' : 'network'
        const why = isLate ? `no answer within ${timeoutMs} ms` : code?.startsWith('ERR_PROXY_') ? error.message : code
        const mayHaveArrived = hasBegun && !(code !== undefined && NEVER_CONNECTED.test(code))
        reject(new ExchangeError(failure, why ?? error.message, mayHaveArrived, { code, cause: error }))
      }
      const giveUp = () => {
        isLate = true
        request.destroy(new Error('timeout'))
      }
      const deadline = later('waiting for an answer', giveUp, timeoutMs)
      if (keepsProcess) deadline.ref()
      request.on('error', fail)
      request.on('socket', (socket) => {
        // The process may end while this is under way: its last flush waits for it, or takes it back.
        if (keepsProcess) socket.ref()
        else socket.unref()
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
          if (text.length < maxReplyLength) text += part
        })
        response.on('error', fail)
        response.on('end', () => {
          clearTimeout(deadline)
          resolve({ status, headers: response.headers, body: text })
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
    for (const agent of this.#agents.values()) agent.destroy()
    this.#agents.clear()
  }

  /** Made by the module of the scheme, which only then has been loaded. */
  #agentFor({ protocol }: URL, http: { Agent: typeof HttpAgent }): HttpAgent {
    let agent = this.#agents.get(protocol)
    if (agent !== undefined) return agent
    const options = { keepAlive: true, timeout: IDLE_MS }
    const { proxy } = this.#settings
    if (proxy !== undefined && protocol === 'https:') {
      const { TunnelAgent } = require('../base/tunnel-agent') as typeof import('../base/tunnel-agent')
      agent = new TunnelAgent(proxy, options)
    } else {
      agent = new http.Agent(options)
    }
    this.#agents.set(protocol, agent)
    return agent
  }
}
