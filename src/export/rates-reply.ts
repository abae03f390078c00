// Takes the sampling rates out of the Agent's replies, and remembers their version, so that the Agent need not repeat them.

import { log } from '../base/log'
import { quietly } from '../base/quietly'
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
    const rates = ratesIn(body)
    if (rates === undefined) return
    const isWhole = quietly('taking the rates of the Agent', () => this.onRates(rates) ?? true)
    const version = headers[VERSION.toLowerCase()]
    // To whom the Agent knows to be up to date it sends none.
    this.#version = isWhole === true && typeof version === 'string' ? version : undefined
  }
}

function ratesIn(body: string): Readonly<Record<string, number>> | undefined {
  try {
    const { rate_by_service: rates } = JSON.parse(body) as { rate_by_service?: Record<string, number> | null }
    return typeof rates === 'object' && rates !== null ? rates : undefined
  } catch {
    log.debug('the Agent answered without rates')
    return undefined
  }
}
