// Exchanges by `fetch`: that of Node, or one that the program gives, with a dispatcher of undici's if it has one.

import { type ApiReply, type Exchange, ExchangeError, type ExchangeRequest, NEVER_CONNECTED } from './exchange'

export interface FetchExchangeSettings {
  readonly fetch: typeof fetch
  /** Of undici: a `ProxyAgent`, a `Pool` with limits of one's own. */
  readonly dispatcher?: unknown
}

/** undici has limits of its own below ours. */
const TIMEOUT_CODES = /^(?:ETIMEDOUT|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT)$/

export class FetchExchange implements Exchange {
  readonly #settings: FetchExchangeSettings

  constructor(settings: FetchExchangeSettings) {
    this.#settings = settings
  }

  async send(url: URL, { verb, headers, body, timeoutMs, signal }: ExchangeRequest): Promise<ApiReply> {
    const { fetch, dispatcher } = this.#settings
    const deadline = AbortSignal.timeout(timeoutMs)
    const init = {
      method: verb,
      headers: { ...headers },
      redirect: 'manual',
      signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
      ...(body !== undefined && { body }),
      ...(dispatcher !== undefined && { dispatcher }),
    }
    try {
      const response = await fetch(url.href, init as RequestInit)
      const text = await response.text()
      return { status: response.status, headers: Object.fromEntries(response.headers), body: text }
    } catch (error) {
      throw failureOf(error, deadline.aborted ? timeoutMs : undefined, signal?.aborted === true)
    }
  }
}

/** @param lateMs the time that was given, if it is over */
function failureOf(error: unknown, lateMs: number | undefined, isAborted: boolean): ExchangeError {
  if (isAborted) return new ExchangeError('aborted', 'it was given up by the program', true, { code: 'aborted' })
  if (lateMs !== undefined) return new ExchangeError('timeout', `no answer within ${lateMs} ms`, true, { cause: error })
  // `fetch failed` says nothing; why it did is in the cause.
  const { cause } = error as { cause?: unknown }
  const reason = (cause instanceof Error ? cause : error) as NodeJS.ErrnoException
  const { code } = reason
  const failure = code !== undefined && TIMEOUT_CODES.test(code) ? 'timeout' : 'network'
  const mayHaveArrived = code === undefined || !NEVER_CONNECTED.test(code)
  return new ExchangeError(failure, code ?? String(reason.message), mayHaveArrived, { code, cause: error })
}
