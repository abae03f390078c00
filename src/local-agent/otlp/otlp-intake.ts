// Takes OTLP over HTTP: traces, metrics and logs, as JSON or Protobuf, compressed or not, with the answers of the protocol.
// Source: opentelemetry-proto, docs/specification.md, "OTLP/HTTP".

import type { IncomingMessage, ServerResponse } from 'node:http'
import { type BodyReader, MAX_BODY_BYTES } from '../body-reader'
import { inflate } from '../inflate'
import type { LogStore } from '../logs/log-store'
import { type JsonForm, parseExactJson } from '../parse-exact-json'
import { Refusal } from '../refusal'
import type { TraceStore } from '../trace-store'
import { isMap } from '../wire-value'
import { decodeProtobuf } from './decode-protobuf'
import { logsOfOtlp } from './otlp-logs'
import type { OtlpMetrics } from './otlp-metrics'
import { JSON_TYPE, type OtlpType, PROTOBUF_TYPE, type Rejected, replyAccepted, replyRefused } from './otlp-reply'
import { LOGS_REQUEST, METRICS_REQUEST, type Message, TRACES_REQUEST } from './otlp-schema'
import { spansOfOtlp } from './otlp-spans'

/** What may be in JSON what only Protobuf writes exactly. A list of counts may be rounded. */
export const OTLP_JSON: JsonForm = {
  // Three for each level of an attribute's value.
  maxDepth: 64,
  maxValues: 4_000_000,
  longIntegers:
    /("(?:startTimeUnixNano|endTimeUnixNano|timeUnixNano|observedTimeUnixNano|intValue|asInt|count|zeroCount)"\s*:\s*)(-?\d{16,20})(?=\s*[,}])/g,
}

interface Signal {
  readonly schema: Message
  /** What its items are called in the counters. */
  readonly items: string
  readonly rejectedName: Rejected['name']
  readonly reason: string
  readonly take: (body: Record<string, unknown>) => { readonly items: number; readonly rejected: number }
}

interface SignalCounters {
  payloads: number
  refusedPayloads: number
  items: number
  rejectedItems: number
}

export class OtlpIntake {
  readonly #signals: ReadonlyMap<string, Signal>
  readonly #counters = new Map<string, SignalCounters>()

  /** @param bodies shared with whoever else reads bodies, which bounds all of them together */
  constructor(
    stores: { readonly traces: TraceStore; readonly metrics: OtlpMetrics; readonly logs: LogStore },
    private readonly bodies: BodyReader,
  ) {
    this.#signals = new Map<string, Signal>([
      [
        '/v1/traces',
        {
          schema: TRACES_REQUEST,
          items: 'spans',
          rejectedName: 'rejectedSpans',
          reason: 'spans without a trace id of 16 bytes, a span id of 8 bytes or a start time were not taken',
          take: (body) => {
            const { chunks, rejected } = spansOfOtlp(body)
            stores.traces.add(chunks)
            return { items: chunks.reduce((sum, chunk) => sum + chunk.length, 0), rejected }
          },
        },
      ],
      [
        '/v1/metrics',
        {
          schema: METRICS_REQUEST,
          items: 'points',
          rejectedName: 'rejectedDataPoints',
          reason: 'points without a name or a value that makes sense were not taken',
          take: (body) => {
            const { points, rejected } = stores.metrics.take(body)
            return { items: points - rejected, rejected }
          },
        },
      ],
      [
        '/v1/logs',
        {
          schema: LOGS_REQUEST,
          items: 'records',
          rejectedName: 'rejectedLogRecords',
          reason: 'records that are no objects were not taken',
          take: (body) => {
            const { logs, rejected } = logsOfOtlp(body)
            for (const log of logs) stores.logs.put(log)
            return { items: logs.length, rejected }
          },
        },
      ],
    ])
    for (const path of this.#signals.keys()) {
      this.#counters.set(path, { payloads: 0, refusedPayloads: 0, items: 0, rejectedItems: 0 })
    }
  }

  has(path: string): boolean {
    return this.#signals.has(path)
  }

  get paths(): string[] {
    return [...this.#signals.keys()]
  }

  get counters(): Record<string, Record<string, number>> {
    return Object.fromEntries(
      [...this.#signals].map(([path, { items }]) => {
        const counted = this.#counters.get(path)!
        const { payloads, refusedPayloads } = counted
        const rejectedName = `rejected${items[0]!.toUpperCase()}${items.slice(1)}`
        const named = { payloads, refusedPayloads, [items]: counted.items, [rejectedName]: counted.rejectedItems }
        return [path.slice('/v1/'.length), named]
      }),
    )
  }

  /** Answers a request to one of its paths, refusals too: clients look for a `Status`. */
  async take(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const signal = this.#signals.get(path)
    const counters = this.#counters.get(path)
    if (signal === undefined || counters === undefined) throw new Refusal(404, `there is nothing at ${path}`)
    const type = typeOf(request)
    try {
      if (request.method !== 'POST') throw new Refusal(405, 'use POST')
      if (type === undefined) throw new Refusal(415, unknownType(request))
      const sent = await this.bodies.read(request)
      const body = inflate(sent, request.headers['content-encoding'] || 'identity', MAX_BODY_BYTES)
      const { items, rejected } = signal.take(type === JSON_TYPE ? fromJson(body) : decodeProtobuf(body, signal.schema))
      counters.payloads++
      counters.items += items
      counters.rejectedItems += rejected
      replyAccepted(response, type, { name: signal.rejectedName, count: rejected, reason: signal.reason })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      counters.refusedPayloads++
      replyRefused(response, type ?? JSON_TYPE, error.status, error.message)
    }
  }
}

/** Undefined for another one. */
function typeOf(request: IncomingMessage): OtlpType | undefined {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
  if (type === JSON_TYPE) return JSON_TYPE
  return type === PROTOBUF_TYPE || type === 'application/protobuf' ? PROTOBUF_TYPE : undefined
}

function unknownType(request: IncomingMessage): string {
  const sent = request.headers['content-type'] ?? 'none'
  const advice = sent.startsWith('application/grpc') ? '; set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf' : ''
  return `the content type is ${PROTOBUF_TYPE} or ${JSON_TYPE}, not ${sent}${advice}`
}

/** An empty body is a request that carries nothing, as in Protobuf. */
function fromJson(body: Buffer): Record<string, unknown> {
  const parsed = body.length === 0 ? {} : parseExactJson(body, OTLP_JSON)
  if (!isMap(parsed)) throw new Refusal(400, 'the body is no object')
  return parsed
}
