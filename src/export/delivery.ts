// Sends a request until the Agent has answered it: again after a wait if the network failed, which loses and doubles nothing, and
// not if the Agent was reached and did not answer in time. One request at a time.

import { later } from '../base/later'
import {
  type AgentClient,
  type AgentExchange,
  type AgentReply,
  type AgentRequest,
  isNetworkFailure,
  TIMED_OUT,
} from './agent-client'

/** Waits before the second and third attempt. */
const RETRY_DELAYS_MS = [500, 2000]

export class Delivery {
  /** Whether the last exchange took too long. */
  hangs = false
  /** While more than none, nothing is tried again: the process is about to end. */
  lastChances = 0
  /** Why the last attempt failed, while none has succeeded since. */
  lastFailure: string | undefined
  readonly #client: AgentClient
  readonly #retryDelaysMs: readonly number[]
  /** The attempt under way. */
  #exchange: AgentExchange | undefined
  /** Cuts the wait before a retry short. */
  #hurry: (() => void) | undefined
  #isTakenBack = false

  constructor(client: AgentClient, retryDelaysMs: readonly number[] = RETRY_DELAYS_MS) {
    this.#client = client
    this.#retryDelaysMs = retryDelaysMs
  }

  /** Rejects with the error of the last attempt. */
  async send(request: AgentRequest): Promise<AgentReply> {
    this.#isTakenBack = false
    for (let attempt = 0; ; attempt++) {
      try {
        this.#exchange = this.#client.send(request)
        const reply = await this.#exchange.reply
        this.hangs = false
        this.lastFailure = undefined
        return reply
      } catch (reason) {
        if (this.#isTakenBack) throw reason
        const error = reason as NodeJS.ErrnoException
        this.#exchange = undefined
        this.hangs = error.code === TIMED_OUT
        this.lastFailure = error.code ?? error.message
        const delayMs = this.#retryDelaysMs[attempt]
        if (delayMs === undefined || this.lastChances > 0 || !isNetworkFailure(error)) throw error
        await this.#wait(delayMs)
        if (this.#isTakenBack) throw error
      }
    }
  }

  /** Does not wait any longer before it tries again. */
  hurry(): void {
    this.#hurry?.()
  }

  /** Stops sending; false if that is too late, because all of the request has left the process. */
  takeBack(): boolean {
    if (this.#exchange?.isWritten() === true) return false
    this.#isTakenBack = true
    this.#exchange?.abort()
    this.#hurry?.()
    return true
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#hurry = undefined
        resolve()
      }
      const timer = later('waiting for the Agent', done, ms)
      this.#hurry = done
    })
  }
}
