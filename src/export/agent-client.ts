// The way to the Agent: one keep-alive connection, on which one request after another goes and is answered within a deadline.
//
// Traces, stats and the question what the Agent can do share it. What every request says of this process is put in here; what
// an answer means is the caller's affair.

import type { EventEmitter } from 'node:events'
import type { ClientRequest, Agent as HttpAgent, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http'
import { later } from '../base/later'
import { quietly } from '../base/quietly'
import { containerHeaders } from './container-id'

const TIMEOUT_MS = 2000
/** The code of an exchange that took too long. */
export const TIMED_OUT = 'TIMEOUT'
/** Replies are small; of what exceeds this the rest is ignored. */
const MAX_REPLY_LENGTH = 1024 * 1024

/** Failures of the way to the Agent: nothing arrived, so sending again loses and doubles nothing. */
const NETWORK_CODES = new Set(['EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT'])

export interface AgentClientParts {
  /** `http:`, `https:` or `unix:`. */
  readonly url: URL
  readonly tracerVersion: string
  /** Passed on as `Datadog-External-Env`. */
  readonly externalEnv?: string | undefined
  readonly timeoutMs?: number | undefined
}

export interface AgentRequest {
  readonly method: 'GET' | 'PUT'
  /** Of the endpoint, `/v0.4/traces`. */
  readonly path: string
  readonly bytes?: Buffer
  readonly headers?: Readonly<Record<string, string | number>>
  /** On a connection of its own, which ends with it: nothing waits behind it, and the process does not stay for it. */
  readonly isApart?: boolean
}

export interface AgentReply {
  readonly status: number
  readonly body: string
  readonly headers: IncomingHttpHeaders
  /** Whether all of the request had left the process by then. */
  readonly isWritten: boolean
}

/** A request under way. */
export interface AgentExchange {
  /** Rejects with a `code` where there is no answer: one of the network's, or `TIMED_OUT`. */
  readonly reply: Promise<AgentReply>
  /** Whether all bytes of the request have left the process. */
  isWritten(): boolean
  /** The Agent sees the request cut off, and drops it. */
  abort(): void
  /** Makes the process stay for the answer, also to a request that is apart. */
  hold(): void
}

export class AgentClient {
  /** `Datadog-Agent-State` of the last reply: a hash of what the Agent can do. */
  state: string | undefined
  readonly #parts: AgentClientParts
  readonly #timeoutMs: number
  #agent: HttpAgent | undefined
  #fixedHeaders: Readonly<Record<string, string>> | undefined

  constructor(parts: AgentClientParts) {
    this.#parts = parts
    this.#timeoutMs = parts.timeoutMs ?? TIMEOUT_MS
  }

  /** For messages: without the user and the password that a URL may hold. */
  get address(): string {
    const { url } = this.#parts
    return `${url.protocol}//${url.host || url.pathname}`
  }

  /** What a request is for `http.request`: plain data, without the connection. */
  options({ method, path, headers, bytes }: AgentRequest): RequestOptions {
    const { url } = this.#parts
    this.#fixedHeaders ??= this.#describeProcess()
    const length = bytes === undefined ? {} : { 'Content-Type': 'application/msgpack', 'Content-Length': bytes.length }
    const common = { method, headers: { ...length, ...this.#fixedHeaders, ...headers } }
    if (url.protocol === 'unix:') return { ...common, socketPath: decodeURIComponent(url.pathname), path }
    return {
      ...common,
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: url.pathname.replace(/\/$/, '') + path,
    }
  }

  send(request: AgentRequest): AgentExchange {
    const isSecure = this.#parts.url.protocol === 'https:'
    // Loaded at the first request.
    const http = isSecure
      ? (require('node:https') as typeof import('node:https'))
      : (require('node:http') as typeof import('node:http'))
    if (request.isApart !== true) this.#agent ??= new http.Agent({ keepAlive: true, maxSockets: 1 })
    const agent = request.isApart === true ? false : this.#agent
    const outgoing = http.request({ ...this.options(request), agent })
    // Whatever else goes wrong, its errors are no exceptions of the program's, and it does not keep the connection.
    outgoing.on('error', () => {})
    try {
      return this.#exchange(outgoing, request)
    } catch (fault) {
      outgoing.destroy()
      throw fault
    }
  }

  #exchange(outgoing: ClientRequest, request: AgentRequest): AgentExchange {
    const reply = this.#replyTo(outgoing)
    let isHeld = request.isApart !== true
    outgoing.on('socket', (socket) =>
      quietly('letting the process end', () => {
        if (!isHeld) socket.unref()
      }),
    )
    outgoing.end(request.bytes)
    return {
      reply,
      isWritten: () => outgoing.writableFinished,
      abort: () => outgoing.destroy(),
      hold() {
        isHeld = true
        outgoing.socket?.ref()
      },
    }
  }

  /** Closes the connection; a later request opens another one. */
  close(): void {
    this.#agent?.destroy()
    this.#agent = undefined
  }

  #replyTo(outgoing: ClientRequest): Promise<AgentReply> {
    return new Promise((resolve, reject) => {
      let deadline: NodeJS.Timeout | undefined
      const fail = (error: unknown) => {
        clearTimeout(deadline)
        reject(error)
      }
      /** Listens so that a fault of ours is a failed exchange, not the program's uncaught exception. */
      const on = <A extends unknown[]>(emitter: EventEmitter, event: string, step: (...args: A) => void) => {
        emitter.on(event, (...args) => {
          try {
            step(...(args as A))
          } catch (fault) {
            fail(fault)
            outgoing.destroy()
          }
        })
      }
      // A hanging Agent must not hold up the exit: the whole exchange has one deadline, from when it has the connection.
      const expire = () => {
        outgoing.destroy(Object.assign(new Error(`no answer within ${this.#timeoutMs} ms`), { code: TIMED_OUT }))
      }
      outgoing.on('socket', () =>
        quietly('setting a timer', () => {
          deadline = later('waiting for the Agent', expire, this.#timeoutMs)
        }),
      )
      outgoing.on('error', fail)
      on(outgoing, 'response', (response: IncomingMessage) => {
        const { headers, statusCode: status = 0 } = response
        let body = ''
        response.setEncoding('utf8')
        on(response, 'data', (part: string) => {
          if (body.length < MAX_REPLY_LENGTH) body += part
        })
        response.on('error', fail)
        on(response, 'end', () => {
          clearTimeout(deadline)
          const state = headers['datadog-agent-state']
          if (typeof state === 'string') this.state = state
          resolve({ status, body, headers, isWritten: outgoing.writableFinished })
        })
      })
    })
  }

  /** Source: datadog-agent, pkg/trace/api: the headers of its endpoints. */
  #describeProcess(): Record<string, string> {
    const { tracerVersion, externalEnv } = this.#parts
    return {
      'Datadog-Meta-Lang': 'nodejs',
      'Datadog-Meta-Lang-Version': process.version,
      'Datadog-Meta-Lang-Interpreter': 'v8',
      'Datadog-Meta-Tracer-Version': tracerVersion,
      ...(externalEnv === undefined ? {} : { 'Datadog-External-Env': externalEnv }),
      ...containerHeaders(),
    }
  }
}

/** Whether a request that failed so may be sent again. */
export function isNetworkFailure(error: NodeJS.ErrnoException): boolean {
  return error.code !== undefined && NETWORK_CODES.has(error.code)
}

/** The Agent has taken what was sent. */
export function isTaken(status: number): boolean {
  return status >= 200 && status < 300
}
