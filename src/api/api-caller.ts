// Makes one call of Datadog's API: writes the request, tries again where that cannot do anything twice, and turns the answer into a value
// or one of the errors.

import type { ApiCall, ApiTransport } from '../api-transport/api-transport'
import { type ApiReply, ExchangeError, LASTING } from '../api-transport/exchange'
import { MAX_WAIT_MS, type RetryPolicy } from '../api-transport/retry-policy'
import { GIVEN_UP } from '../api-transport/within'
import type { Backoff } from './backoff'
import { ruleOf } from './endpoint-rules'
import { ApiError, ClientError, errorTexts, HttpTimeout, type RateLimit } from './errors'
import { parseExact, stringifyExact } from './exact-json'

export type Verb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Call {
  readonly verb: Verb
  /** Without the query. */
  readonly path: string
  /** Members that are undefined or null are left out. */
  readonly query?: Readonly<Record<string, unknown>> | undefined
  /** To be written as JSON; undefined for none. */
  readonly body?: unknown
  /** In its place: as it is sent. */
  readonly bytes?: { readonly bytes: Uint8Array; readonly headers: Readonly<Record<string, string>> }
  /** Whether the same may be sent twice. Default: for GET, PUT and DELETE. */
  readonly isIdempotent?: boolean
}

/** A success: the parsed body, null if it is empty, and what was answered by it. */
export interface Answer extends Pick<Call, 'verb' | 'path'> {
  readonly status: number
  readonly body: unknown
}

/** Which of the keys are there. */
export interface ApiKeys {
  readonly hasApiKey: boolean
  readonly hasApplicationKey: boolean
  /** Whether the server may do without both: it is none of Datadog's. */
  readonly mayLack: boolean
}

interface ApiCallerParts {
  readonly transport: ApiTransport
  readonly backoff: Backoff
  readonly policy: RetryPolicy
  /** Attempts after the first. */
  readonly maxRetries: number
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  readonly keys: ApiKeys
}

export class ApiCaller {
  readonly #parts: ApiCallerParts

  constructor(parts: ApiCallerParts) {
    this.#parts = parts
  }

  /**
   * @throws DatadogError of some kind, and TypeError where a key is missing
   */
  async call(call: Call): Promise<Answer> {
    const { backoff, policy, maxRetries } = this.#parts
    const request = this.#requestOf(call)
    this.#checkKeys(request)
    const isIdempotent = call.isIdempotent ?? /^(?:GET|PUT|DELETE)$/.test(call.verb)
    backoff.enter()
    for (let attempts = 1; ; attempts++) {
      const result = await this.#exchange(request)
      if (!(result instanceof ExchangeError)) backoff.answered()
      if (!(result instanceof ExchangeError) && result.status >= 200 && result.status < 300) {
        policy.succeeded()
        return { ...call, status: result.status, body: parsed(call, result) }
      }
      const delayMs = policy.askedDelayMs(result) ?? policy.delayMs(attempts)
      const isLast = attempts > maxRetries || delayMs > MAX_WAIT_MS || !mayRepeat(result, isIdempotent)
      if (isLast || !policy.takeRetry()) {
        throw this.#failureOf(result, call)
      }
      await this.#sleep(delayMs, call)
    }
  }

