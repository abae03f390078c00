// Takes what programs without an Agent post to Datadog's API: series, distributions, events and service checks, with the addresses, limits
// and answers of the API, so that a program needs no other setting than this address. Any key is as good as another here, and none too.
// Source: Datadog's API reference; limits of "Submit metrics" (v1, v2).

import type { IncomingMessage, ServerResponse } from 'node:http'
import { wallMs } from '../../base/clock'
import type { BodyReader } from '../body-reader'
import type { MetricStore } from '../dogstatsd/metric-store'
import { meaningOf } from '../dogstatsd/tag-meaning'
import { inflate } from '../inflate'
import { parseExactJson } from '../parse-exact-json'
import { Refusal } from '../refusal'
import { reply, replyJson } from '../reply'
import { checksOf, eventOf } from './note-body'
import { distributionsOfV1, type SentSeries, seriesOfV1, seriesOfV2 } from './series-body'

interface Endpoint {
  /** As it is sent, and decompressed. */
  readonly maxBytes: number
  readonly maxInflatedBytes: number
  readonly take: (body: unknown) => unknown
}

const V1_LIMITS = { maxBytes: 3_200_000, maxInflatedBytes: 62_914_560 }
const V2_LIMITS = { maxBytes: 512_000, maxInflatedBytes: 5_242_880 }
/** No limit is documented for events and service checks. */
const NOTE_LIMITS = V2_LIMITS

const OK = { status: 'ok' }

export class ApiIntake {
  payloads = 0
  refusedPayloads = 0
  readonly #endpoints: ReadonlyMap<string, Endpoint>

  /** @param bodies shared with whoever else reads bodies, which bounds all of them together */
  constructor(
    private readonly store: MetricStore,
    private readonly bodies: BodyReader,
  ) {
    this.#endpoints = new Map<string, Endpoint>([
      ['/api/v1/series', { ...V1_LIMITS, take: (body) => this.#addSeries(seriesOfV1(body), OK) }],
      ['/api/v2/series', { ...V2_LIMITS, take: (body) => this.#addSeries(seriesOfV2(body), { errors: [] }) }],
      ['/api/v1/distribution_points', { ...V1_LIMITS, take: (body) => this.#addSeries(distributionsOfV1(body), OK) }],
      ['/api/v1/events', { ...NOTE_LIMITS, take: (body) => this.#addEvent(body) }],
      ['/api/v1/check_run', { ...NOTE_LIMITS, take: (body) => this.#addChecks(body) }],
    ])
  }

  has(path: string): boolean {
    return this.#endpoints.has(path)
  }

  /** Answers a request to one of its paths, refusals too: clients look for `errors`. */
  async take(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const endpoint = this.#endpoints.get(path)
    if (endpoint === undefined) throw new Refusal(404, `there is nothing at ${path}`)
    try {
      if (request.method !== 'POST') throw new Refusal(405, 'use POST')
      const sent = await this.bodies.read(request, endpoint.maxBytes)
      const body = inflate(sent, request.headers['content-encoding'] ?? 'identity', endpoint.maxInflatedBytes)
      const answer = endpoint.take(parseExactJson(body))
      this.payloads++
      // Datadog's own type; clients that go by it are tested with it.
      if (answer === OK) reply(response, 202, 'text/json', JSON.stringify(answer))
      else replyJson(response, 202, answer)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.refusedPayloads++
      replyJson(response, error.status, { status: 'error', code: error.status, errors: [error.message] })
    }
  }

  #addSeries(sent: readonly SentSeries[], answer: object): object {
    for (const { name, type, host, tags, points } of sent) {
      const meaning = meaningOf(tags)
      this.store.addPoints({ source: 'api', type, name, host: meaning.host || host, tags: meaning.tags }, points)
    }
    return answer
  }

  #addEvent(body: unknown): object {
    const nowS = Math.floor(wallMs() / 1000)
    const event = eventOf(body, nowS)
    this.store.addEvent(event, 'api')
    const { title, text, timestamp = nowS, priority, tags } = event
    const id = this.store.counters.api.events
    const url = '/api/metrics/events'
    const shown = { id, id_str: String(id), title, text, date_happened: timestamp, priority, tags, url }
    return { ...OK, event: shown }
  }

  #addChecks(body: unknown): object {
    for (const check of checksOf(body)) this.store.addCheck(check, 'api')
    return OK
  }
}
