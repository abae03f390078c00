// Posts series, distributions and checks in bodies of a size that the intake takes, compressed, by as many requests as that needs.

import { ENDPOINTS, type Endpoint, type EndpointRules } from '../api-transport/api-endpoints'
import { bodyOf, chunksOf, halvesOf } from '../api-transport/payload-chunks'
import { DatadogError } from './errors'
import { type Series, splitSeries, warnOfTimes } from './metric-series'
import type { Send } from './resource'

/** What the intake answers; version 2 has `errors` instead, which is empty. */
export interface Taken {
  readonly status?: string
  readonly errors?: readonly string[]
  readonly [member: string]: unknown
}

/**
 * Resolves with the last answer; fails with the first failure, which says what was taken before it, and sends nothing after it.
 * @param rules default: those of the endpoint
 */
export async function postAll(
  send: Send,
  endpoint: Endpoint,
  items: readonly object[],
  nowSeconds: number,
  rules: EndpointRules = ENDPOINTS[endpoint],
): Promise<Taken> {
  const texts = (endpoint === 'checks' ? items : fitting(items as Series[], rules, nowSeconds)).map((item) =>
    JSON.stringify(item),
  )
  // An empty list is sent too: Datadog says what it thinks of it.
  const chunks = texts.length === 0 ? [{ from: 0, to: 0 }] : chunksOf(texts, rules).reverse()
  let taken: unknown
  for (let chunk = chunks.pop(); chunk !== undefined; chunk = chunks.pop()) {
    const bytes = await bodyOf(texts, chunk, rules)
    const halves = bytes.bytes.length > rules.maxSentBytes ? halvesOf(chunk) : undefined
    if (halves !== undefined) chunks.push(halves[1], halves[0])
    else {
      const call = { verb: 'POST', path: rules.path, bytes, isIdempotent: rules.isIdempotent } as const
      taken = (
        await send(call).catch((error: unknown) => {
          throw chunk.from === 0 ? error : withTaken(error, chunk.from, texts.length)
        })
      ).body
    }
  }
  return (taken ?? {}) as Taken
}

/** Whoever sends the rest again must not send what has arrived: distributions would count twice. */
function withTaken(error: unknown, taken: number, all: number): unknown {
  if (error instanceof DatadogError) error.message += `. Of ${all} items, ${taken} were taken before`
  return error
}

/** A series that is larger than a body becomes several, of fewer points: small enough even if compression gains nothing. */
function fitting(
  series: readonly Series[],
  { maxRawBytes, maxSentBytes }: EndpointRules,
  nowSeconds: number,
): readonly Series[] {
  warnOfTimes(series, nowSeconds)
  const maxBytes = Math.min(maxRawBytes >> 1, maxSentBytes >> 1)
  return series.flatMap((one) => splitSeries(one, maxBytes))
}
