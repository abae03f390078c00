// Plays how much the client puts into one body. With the limits of Datadog, by real calls of so many incompressible points that they do not
// fit; with limits of a vector's own, which a client has not, by the part that cuts and compresses, over a real socket as well.

import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { postAll } from '../../../../src/api/intake-posts'
import type { Send } from '../../../../src/api/resource'
import { ENDPOINTS, type Endpoint } from '../../../../src/api-transport/api-endpoints'
import { NotFollowed } from '../vector-case'
import { type ClientSettings, checkFields, type Exchange } from './api-vector'
import { show } from './compare-call'
import { inEnvironment, optionsOf, vectorClient, withLog } from './vector-client'
import { type Received, VectorServer } from './vector-server'

export interface SplitVector {
  readonly endpoint?: string
  readonly series?: readonly Item[]
  readonly input?: readonly Item[]
  readonly maxBytes?: number
  readonly limit?: number
  readonly limitBytes?: number
  readonly maxBodyBytes?: number
  /** How many requests, or what is in each: a body, its series, their names, or how many they are. */
  readonly requests?: unknown
  readonly bodies?: unknown
  readonly chunks?: unknown
  readonly expect?: unknown
}

interface LimitsVector {
  readonly verb: string
  readonly path: string
  readonly body: unknown
  readonly limits: { readonly bodyBytes?: number; readonly inflatedBytes?: number }
  /** Those that the endpoint takes. */
  readonly encodings: readonly unknown[]
}

interface Item {
  readonly metric?: string
  readonly points?: readonly unknown[]
}

const TAKEN: Exchange = { response: { status: 202, body: { status: 'ok' } } }
/** More than two bodies of any endpoint. */
const MANY_BYTES = 12_000_000
const ITEM_BYTES = 2000

/** @returns what is wrong; undefined where nothing is */
export async function splitDifference(vector: SplitVector, conventions: ClientSettings): Promise<string | undefined> {
  const names = ['id', 'endpoint', 'series', 'maxBytes', 'limit', 'limitBytes', 'maxBodyBytes']
  checkFields('the vector', vector, [...names, 'input', 'requests', 'bodies', 'chunks', 'expect'])
  const { input, series = input, endpoint = 'POST /api/v1/series' } = vector
  const { expect } = vector
  const max = vector.maxBytes ?? vector.limitBytes ?? vector.maxBodyBytes ?? vector.limit
  if (!Array.isArray(series) || typeof max !== 'number')
    throw new NotFollowed('its series or its limit are not understood')
  const name = endpointOf(endpoint.split(' ')[1] ?? '')
  const received = await withServer(async (server) => {
    const rules = { ...ENDPOINTS[name], maxRawBytes: max }
    const send: Send = async ({ verb, path, bytes }) => {
      const headers = bytes?.headers as Record<string, string>
      const response = await fetch(server.url + path, {
        method: 'POST',
        headers,
        body: bytes!.bytes as Uint8Array<ArrayBuffer>,
      })
      return { verb, path, status: response.status, body: await response.json() }
    }
    await withLog(() => postAll(send, name, series, Number(conventions['now']), rules))
  })
  const bodies = received.map(({ text }) => (JSON.parse(text) as { series: Item[] }).series)
  const wrong = bodies.findIndex((body, at) => isTooLarge(body, received[at]!, max))
  if (wrong >= 0)
    return `request ${wrong + 1} has ${Buffer.byteLength(received[wrong]!.text)} bytes, and may have ${max}`
  if (!isDeepStrictEqual(pointsOf(series), pointsOf(bodies.flat()))) return `not all points arrived: ${show(bodies)}`
  const inside =
    typeof expect === 'object' && expect !== null && !Array.isArray(expect)
      ? (expect as Partial<SplitVector>)
      : { bodies: expect }
  checkFields('expect', inside, ['requests', 'bodies', 'chunks'])
  for (const wanted of [vector, inside].flatMap(({ requests, bodies, chunks }) => [requests, bodies, chunks])) {
    if (wanted !== undefined && !isAsWanted(wanted, bodies)) return `expected ${show(wanted)}, got ${show(bodies)}`
  }
  return undefined
}

