// What calls of Datadog's API fail with: each error says what was wrong, and what may help. None holds a key, nor the query of a URL.

/** Of all of them; a mistake in the call itself is a `TypeError`. */
export class DatadogError extends Error {
  override readonly name: string = 'DatadogError'
}

/** What the headers of an answer say of the rate limit of its endpoint. */
export interface RateLimit {
  /** Requests in a period. */
  readonly limit?: number
  /** Its length in seconds. */
  readonly period?: number
  readonly remaining?: number
  /** Seconds until the next period. */
  readonly reset?: number
  readonly name?: string
}

interface ApiErrorParts {
  readonly status: number
  readonly errors: readonly string[]
  readonly body: string
  readonly method: string
  readonly path: string
  readonly rateLimit?: RateLimit | undefined
  readonly advice?: string | undefined
}

/** Datadog answered, but not with a success. */
export class ApiError extends DatadogError {
  override readonly name = 'ApiError'
  /** Of the answer: 403. */
  declare readonly status: number
  /** The API's own words; `HTTP 502` where it had none. */
  declare readonly errors: readonly string[]
  /** The answer as it came. */
  declare readonly body: string
  /** Of the request: `POST`. */
  declare readonly method: string
  /** Of the request, without its query. */
  declare readonly path: string
  declare readonly rateLimit: RateLimit | undefined
  /** What may help. */
  declare readonly advice: string | undefined

  constructor(parts: ApiErrorParts) {
    const { method, path, status, errors, advice } = parts
    super(`${method} ${path} was answered ${status}: ${errors.join('; ')}${advice === undefined ? '' : `. ${advice}`}`)
    Object.assign(this, parts)
  }
}

/**
 * No answer came, or one that is of no use. `code` is what the system calls it (`ECONNREFUSED`, `ENOTFOUND`), `aborted` where the program's
 * signal ended it, `invalid_response` where a success has not what it should have, else `network`.
 */
export class ClientError extends DatadogError {
  override readonly name = 'ClientError'

  constructor(
    message: string,
    readonly code: string,
    options: ErrorOptions & { readonly status?: number } = {},
  ) {
    super(message, options)
    if (options.status !== undefined) this.status = options.status
  }

  /** Of an answer that is of no use. */
  readonly status?: number
}

/** There was no whole answer in time. */
export class HttpTimeout extends DatadogError {
  override readonly name = 'HttpTimeout'
}

/** Nothing was sent: there had been too many timeouts, and Datadog is left alone for a while. */
export class HttpBackoff extends DatadogError {
  override readonly name = 'HttpBackoff'
}

/** What a call resolves with in the place of its value when `swallow` is on. */
export interface ApiFailure {
  readonly errors: readonly string[]
}

/**
 * Whether what a call resolved with is a failure.
 * @example
 * const tags = await api.hostTags('web-1')
 * if (isError(tags)) console.error(tags.errors)
 * else console.log(tags.join())
 */
export function isError(value: unknown): value is ApiFailure {
  return typeof value === 'object' && value !== null && FAILURE in value
}

/**
 * An API may answer with a member `errors` of its own: `{"errors": []}` is a success of the intake of series. The mark is the same in all
 * copies of this package.
 */
const FAILURE = Symbol.for('dd.api.failure')

export function failureOf(errors: readonly string[]): ApiFailure {
  return Object.defineProperty({ errors: [...errors] }, FAILURE, { value: true })
}

/** The words of an answer that is no success: each API has its own place for them. */
export function errorTexts(body: unknown, status: number): string[] {
  const said = textsIn((body as { errors?: unknown } | null)?.errors)
  if (said.length > 0) return said
  const { error, message } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const other = [...textsIn(error), ...textsIn(message)]
  return other.length > 0 ? other : [`HTTP ${status}`]
}

/** Deeper there are no words. */
const MAX_DEPTH = 10

/** `"text"`, `["text"]`, `[{title, detail}]`, `{code, message}`, `{id: ["text"]}`. */
function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return []
  if (Array.isArray(value)) return value.flatMap((one) => textsIn(one, depth + 1))
  const { title, detail, message } = value as Record<string, unknown>
  const said = [title, detail, message].filter((text) => typeof text === 'string' && text !== '')
  if (said.length > 0) return [said.join(': ')]
  return Object.values(value).flatMap((one) => textsIn(one, depth + 1))
}
