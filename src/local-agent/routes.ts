// What the local agent answers to which request. Every refusal below ends here as a status and a reason.
//
// The Agent's own addresses come first in importance: a tracer must not notice the difference. The page and its JSON
// live beside them, at addresses the Agent does not use.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { MAX_BODY_BYTES } from './body-reader'
import { type Intake, TRACE_PATHS } from './intake'
import type { LiveStream } from './live-stream'
import { answerMetrics, type MetricParts, PROXY_PATH } from './metric-routes'
import { Refusal } from './refusal'
import { reply, replyJson } from './reply'
import { mustUse, wholeNumber } from './request'
import { mustBeSameMachine } from './same-machine'
import { spanTitle } from './span-title'
import { spanTree } from './span-tree'
import type { TraceStore } from './trace-store'
import { summarize } from './trace-summary'
import type { ViewerFile } from './viewer-files'

/** Summaries of one reply of `/api/traces`, if the caller does not say. */
const DEFAULT_LIST_LIMIT = 100

export interface Parts extends MetricParts {
  readonly version: string
  readonly port: number
  readonly store: TraceStore
  readonly intake: Intake
  readonly live: LiveStream
  readonly status: () => object
  readonly files: ReadonlyMap<string, ViewerFile>
}

export async function answer(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    mustBeSameMachine(request.headers)
    await route(parts, request, response)
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, String(error))
    if (response.headersSent) response.destroy()
    else replyJson(response, refusal.status, { error: refusal.message })
  }
}

async function route(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '', query] = (request.url ?? '').split('?')
  const version = TRACE_PATHS.get(path)
  if (version !== undefined) {
    mustUse(request, 'PUT', 'POST')
    await parts.intake.take(version, request, response)
    return
  }
  if (await answerMetrics(parts, path, query, request, response)) return
  const { store, live, status, files } = parts
  const file = files.get(path)
  const traceId = /^\/api\/traces\/(\w+)$/.exec(path)?.[1]
  if (!file && !traceId && !['/info', '/api/traces', '/api/status', '/api/live'].includes(path)) {
    throw new Refusal(404, `there is nothing at ${path}`)
  }
  mustUse(request, 'GET')
  if (file) reply(response, 200, file.contentType, file.bytes)
  else if (path === '/info') replyJson(response, 200, info(parts))
  else if (path === '/api/status') replyJson(response, 200, status())
  else if (path === '/api/live') live.open(request, response)
  else if (path === '/api/traces') {
    const limit = wholeNumber(new URLSearchParams(query), 'limit', DEFAULT_LIST_LIMIT)
    replyJson(response, 200, { traces: store.latest(limit).map(summarize) })
  } else replyJson(response, 200, wholeTrace(store, traceId ?? ''))
}

function wholeTrace(store: TraceStore, id: string): object {
  const trace = store.find(id)
  if (!trace) throw new Refusal(404, `trace ${id} is not here, or not any more`)
  const spans = spanTree(trace.spans.values()).map(({ span, depth }) => ({ depth, title: spanTitle(span), ...span }))
  return { ...summarize(trace), spans }
}

/** What tracers ask an Agent before they use a feature. Only what is true here. */
function info({ version, port }: Parts): object {
  return {
    version,
    endpoints: [...TRACE_PATHS.keys(), PROXY_PATH],
    client_drop_p0s: false,
    span_meta_structs: false,
    long_running_spans: true,
    span_events: true,
    config: { receiver_port: port, max_request_bytes: MAX_BODY_BYTES },
  }
}
