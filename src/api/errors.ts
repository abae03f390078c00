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

export interface ApiErrorParts {
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
  readonly status: number
  /** The API's own words; `HTTP 502` where it had none. */
  readonly errors: readonly string[]
  /** The answer as it came. */
  readonly body: string
  /** Of the request: `POST`. */
  readonly method: string
  /** Of the request, without its query. */
  readonly path: string
  readonly rateLimit: RateLimit | undefined
  /** What may help. */
  readonly advice: string | undefined

  constructor({ status, errors, body, method, path, rateLimit, advice }: ApiErrorParts) {
    const help = advice === undefined ? '' : `. ${advice}`
    super(`${method} ${path} was answered ${status}: ${errors.join('; ')}${help}`)
    this.status = status
    this.errors = errors
    this.body = body
    this.method = method
    this.path = path
    this.rateLimit = rateLimit
    this.advice = advice
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
  if (typeof value !== 'object' || value === null) return false
  return FAILURES.has(value)
}

/** An API may answer with a member `errors` of its own: `{"errors": []}` is a success of the intake of series. */
const FAILURES = new WeakSet<object>()

export function failureOf(errors: readonly string[]): ApiFailure {
  const failure = { errors: [...errors] }
  FAILURES.add(failure)
  return failure
}

/** The words of an answer that is no success: each API has its own place for them. */
export function errorTexts(body: unknown, status: number): string[] {
  const said = textsIn((body as { errors?: unknown } | null)?.errors)
  if (said.length > 0) return said
  const { error, message } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const other = [...textsIn(error), ...textsIn(message)]
  return other.length > 0 ? other : [`HTTP ${status}`]
}

/** `"text"`, `["text"]`, `[{title, detail}]`, `{code, message}`, `{id: ["text"]}`. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  if (Array.isArray(value)) return value.flatMap(textsIn)
  if (typeof value !== 'object' || value === null) return []
  const { title, detail, message } = value as Record<string, unknown>
  const said = [title, detail, message].filter((text) => typeof text === 'string' && text !== '')
  if (said.length > 0) return [said.join(': ')]
  return Object.values(value).flatMap(textsIn)
}
