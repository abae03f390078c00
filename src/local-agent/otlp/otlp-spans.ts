// From the traces of an OTLP body to spans as the Agent's own receiver makes them, so that the page shows what an account would show.
//
// The one thing that is added is what the store needs to join both kinds of tracers in one trace: the high half of the trace id as a tag.
// Source: datadog-agent, pkg/trace/transform/transform.go, pkg/opentelemetry-mapping-go/otlp/attributes/attributes.go.

import {
  ENV,
  ERROR_MESSAGE,
  ERROR_STACK,
  ERROR_TYPE,
  SAMPLING_PRIORITY,
  SPAN_EVENTS,
  SPAN_KIND,
  SPAN_LINKS,
  TRACE_ID_HIGH,
  VERSION,
} from '../../base/tags'
import { exactJson } from '../exact-json'
import { spanFromMap } from '../read-span'
import type { ReceivedSpan } from '../received-span'
import { isMap } from '../wire-value'
import {
  type Attributes,
  type AttributeValue,
  attributesOf,
  enumeration,
  firstText,
  hexId,
  mapsIn,
  nanoseconds,
  sentOf,
  textOf,
} from './otlp-value'
import { either, KINDS, type Naming, operationName, resourceName, spanType } from './span-naming'

interface OtlpSpans {
  /** By trace, as the Agent groups them. */
  readonly chunks: ReceivedSpan[][]
  /** Spans without a valid id or time. */
  readonly rejected: number
}

/** What the Agent calls a service without a name. */
const NO_SERVICE = 'otlpresourcenoservicename'

const STATUS_CODES = ['UNSET', 'OK', 'ERROR'] as const
const STATUS_NAMES = ['Unset', 'Ok', 'Error']
const ERROR = 2

/** Attributes that became fields of the span. */
const FIELDS: ReadonlySet<string> = new Set(['service.name', 'operation.name', 'resource.name', 'span.type'])

/** Attributes of HTTP that have another name as tags. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['client.address', 'http.client_ip'],
  ['http.response.body.size', 'http.response.content_length'],
  ['http.response.status_code', 'http.status_code'],
  ['http.request.body.size', 'http.request.content_length'],
  ['http.request.header.referrer', 'http.referrer'],
  ['http.request.method', 'http.method'],
  ['network.protocol.version', 'http.version'],
  ['server.address', 'http.server_name'],
  ['url.full', 'http.url'],
  ['user_agent.original', 'http.useragent'],
  ['sampling.priority', SAMPLING_PRIORITY],
])
const HEADER = 'http.request.header.'

export function spansOfOtlp(body: Record<string, unknown>): OtlpSpans {
  let rejected = 0
  const byTrace = new Map<string, ReceivedSpan[]>()
  for (const { resource, scope, items } of sentOf(body, 'resourceSpans', 'scopeSpans', 'spans')) {
    for (const raw of items) {
      // What is no span at all counts as one that is rejected.
      const span = isMap(raw) ? spanOf(raw, resource, scope) : undefined
      if (span === undefined) {
        rejected++
        continue
      }
      const id = hexId((raw as Record<string, unknown>)['traceId'], 32)
      const chunk = byTrace.get(id)
      if (chunk) chunk.push(span)
      else byTrace.set(id, [span])
    }
  }
  return { chunks: [...byTrace.values()], rejected }
}

function spanOf(
  raw: Record<string, unknown>,
  resource: Attributes,
  scope: Record<string, unknown>,
): ReceivedSpan | undefined {
  const traceId = hexId(raw['traceId'], 32)
  const spanId = hexId(raw['spanId'], 16)
  const start = nanoseconds(raw['startTimeUnixNano'])
  const end = nanoseconds(raw['endTimeUnixNano'])
  if (traceId === '' || spanId === '' || start === 0n) return undefined

  const own = attributesOf(raw['attributes'])
  const kind = enumeration(raw['kind'], 'SPAN_KIND_', KINDS)
  const of: Naming = { kind, spanName: typeof raw['name'] === 'string' ? raw['name'] : '', own, resource }
  const events = mapsIn(raw['events'])
  const status = isMap(raw['status']) ? raw['status'] : {}
  const code = enumeration(status['code'], 'STATUS_CODE_', STATUS_CODES)

  const meta = new Map<string, string>([
    [SPAN_KIND, (KINDS[kind] ?? 'UNSPECIFIED').toLowerCase()],
    ['otel.trace_id', traceId],
    ['otel.status_code', STATUS_NAMES[code] ?? 'Unset'],
  ])
  const metrics = new Map<string, number>()
  const add = (key: string, value: string) => {
    if (value !== '' && !meta.has(key)) meta.set(key, value)
  }
  // Before the attributes: those of a request say `500` where the exception says what it was.
  if (code === ERROR) addException(events, add)
  for (const [key, value] of own) addTag(key, value, meta, metrics)
  if (code === ERROR) {
    add(ERROR_MESSAGE, textField(status, 'message') || String(metrics.get('http.status_code') ?? ''))
  }
  add('otel.status_description', textField(status, 'message'))
  if (!/^0+$/.test(traceId.slice(0, 16))) add(TRACE_ID_HIGH, traceId.slice(0, 16))
  add('w3c.tracestate', textField(raw, 'traceState'))
  add(SPAN_EVENTS, eventsJson(events))
  if (events.some(({ name }) => name === 'exception')) add('_dd.span_events.has_exception', 'true')
  add(SPAN_LINKS, linksJson(mapsIn(raw['links'])))
  for (const name of ['name', 'version']) {
    add(`otel.scope.${name}`, textField(scope, name))
    add(`otel.library.${name}`, textField(scope, name))
  }
  add(VERSION, either(of, ['service.version']))
  add(ENV, either(of, ['deployment.environment.name', 'deployment.environment']))
  for (const [key, value] of resource) {
    const tag = tagOf(key)
    if (tag !== '' && !metrics.has(tag)) add(tag, textOf(value))
  }
  for (const [key, value] of attributesOf(scope['attributes'])) add(key, textOf(value))
  add('db.name', either(of, ['db.namespace']))

  return spanFromMap({
    trace_id: BigInt(`0x${traceId.slice(16)}`),
    span_id: BigInt(`0x${spanId}`),
    parent_id: BigInt(`0x${hexId(raw['parentSpanId'], 16) || '0'}`),
    service: either(of, ['service.name']) || NO_SERVICE,
    name: operationName(of),
    resource: resourceName(of),
    type: spanType(of),
    start,
    duration: end > start ? end - start : 0n,
    error: code === ERROR ? 1 : 0,
    meta: Object.fromEntries(meta),
    metrics: Object.fromEntries(metrics),
  })
}

/** '' for an attribute that became a field. */
function tagOf(key: string): string {
  if (FIELDS.has(key)) return ''
  return RENAMED.get(key) ?? (key.startsWith(HEADER) ? `http.request.headers.${key.slice(HEADER.length)}` : key)
}