/** What cannot be cut any further may be. */
function isTooLarge(body: readonly Item[], { text }: Received, max: number): boolean {
  return Buffer.byteLength(text) > max && (body.length > 1 || (body[0]?.points?.length ?? 0) > 1)
}

function pointsOf(series: readonly Item[]): unknown[] {
  return series.flatMap(({ points = [], ...one }) => points.map((point) => ({ ...one, point })))
}

function isAsWanted(wanted: unknown, bodies: readonly (readonly Item[])[]): boolean {
  if (typeof wanted === 'number') return wanted === bodies.length
  if (!Array.isArray(wanted)) throw new NotFollowed(`what ${show(wanted)} says of the bodies is not understood`)
  return wanted.length === bodies.length && bodies.every((body, at) => isBody(wanted[at], body))
}

function isBody(wanted: unknown, body: readonly Item[]): boolean {
  const series = (wanted as { series?: unknown } | null)?.series ?? wanted
  if (typeof series === 'number') return series === body.length
  if (!Array.isArray(series)) throw new NotFollowed(`what ${show(wanted)} says of a body is not understood`)
  const isByName = series.every((one) => typeof one === 'string')
  return isDeepStrictEqual(series, isByName ? body.map(({ metric }) => metric) : body)
}

/** @returns what is wrong; undefined where nothing is */
export async function limitsDifference(
  { verb, path, body, limits, encodings }: LimitsVector,
  conventions: ClientSettings,
): Promise<string | undefined> {
  const name = endpointOf(path)
  const [sample] = (body as { series?: Item[] } | undefined)?.series ?? (Array.isArray(body) ? (body as Item[]) : [])
  if (verb !== 'POST' || sample === undefined) throw new NotFollowed('there is no item whose like could fill a body')
  const items = Array.from({ length: Math.ceil(MANY_BYTES / ITEM_BYTES) }, () => ({
    ...sample,
    tags: [randomBytes(ITEM_BYTES / 2).toString('hex')],
  }))
  const received = await withServer(async (server) => {
    const options = { ...optionsOf(conventions), apiHost: server.url, fetch: server.fetch, swallow: false, timeout: 60 }
    const api = inEnvironment({}, () => vectorClient({ options, nowSeconds: Number(conventions['now']) }))
    await withLog(async () => {
      if (name === 'checks') await api.serviceChecks(items as never)
      else if (name === 'distributions') await api.distributions(items as never)
      else await api.metrics(items as never, { api: name === 'series-v2' ? 'v2' : 'v1' } as never)
    })
  })
  const { bodyBytes = Number.POSITIVE_INFINITY, inflatedBytes = Number.POSITIVE_INFINITY } = limits
  for (const [at, { sentBytes, text, headers }] of received.entries()) {
    const rawBytes = Buffer.byteLength(text)
    if (sentBytes > bodyBytes) return `request ${at + 1} has ${sentBytes} bytes, and may have ${bodyBytes}`
    if (rawBytes > inflatedBytes)
      return `request ${at + 1} has ${rawBytes} bytes inflated, and may have ${inflatedBytes}`
    const encoding = headers['content-encoding']
    if (encodings.length > 0 && !encodings.includes(encoding)) {
      return `request ${at + 1} has the encoding ${encoding}, and the endpoint takes ${encodings.join(', ')}`
    }
  }
  const arrived = received.flatMap(({ text }) => [...text.matchAll(/"tags":\["([\da-f]+)"\]/g)]).length
  return arrived === items.length ? undefined : `of ${items.length} items ${arrived} arrived`
}

function endpointOf(path: string): Endpoint {
  const found = Object.entries(ENDPOINTS).find(([name, rules]) => name !== 'events' && rules.path === path)
  if (found === undefined) throw new NotFollowed(`there is no limit of ${path}`)
  return found[0] as Endpoint
}

/** @returns what arrived */
async function withServer(run: (server: VectorServer) => Promise<void>): Promise<readonly Received[]> {
  const server = await VectorServer.open(Array<Exchange>(1000).fill(TAKEN))
  try {
    await run(server)
    return server.received
  } finally {
    await server.close()
  }
}
