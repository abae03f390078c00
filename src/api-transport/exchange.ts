// The extension point for how one request reaches Datadog's API and its answer comes back: without retries, keys or knowledge of what is
// sent. fetch-exchange.ts uses `fetch`; node-exchange.ts Node's own client, where connections must not keep the process or go by a proxy.

export interface ExchangeRequest {
  readonly verb: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  /** Of the whole exchange, to the last byte of the answer. */
  readonly timeoutMs: number
  /** Of the program, to give it up. */
  readonly signal?: AbortSignal | undefined
}

export interface ApiReply {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** `timeout`: no whole answer in time; `aborted`: the program gave it up; `network`: anything else that is no answer. */
export type ExchangeFailure = 'timeout' | 'aborted' | 'network'

/** No answer came. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError'

  /** What the system calls it: `ECONNREFUSED`. */
  readonly code: string | undefined

  constructor(
    readonly failure: ExchangeFailure,
    message: string,
    /** Whether the server may have taken the request all the same. */
    readonly mayHaveArrived: boolean,
    options: ErrorOptions & { readonly code?: string | undefined } = {},
  ) {
    super(message, options)
    this.code = options.code
  }
}

export interface Exchange {
  /**
   * Sends a request; resolves with whatever status it is answered. Redirects are answers.
   * @throws ExchangeError where no whole answer comes
   */
  send(url: URL, request: ExchangeRequest): Promise<ApiReply>
}

/** undici has limits of its own below ours. */
const TIMED_OUT = /^(?:ETIMEDOUT|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT)$/

/** Certificates that do not fit: another attempt meets the same. */
export const LASTING = /^(?:ERR_SSL_|ERR_TLS_|CERT_|DEPTH_|SELF_SIGNED_|UNABLE_TO_)/

/** With these codes no byte of the request was read by the server. */
const NEVER_CONNECTED =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ERR_SSL_\w+|ERR_TLS_\w+|CERT_\w+|DEPTH_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|ERR_PROXY_TUNNEL)$/

/**
 * What a client below threw.
 * @param hasBegun whether the request may have begun to leave the process
 */
export function exchangeErrorOf(thrown: unknown, hasBegun = true): ExchangeError {
  // `fetch failed` says nothing; why it did is in the cause.
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
  const { code, message }: { code?: unknown; message?: unknown } = cause instanceof Error ? cause : { message: cause }
  const name = typeof code === 'string' ? code : ''
  const why = name === '' || name.startsWith('ERR_PROXY') ? String(message) : name
  const mayHaveArrived = hasBegun && !NEVER_CONNECTED.test(name)
  const failure = TIMED_OUT.test(name) ? 'timeout' : 'network'
  return new ExchangeError(failure, why, mayHaveArrived, { code: name || undefined, cause: thrown })
}
