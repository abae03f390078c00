// Plays a vector of what the intake takes: the shape of a body, how much of it goes into one, how it is compressed, and which times are of use.
// Vectors of this section have few fields in common, so each kind is known by the fields that it has.

import { ApiError, type DogHttpApi } from '../../../../src/api'
import { METHODS } from '../../../../src/api/api-methods'
import { ENDPOINTS } from '../../../../src/api-transport/api-endpoints'
import { NotFollowed } from '../vector-case'
import { type CallVector, type ClientSettings, checkFields, type Exchange, type WireResponse } from './api-vector'
import { outcomeDifference, requestDifference, show } from './compare-call'
import { parseLong } from './long-integers'
import { playCall } from './play-call'
import { limitsDifference, type SplitVector, splitDifference } from './play-split'
import { inEnvironment, optionsOf, vectorClient, withLog } from './vector-client'
import { VectorServer } from './vector-server'

type Fields = Readonly<Record<string, unknown>>

export interface PayloadVector extends Fields {
  readonly id: string
}

interface ShapeVector {
  /** `POST /api/v2/series`. */
  readonly endpoint: string
  readonly auth?: string
  readonly body?: unknown
  readonly answer?: WireResponse
  readonly answers?: readonly WireResponse[]
  readonly limits?: { readonly bodyBytes?: number; readonly inflatedBytes?: number }
  /** Numbers of types by their names. */
  readonly types?: Readonly<Record<string, number>>
  readonly encoding?: unknown
  readonly contentEncoding?: unknown
  readonly encodings?: unknown
}

interface TimesVector {
  readonly rule?: string
  readonly now?: number
  readonly accepted?: readonly number[]
  readonly dropped?: readonly number[]
  readonly value?: number
  readonly values?: readonly number[]
}

/** @returns what is wrong; undefined where nothing is */
export async function playPayload(vector: PayloadVector, conventions: ClientSettings): Promise<string | undefined> {
  const has = (...names: string[]) => names.some((name) => name in vector)
  if (has('method')) return playCall(vector as unknown as CallVector, conventions)
  if (
    has('accepted', 'dropped') ||
    (has('value', 'values') && /timestamp|time\b|second/i.test(String(vector['rule'])))
  ) {
    return playTimes(vector as TimesVector, conventions)
  }
  if (has('series', 'input') && has('maxBytes', 'limit', 'limitBytes', 'maxBodyBytes')) {
    return splitDifference(vector as unknown as SplitVector, conventions)
  }
  if (typeof vector['endpoint'] === 'string') return playShape(vector as unknown as ShapeVector, conventions)
  const fields = Object.keys(vector).filter((name) => name !== 'id')
  throw new NotFollowed(`what ${fields.join(', ')} mean together is not understood`)
}

/** Datadog drops points without a word; the client says it. */
async function playTimes(vector: TimesVector, conventions: ClientSettings): Promise<string | undefined> {
  checkFields('the vector', vector, ['id', 'now', 'accepted', 'dropped', 'value', 'values'])
  const { now = Number(conventions['now']), accepted = [], dropped = [], value, values = [] } = vector
  const warned = [...dropped, ...values, ...(value === undefined ? [] : [value])]
  return withLog((lines) =>
    onServer(conventions, now, async (api, server) => {
      for (const [time, isWarned] of [
        ...accepted.map((time) => [time, false]),
        ...warned.map((time) => [time, true]),
      ] as [number, boolean][]) {
        lines.length = 0
        const sent = server.received.length
        server.expect({ response: { status: 202, body: { status: 'ok' } } })
        // Warnings of one metric come once a minute.
        await api.metric(`vector.${time}`, [[time, 1]])
        if (server.received.length !== sent + 1) return `a point of ${time} was not sent`
        if (lines.length > 0 !== isWarned) {
          return `of a point of ${time} ${isWarned ? 'there is no warning' : `there is a warning: ${lines.join()}`}`
        }
        if (time > 1e11 && !/milliseconds/.test(lines.join())) return `the warning is ${lines.join()}`
      }
      return undefined
    }),
  )
}

