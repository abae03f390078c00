// The traces of the local agent over HTTP: lists of them, one of them in several forms, and what all of them say together.
//
// `query` is in Datadog's search syntax everywhere. A list of traces, facets and the service map are about the traces of which
// one span matches; resources and errors are about the spans that match themselves.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { compareTraces } from './analysis/compare-traces'
import { entrySpans } from './analysis/entry-spans'
import { ErrorGroups } from './analysis/error-groups'
import { facets, traceFacets } from './analysis/facets'
import { ResourceTable, SORTS } from './analysis/resource-table'
import { ServiceGraph } from './analysis/service-map'
import { skeleton } from './analysis/skeleton'
import { isPassedOn } from './analysis/span-errors'
import { traceCalls } from './analysis/trace-calls'
import { type Answer, reads } from './answer'
import type { BodyReader } from './body-reader'
import { logsOfSpan } from './logs/log-query'
import type { LogStore } from './logs/log-store'
import { perRevision } from './per-revision'
import { Refusal } from './refusal'
import { reply, replyJson } from './reply'
import { mustBePlain, mustUse, wholeNumber } from './request'
import { matchesSpan } from './search/matches-span'
import { spanDetail } from './span-detail'
import { spanTitle } from './span-title'
import { spanTree } from './span-tree'
import { MAX_FILE_BYTES, traceFile, tracesOfFile } from './trace-file'
import { queryOf, TraceSearch } from './trace-search'
import type { StoredTrace, TraceStore } from './trace-store'
import { summarize } from './trace-summary'

/** Items of one reply, if the caller does not say. */
const DEFAULT_LIMIT = 100
const DEFAULT_ROWS = 500

const MAX_HOPS = 20

type TraceAnswer = (trace: StoredTrace, response: ServerResponse, query: URLSearchParams) => void

interface TraceParts {
  readonly store: TraceStore
  readonly bodies: BodyReader
  readonly logs: LogStore
}

export class TraceRoutes {
  readonly #search: TraceSearch
  readonly #facetsOf = perRevision(traceFacets)
  readonly #callsOf = perRevision(traceCalls)
  readonly #entriesOf = perRevision(entrySpans)
  readonly #rowsOf = perRevision(({ spans }) => spanTree(spans.values()))

  /** By path. */
  readonly #routes: ReadonlyMap<string, Answer>
  /** By what follows the id of a trace. */
  readonly #traceRoutes: ReadonlyMap<string, TraceAnswer>