  #requestOf({ verb, path, query = {}, body, bytes }: Call): ApiCall {
    const { timeoutMs, signal } = this.#parts
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null)
    const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()
    const json = body === undefined ? undefined : Buffer.from(stringifyExact(body))
    return {
      verb,
      path: search === '' ? path : `${path}?${search}`,
      headers: bytes?.headers ?? (json === undefined ? {} : { 'Content-Type': 'application/json' }),
      body: bytes?.bytes ?? json,
      needsApplicationKey: ruleOf(verb, path).isIntake !== true,
      timeoutMs,
      signal,
    }
  }

  #exchange(request: ApiCall): Promise<ApiReply | ExchangeError> {
    return this.#parts.transport.send(request).catch((error: unknown) => {
      if (error instanceof ExchangeError) return error
      throw error
    })
  }

  async #sleep(ms: number, { verb, path }: Call): Promise<void> {
    const { sleep, signal } = this.#parts
    try {
      await sleep(ms, signal)
    } catch (error) {
      throw new ClientError(`${verb} ${path}: ${GIVEN_UP}`, 'aborted', { cause: error })
    }
  }

  #checkKeys({ needsApplicationKey }: ApiCall): void {
    const { hasApiKey, hasApplicationKey, mayLack } = this.#parts.keys
    if (!hasApiKey && !mayLack) {
      throw new TypeError('an API key is needed: new DogHttpApi({ apiKey }), or DD_API_KEY in the environment')
    }
    if (needsApplicationKey && !hasApplicationKey && (hasApiKey || !mayLack)) {
      throw new TypeError(
        'this call needs an application key as well: new DogHttpApi({ applicationKey }), or DD_APP_KEY in the environment',
      )
    }
  }

  #failureOf(result: ApiReply | ExchangeError, { verb, path }: Call): Error {
    const { address } = this.#parts.transport
    if (!(result instanceof ExchangeError)) {
      return new ApiError({
        status: result.status,
        errors: errorTexts(jsonOf(result.body), result.status),
        body: result.body,
        method: verb,
        path,
        rateLimit: rateLimitOf(result),
        advice: adviceFor(result.status, verb, path, address),
      })
    }
    const { failure, message, code, cause } = result
    const why = `${verb} ${path}: ${message}`
    if (failure === 'aborted') return new ClientError(why, failure, { cause })
    if (failure === 'network') return new ClientError(`${address}: ${message}`, code ?? failure, { cause })
    this.#parts.backoff.timedOut()
    return new HttpTimeout(`${why} from ${address}`, { cause })
  }
}

/** 429 says that nothing was done. A timeout has taken all the time that there was, and a certificate stays as it is. */
function mayRepeat(result: ApiReply | ExchangeError, isIdempotent: boolean): boolean {
  if (result instanceof ExchangeError) {
    const { failure, mayHaveArrived, code = '' } = result
    return failure === 'network' && (isIdempotent || !mayHaveArrived) && !LASTING.test(code)
  }
  return result.status === 429 || (isIdempotent && (result.status >= 500 || result.status === 408))
}

function parsed({ verb, path }: Call, { status, body }: ApiReply): unknown {
  if (body.trim() === '') return null
  const value = jsonOf(body)
  if (value !== undefined) return value
  const hint = 'is apiHost that of Datadog’s API?'
  throw new ClientError(`${verb} ${path} was answered ${status} by what is no JSON; ${hint}`, 'invalid_response', {
    status,
  })
}

/** Undefined where it is none, whatever its type claims. */
function jsonOf(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    return undefined
  }
}

function rateLimitOf({ headers }: ApiReply): RateLimit | undefined {
  const found: Record<string, unknown> = {}
  for (const name of ['limit', 'period', 'remaining', 'reset', 'name']) {
    const value = headers[`x-ratelimit-${name}`]
    if (typeof value !== 'string' || value === '') continue
    if (name === 'name') found[name] = value
    else if (Number.isFinite(Number(value))) found[name] = Number(value)
  }
  return Object.keys(found).length === 0 ? undefined : found
}

function adviceFor(status: number, verb: Verb, path: string, address: string): string | undefined {
  const { permission, instead } = ruleOf(verb, path)
  if (status === 401 || status === 403) {
    const right = permission === undefined ? '' : `, and has their owner the permission ${permission}`
    return `Are the keys those of the site ${address}${right}?`
  }
  if ((status === 404 || status === 410) && instead !== undefined) return `Datadog may have withdrawn this: ${instead}`
  if (status === 413) return 'Send less at once.'
  if (status >= 300 && status < 400) return 'Redirects are not followed: is apiHost right?'
  return undefined
}