/** Numbers are metrics, everything else is text. Of an old and a new name the first one stays. */
function addTag(key: string, value: AttributeValue, meta: Map<string, string>, metrics: Map<string, number>): void {
  const tag = tagOf(key)
  if (tag === '') return
  if (typeof value === 'number' || typeof value === 'bigint') {
    if (!metrics.has(tag)) metrics.set(tag, Number(value))
  } else if (!meta.has(tag)) meta.set(tag, textOf(value))
}

/** The last exception is the one that ended the span. */
function addException(events: readonly Record<string, unknown>[], add: (key: string, value: string) => void): void {
  const exception = attributesOf(events.findLast(({ name }) => name === 'exception')?.['attributes'])
  add(ERROR_TYPE, firstText(exception, 'exception.type'))
  add(ERROR_MESSAGE, firstText(exception, 'exception.message'))
  add(ERROR_STACK, firstText(exception, 'exception.stacktrace'))
}

function eventsJson(events: readonly Record<string, unknown>[]): string {
  if (events.length === 0) return ''
  return exactJson(
    events.map((event) => ({
      name: textField(event, 'name'),
      time_unix_nano: nanoseconds(event['timeUnixNano']),
      attributes: jsonOf(attributesOf(event['attributes'])),
    })),
  )
}

function linksJson(links: readonly Record<string, unknown>[]): string {
  if (links.length === 0) return ''
  return exactJson(
    links.map((link) => ({
      trace_id: hexId(link['traceId'], 32),
      span_id: hexId(link['spanId'], 16),
      attributes: jsonOf(attributesOf(link['attributes'])),
      tracestate: textField(link, 'traceState') || undefined,
      flags: typeof link['flags'] === 'number' ? link['flags'] : undefined,
    })),
  )
}

function jsonOf(attributes: Attributes): object {
  return Object.fromEntries(attributes)
}

function textField(map: Record<string, unknown>, name: string): string {
  const value = map[name]
  return typeof value === 'string' ? value : ''
}
