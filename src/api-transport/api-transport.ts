// Where Datadog's API is and who asks: puts address, keys and the name of this client on requests, and takes the keys out of whatever
// comes back. How the bytes travel is the exchange's affair, when to try again that of the caller.

import type { RequestOptions } from 'node:http'
import type { ApiAddress } from './api-settings'
import { type ApiReply, type Exchange, ExchangeError } from './exchange'

/** A shorter key is none of Datadog's, and its letters may be those of any word. */
const MIN_KEY_LENGTH = 8

export interface ApiTransportSettings extends Omit<ApiAddress, 'isOwnHost'> {
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
      const reply = await this.#exchange.send(new URL(this.#base + path), {
        verb,
        headers: this.#headersOf(call),
        body,
        timeoutMs,
        signal,
      })
      return { ...reply, body: this.#withoutKeys(reply.body) }
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error
      const { failure, message, mayHaveArrived, code } = error
      throw new ExchangeError(failure, this.#withoutKeys(message), mayHaveArrived, { code, cause: code })
    }
  }

  /** The same for a thread that is no more than Node's own client: what `http.request` takes. */
  requestOptions(call: ApiCall): RequestOptions {
    const url = new URL(this.#base + call.path)
    return {
      method: call.verb,
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: url.pathname + url.search,
      headers: this.#headersOf(call),
    }
  }

  /** Of the proxy that requests at the exit go through. */
  get proxy(): string | undefined {
    return this.#settings.url.protocol === 'https:' ? this.#settings.proxy : undefined
  }

  takeBack(): boolean {
    return this.#exchange.takeBack?.() ?? false
  }

  close(): void {
    this.#exchange.close?.()
  }

  get #base(): string {
    return this.#settings.url.href.replace(/\/$/, '')
  }

  #headersOf({ headers, body, needsApplicationKey }: ApiCall): Record<string, string> {
    const { apiKey, applicationKey, userAgent } = this.#settings
    return {
      ...headers,
      ...(body !== undefined && { 'Content-Length': String(body.length) }),
      'User-Agent': userAgent,
      ...(apiKey !== undefined && { 'DD-API-KEY': apiKey }),
      ...(needsApplicationKey && applicationKey !== undefined && { 'DD-APPLICATION-KEY': applicationKey }),
    }
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
