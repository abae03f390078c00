// The format of the vectors of the HTTP API, as test/vectors/http-api.json tells it in its `conventions`: calls of methods, what must be on the
// wire, what is answered, and what the call must come to. Fields that only document are listed, so that others can be told from them.

import { NotFollowed } from '../vector-case'

export interface WireRequest {
  readonly verb: string
  /** As on the wire. */
  readonly path: string
  /** Decoded; a list where a name comes several times. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** In its place where it has long integers. */
  readonly bodyText?: string
}

export interface WireResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Sent byte for byte. */
  readonly bodyText?: string
}

export interface Exchange {
  readonly request?: WireRequest | null
  readonly response?: WireResponse
  /** What the network does in the place of an answer, or on the way to it. */
  readonly transport?: string
  readonly serverDelayMs?: number
}

/** What a call comes to. */
export interface Wanted {
  readonly returns?: unknown
  /** The class of an error, or its class as `kind` and some of its members. */
  readonly throws?: string | Readonly<Record<string, unknown>>
  /** `length`: of `errors` only how many there are. */
  readonly match?: string
  readonly requests?: number
  readonly sleepsMs?: readonly unknown[]
}

export interface CallVector extends Exchange, Wanted {
  readonly id: string
  readonly method: string
  readonly args?: readonly unknown[]
  readonly variant?: string
  readonly auth?: string
  readonly client?: Readonly<Record<string, unknown>>
  readonly exchanges?: readonly Exchange[]
  readonly unordered?: boolean
  readonly note?: string
  readonly recommended?: Wanted & { readonly swallowTrue?: Wanted; readonly swallowFalse?: Wanted }
}

/** Of the client, and of time: `conventions.client`. */
export type ClientSettings = Readonly<Record<string, unknown>>

const WANTED = ['returns', 'throws', 'match', 'requests', 'sleepsMs']
const EXCHANGE = ['request', 'response', 'transport', 'serverDelayMs']
const CALL = [...WANTED, ...EXCHANGE, 'id', 'method', 'args', 'variant', 'auth', 'client', 'exchanges', 'unordered']
/** They say where a vector is from, and what the original client did. */
const DOCUMENTS =
  /^(?:py[A-Z]\w*|python|original|evidence|confidence|note|notes|about|title|description|rule|source|why)$/

/** @throws NotFollowed for a field that is neither known nor documents something */
export function checkFields(what: string, fields: object, known: readonly string[]): void {
  const unknown = Object.keys(fields).filter((name) => !known.includes(name) && !DOCUMENTS.test(name))
  if (unknown.length > 0) throw new NotFollowed(`${what} has ${unknown.join(', ')}, which is not understood`)
}

/** @throws NotFollowed for whatever is not understood at any place of the vector */
export function checkCall(vector: CallVector): void {
  checkFields('the vector', vector, [...CALL, 'recommended'])
  for (const exchange of [vector, ...(vector.exchanges ?? [])]) {
    if (exchange !== vector) checkFields('an exchange', exchange, EXCHANGE)
    if (exchange.request)
      checkFields('a request', exchange.request, ['verb', 'path', 'query', 'headers', 'body', 'bodyText'])
    if (exchange.response) checkFields('a response', exchange.response, ['status', 'headers', 'body', 'bodyText'])
  }
  const { recommended, auth } = vector
  if (recommended) checkFields('recommended', recommended, [...WANTED, 'swallowTrue', 'swallowFalse'])
  for (const wanted of [recommended?.swallowTrue, recommended?.swallowFalse]) {
    if (wanted) checkFields('recommended', wanted, WANTED)
  }
  if (auth !== undefined && !['api', 'api+app', 'none'].includes(auth)) {
    throw new NotFollowed(`auth is ${JSON.stringify(auth)}, which is not understood`)
  }
}