  constructor(private readonly parts: TraceParts) {
    this.#search = new TraceSearch(parts.store)
    this.#routes = new Map<string, Answer>([
      ['/api/traces', reads((query) => this.#list(query))],
      ['/api/traces/import', (request, response) => this.#import(request, response)],
      ['/api/facets', reads((query) => facets(this.#search.find(query).map(this.#facetsOf)))],
      ['/api/services', reads((query) => this.#services(query))],
      ['/api/resources', reads((query) => this.#resources(query))],
      ['/api/errors', reads((query) => this.#errors(query))],
      [
        '/api/compare',
        reads((query) => compareTraces(this.#trace(query.get('a') ?? ''), this.#trace(query.get('b') ?? ''))),
      ],
    ])
    this.#traceRoutes = new Map<string, TraceAnswer>([
      ['', (trace, response) => replyJson(response, 200, this.#whole(trace))],
      ['/skeleton', (trace, response) => replyJson(response, 200, skeleton(trace))],
      ['/search', (trace, response, query) => replyJson(response, 200, { matches: this.#matches(trace, query) })],
      ['/export', (trace, response) => replyFile(response, `trace-${trace.id}.json`, traceFile([trace]))],
    ])
  }

  /** Answers a request about traces; false if it is about something else. */
  async answer(path: string, query: URLSearchParams, request: IncomingMessage, response: ServerResponse) {
    const route = this.#routes.get(path)
    if (route !== undefined) {
      await route(request, response, query)
      return true
    }
    const [, id, rest = '', spanId] = /^\/api\/traces\/(\w+)(\/\w+)?(?:\/(\d+))?$/.exec(path) ?? []
    const traceRoute = spanId === undefined ? this.#traceRoutes.get(rest) : undefined
    if (id === undefined || (traceRoute === undefined && (rest !== '/spans' || spanId === undefined))) return false
    mustUse(request, 'GET')
    const trace = this.#trace(id)
    if (traceRoute === undefined) replyJson(response, 200, this.#span(trace, spanId ?? ''))
    else traceRoute(trace, response, query)
    return true
  }

  #trace(id: string): StoredTrace {
    const trace = this.parts.store.find(id)
    if (!trace) throw new Refusal(404, `trace ${id} is not here, or not any more`)
    return trace
  }

  #list(query: URLSearchParams): object {
    const { store } = this.parts
    const limit = wholeNumber(query, 'limit', DEFAULT_LIMIT)
    const before = wholeNumber(query, 'before', Number.POSITIVE_INFINITY)
    const matching = this.#search.find(query)
    const traces = matching.filter(({ revision }) => revision < before).slice(0, limit)
    const { traces: total, revision } = store
    return { traces: traces.map(summarize), matched: matching.length, total, revision }
  }

  #whole(trace: StoredTrace): object {
    const spans = this.#rowsOf(trace).map(({ span, depth }) => ({ depth, title: spanTitle(span), ...span }))
    return { ...summarize(trace), spans }
  }

  #span(trace: StoredTrace, spanId: string): object {
    const span = trace.spans.get(spanId)
    if (!span) throw new Refusal(404, `span ${spanId} is not in this trace`)
    const { store, logs } = this.parts
    const detail = spanDetail(span, (id) => store.find(id) !== undefined)
    return { ...detail, logs: logsOfSpan(logs, trace.id, spanId) }
  }

  /** Positions in reading order. */
  #matches(trace: StoredTrace, parameters: URLSearchParams): number[] {
    const query = queryOf(parameters)
    return this.#rowsOf(trace).flatMap(({ span }, row) => (matchesSpan(query, span) ? [row] : []))
  }

  #services(query: URLSearchParams): object {
    const graph = new ServiceGraph()
    for (const trace of this.#search.find(query)) {
      for (const call of this.#callsOf(trace)) graph.add(call)
    }
    return graph.map(query.get('focus') ?? undefined, wholeNumber(query, 'hops', 1, 0, MAX_HOPS))
  }

  #resources(parameters: URLSearchParams): object {
    const query = queryOf(parameters)
    const service = parameters.get('service')
    const sort = SORTS.find((one) => one === (parameters.get('sort') ?? 'total'))
    if (sort === undefined) throw new Refusal(400, `sort is one of ${SORTS.join(', ')}`)
    const limit = wholeNumber(parameters, 'limit', DEFAULT_ROWS)
    const table = new ResourceTable()
    for (const trace of this.#search.find(parameters)) {
      for (const span of this.#entriesOf(trace)) {
        if ((service === null || span.service === service) && matchesSpan(query, span)) table.add(trace.id, span)
      }
    }
    return { resources: table.top(sort, limit), matched: table.size }
  }

  #errors(parameters: URLSearchParams): object {
    const query = queryOf(parameters)
    const limit = wholeNumber(parameters, 'limit', DEFAULT_ROWS)
    const groups = new ErrorGroups()
    for (const trace of this.#search.find(parameters)) {
      for (const span of trace.spans.values()) {
        if (span.error && !isPassedOn(span, trace) && matchesSpan(query, span)) groups.add(trace.id, span)
      }
    }
    return { errors: groups.latest(limit), matched: groups.size }
  }

  async #import(request: IncomingMessage, response: ServerResponse): Promise<void> {
    mustUse(request, 'POST')
    mustBePlain(request)
    const { store, bodies } = this.parts
    const chunks = tracesOfFile(await bodies.read(request, MAX_FILE_BYTES), store.limits)
    replyJson(response, 200, { traces: store.add(chunks).map(({ id }) => id) })
  }
}

function replyFile(response: ServerResponse, name: string, text: string): void {
  reply(response, 200, 'application/json', text, { 'Content-Disposition': `attachment; filename="${name}"` })
}
