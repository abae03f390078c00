// Exchanges by Node's own client: a connection that is kept for the next request, and does not keep the process unless that is asked for.
// Redirects are not followed, so that a key goes nowhere else.

import type { ClientRequest, Agent as HttpAgent, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { tunnelAgent } from '../base/tunnel-agent'
import { type ApiReply, type Exchange, type ExchangeRequest, exchangeErrorOf } from './exchange'
import { within } from './within'

/** A connection that was not used for so long is closed, before the other side does it while a request is on its way. */
const IDLE_MS = 4000

interface NodeExchangeSettings {
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
    let hasBegun = false
    const begin = () => {
      hasBegun = true
    }
    const talk = (stop: AbortSignal) =>
      new Promise<ApiReply>((resolve, reject) => {
        const fail = (error: Error) => reject(exchangeErrorOf(error, hasBegun))
        const request = http.request(url, {
          method: verb,
          headers: { 'Accept-Encoding': 'gzip, deflate', ...headers },
          agent: this.#agentFor(url, http),
          signal: stop,
        })
        this.#underWay = request
        request.on('error', fail)
        request.on('close', () => {
          if (this.#underWay === request) this.#underWay = undefined
        })
        request.on('socket', (socket) => {
          // The process may end while this is under way: its last flush waits for it, or takes it back.
          if (keepsProcess) socket.ref()
          else socket.unref()
          if (!socket.connecting && !(socket as TLSSocket & { secureConnecting?: boolean }).secureConnecting) begin()
          else socket.once(isSecure ? 'secureConnect' : 'connect', begin)
        })
        request.on('response', (response: IncomingMessage) => {
          const { statusCode: status = 0 } = response
          let text = ''
          response.on('error', fail)
          const plain = decompressed(response)
          plain.setEncoding('utf8')
          plain.on('data', (part: string) => {
            if (text.length < maxReplyLength) text += part
          })
          plain.on('error', fail)
          plain.on('end', () => resolve({ status, headers: response.headers, body: text }))
        })
        if (!request.destroyed) request.end(body)
      })
    return within({ timeoutMs, signal, keepsProcess, mayHaveArrived: () => hasBegun }, talk)
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
      agent = tunnelAgent(proxy, options, false)
    } else {
      agent = new http.Agent(options)
    }
    this.#agents.set(protocol, agent)
    return agent
  }
}

function decompressed(response: IncomingMessage): Readable {
  const { statusCode, headers } = response
  if (!/^(?:gzip|deflate)$/.test(headers['content-encoding'] ?? '') || statusCode === 204) return response
  const { createUnzip } = require('node:zlib') as typeof import('node:zlib')
  return response.pipe(createUnzip())
}
