// Where Datadog's API is and who asks: puts address, keys and the name of this client on requests, and takes the keys out of whatever
// comes back. How the bytes travel is the exchange's affair, when to try again that of the caller.

import type { ApiAddress } from './api-settings'
import { type ApiReply, type Exchange, ExchangeError } from './exchange'

/** A shorter key is none of Datadog's, and its letters may be those of any word. */
const MIN_KEY_LENGTH = 8

interface ApiTransportSettings extends Omit<ApiAddress, 'isOwnHost'> {
  readonly applicationKey?: string | undefined
  /** Of a whole exchange. */
  readonly timeoutMs: number
}

export interface ApiCall {
  readonly verb: string
  /** With the query: `/api/v1/monitor?page=0`. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: Uint8Array | undefined
  /** Whether the application key goes along; it is kept from what only takes data. */
  readonly needsApplicationKey?: boolean | undefined
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export class ApiTransport {
  /** Where it goes to, for messages: without key, user and password. */
  readonly address: string
  readonly #settings: ApiTransportSettings
  readonly #exchange: Exchange

  constructor(settings: ApiTransportSettings, exchange: Exchange) {
    this.#settings = settings
    this.#exchange = exchange
    this.address = settings.url.host
  }

  /**
   * Makes one exchange; resolves with whatever status it is answered.
   * @throws ExchangeError where no answer comes in time
   */
  async send(call: ApiCall): Promise<ApiReply> {
    const { verb, path, body, signal, timeoutMs = this.#settings.timeoutMs } = call
    try {
      const reply = await this.#exchange.send(this.urlOf(path), {
        verb,
        headers: this.headersOf(call),
        body,
        timeoutMs,
        signal,
      })
      return { status: reply.status, headers: this.#cleanHeaders(reply.headers), body: this.#withoutKeys(reply.body) }
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error
      const { failure, message, mayHaveArrived } = error
      const code = error.code === undefined ? undefined : this.#withoutKeys(error.code)
      throw new ExchangeError(failure, this.#withoutKeys(message), mayHaveArrived, { code, cause: code })
    }
  }

  protected urlOf(path: string): URL {
    return new URL(this.#settings.url.href.replace(/\/$/, '') + path)
  }

  protected headersOf({ headers, body, needsApplicationKey }: ApiCall): Record<string, string> {
    const { apiKey, applicationKey, userAgent } = this.#settings
    return {
      ...headers,
      ...(body !== undefined && { 'Content-Length': String(body.length) }),
      'User-Agent': userAgent,
      ...(apiKey !== undefined && { 'DD-API-KEY': apiKey }),
      ...(needsApplicationKey && applicationKey !== undefined && { 'DD-APPLICATION-KEY': applicationKey }),
    }
  }

  #cleanHeaders(headers: ApiReply['headers']): ApiReply['headers'] {
    const clean = Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? this.#withoutKeys(value) : value,
    ])
    return Object.fromEntries(clean) as ApiReply['headers']
  }

  #withoutKeys(text: string): string {
    const { apiKey, applicationKey } = this.#settings
    let clean = text
    for (const key of [apiKey, applicationKey]) {
      if (key !== undefined && key.length >= MIN_KEY_LENGTH) clean = clean.replaceAll(key, '(key)')
    }
    return clean
  }
}