async function playShape(vector: ShapeVector, conventions: ClientSettings): Promise<string | undefined> {
  const known = [
    'id',
    'endpoint',
    'auth',
    'body',
    'answer',
    'answers',
    'limits',
    'types',
    'encoding',
    'contentEncoding',
    'encodings',
  ]
  checkFields('the vector', vector, known)
  const { endpoint, auth, body, answer, answers = answer === undefined ? [] : [answer], limits, types } = vector
  if (answers.length === 0 && body === undefined && limits === undefined)
    throw new NotFollowed('it has no body and no answer')
  const [verb = '', path = ''] = endpoint.split(' ')
  if (!path.startsWith('/')) throw new NotFollowed(`${path} is at a host that the client does not ask`)
  const { apiKey, applicationKey } = optionsOf(conventions)
  for (const response of answers.length > 0 ? answers : [{ status: 202, body: { status: 'ok' } }]) {
    const exchange: Exchange = { request: { verb, path, body }, response }
    const wrong = await withLog(() =>
      onServer(conventions, Number(conventions['now']), async (api, server) => {
        server.expect(exchange)
        const outcome = await send(api, verb, path, body).then(
          (returned) => ({ returned }),
          (thrown: unknown) => ({ thrown }),
        )
        const [one] = server.received
        if (one === undefined || server.received.length > 1) return `expected 1 request, got ${server.received.length}`
        const keys = { apiKey, applicationKey, auth: auth ?? (isIntake(path) ? 'api' : undefined) }
        return requestDifference(exchange.request!, one, keys) ?? answerDifference(response, outcome)
      }),
    )
    if (wrong !== undefined) return wrong
  }
  for (const [name, type] of Object.entries(types ?? {})) {
    const wrong = await playShape({ endpoint, auth, body: withType(body, type), answers }, conventions)
    if (wrong !== undefined) return `type ${name}: ${wrong}`
  }
  const encodings = [vector.encoding, vector.contentEncoding, vector.encodings]
    .flat()
    .filter((one) => one !== undefined)
  if (limits === undefined && encodings.length === 0) return undefined
  checkFields('limits', limits ?? {}, ['bodyBytes', 'inflatedBytes'])
  return limitsDifference({ verb, path, body, limits: limits ?? {}, encodings }, conventions)
}

function answerDifference(
  { status, body, bodyText }: WireResponse,
  outcome: { returned: unknown } | { thrown: unknown },
) {
  const value = bodyText === undefined ? body : parseLong(bodyText)
  if (status < 300) return outcomeDifference({ returns: value }, outcome, true)
  const errors = (value as { errors?: unknown } | undefined)?.errors
  const wrong = outcomeDifference(
    { throws: { kind: 'ApiError', status, ...(errors !== undefined && { errors }) } },
    outcome,
    true,
  )
  return wrong ?? ('thrown' in outcome && outcome.thrown instanceof ApiError ? undefined : 'it is no ApiError')
}

/** By the method that sends it, or the one for what has no method. */
function send(api: DogHttpApi, verb: string, path: string, body: unknown): Promise<unknown> {
  const { series } = (body ?? {}) as { series?: never }
  if (path === '/api/v1/series' && series) return api.metrics(series)
  if (path === '/api/v2/series' && series) return api.metrics(series, { api: 'v2' })
  if (path === '/api/v1/distribution_points' && series) return api.distributions(series)
  if (path === '/api/v1/check_run' && Array.isArray(body)) return api.serviceChecks(body as never)
  const plain = Object.entries(METHODS).find(
    ([, { endpoint, usage }]) => endpoint === `${verb} ${path}` && usage === '',
  )
  if (plain !== undefined && body === undefined) {
    return (api as unknown as Record<string, () => Promise<unknown>>)[plain[0]]!()
  }
  return api.request(verb as 'GET', path, { body })
}

/** The application key is kept from what only takes data. */
function isIntake(path: string): boolean {
  return Object.values(ENDPOINTS).some((rules) => rules.path === path && path !== ENDPOINTS.events.path)
}

function withType(body: unknown, type: number): unknown {
  const { series } = body as { series?: object[] }
  if (!Array.isArray(series)) throw new NotFollowed(`types without series are not understood: ${show(body)}`)
  return { series: series.map((one) => ({ ...one, type })) }
}

async function onServer<T>(
  conventions: ClientSettings,
  nowSeconds: number,
  run: (api: DogHttpApi, server: VectorServer) => Promise<T>,
): Promise<T> {
  const server = await VectorServer.open([])
  try {
    const options = {
      ...optionsOf(conventions),
      apiHost: server.url,
      fetch: server.fetch,
      swallow: false,
      maxRetries: 0,
    }
    return await run(
      inEnvironment({}, () => vectorClient({ options, nowSeconds })),
      server,
    )
  } finally {
    await server.close()
  }
}
