// Takes the sampling rates out of the Agent's replies, and remembers their version, so that the Agent need not repeat them.

import { log } from '../base/log'
import type { AgentReply } from './agent-client'

const VERSION = 'Datadog-Rates-Payload-Version'

/** Takes rates by service; false asks for the same once more. */
export type OnRates = (rates: Readonly<Record<string, number>>) => boolean | undefined

export class RatesReply {
  #version: string | undefined

  constructor(private readonly onRates: OnRates) {}

  /** Of the next payload. */
  get headers(): Record<string, string> {
    return this.#version === undefined ? {} : { [VERSION]: this.#version }
  }

  /** A reply without rates (legal: `{}`, or the text OK of an old Agent) leaves the ones known in force. */
  read({ body, headers }: AgentReply): void {
    try {
      const { rate_by_service: rates } = JSON.parse(body) as { rate_by_service?: Record<string, number> }
      if (typeof rates !== 'object' || rates === null) return
      const isWhole = this.onRates(rates) !== false
      const version = headers[VERSION.toLowerCase()]
      // To whom the Agent knows to be up to date it sends none.
      this.#version = isWhole && typeof version === 'string' ? version : undefined
    } catch {
      log.debug('the Agent answered without rates')
    }
  }
}
