// Exchanges by `fetch`: that of Node, or one that the program gives, with a dispatcher of undici's if it has one.

import { type ApiReply, type Exchange, type ExchangeRequest, exchangeErrorOf } from './exchange'
import { within } from './within'

interface FetchExchangeSettings {
  readonly fetch: typeof fetch
  /** Of undici: a `ProxyAgent`, a `Pool` with limits of one's own. */
  readonly dispatcher?: unknown
}

export class FetchExchange implements Exchange {
  readonly #settings: FetchExchangeSettings

  constructor(settings: FetchExchangeSettings) {
    this.#settings = settings
  }

  send(url: URL, { verb, headers, body, timeoutMs, signal }: ExchangeRequest): Promise<ApiReply> {
    const { fetch, dispatcher } = this.#settings
    // Somebody waits for it, so it keeps the process.
    const parts = { timeoutMs, signal, keepsProcess: true, mayHaveArrived: () => true }
    return within(parts, async (stop) => {
      const init = {
        method: verb,
        headers: { ...headers },
        redirect: 'manual',
        signal: stop,
        ...(body !== undefined && { body }),
        ...(dispatcher !== undefined && { dispatcher }),
      }
      try {
        const response = await fetch(url.href, init as RequestInit)
        const text = await response.text()
        return { status: response.status, headers: Object.fromEntries(response.headers), body: text }
      } catch (error) {
        throw exchangeErrorOf(error)
      }
    })
  }
}
