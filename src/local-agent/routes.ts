// What the local agent answers to which request. Every refusal below ends here as a status and a reason.
//
// The Agent's own addresses come first in importance: a tracer must not notice the difference. The page and its JSON
// live beside them, at addresses the Agent does not use.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, reads } from './answer'
import { MAX_BODY_BYTES } from './body-reader'
import type { LiveStream } from './live-stream'
import { logsAnswer } from './logs/log-answer'
import type { LogStore } from './logs/log-store'
import { METRIC_ROUTES, type MetricParts, PROXY_PATH } from './metric-routes'
import type { OtlpIntake } from './otlp/otlp-intake'
import { Refusal } from './refusal'
import { replyJson } from './reply'
import { mustUse, wholeNumber } from './request'
import { answerRuns, type RunParts } from './runs/run-routes'
import { mustBeSameMachine } from './same-machine'
import { STATS_PATH, type StatsStore } from './stats/stats-store'
import { TRACE_PATHS, type TraceIntake } from './trace-intake'
import type { TraceRoutes } from './trace-routes'
import { replyViewerFile, type ViewerFile } from './viewer-files'

export interface Parts extends MetricParts, RunParts {
  readonly version: string
  readonly port: number
  /** When it started, in milliseconds since the Unix epoch. */
  readonly since: number
  readonly traces: TraceRoutes
  readonly intake: TraceIntake
  readonly otlp: OtlpIntake
  readonly stats: StatsStore
  readonly logs: LogStore
  readonly live: LiveStream
  readonly status: () => object
  readonly files: ReadonlyMap<string, ViewerFile>
}

const DEFAULT_STATS = 100

/** By path; what takes traces, OTLP and the API's metrics, and what shows traces and runs, knows its paths itself. */
const ROUTES: ReadonlyMap<string, Answer<Parts>> = new Map<string, Answer<Parts>>([
  ...METRIC_ROUTES,
  [
    STATS_PATH,
    async (request, response, _query, { stats }) => {
      mustUse(request, 'PUT', 'POST')
      await stats.take(request, response)
    },
  ],
  [
    '/api/stats',
    reads((query, { stats }) => {
      const limit = wholeNumber(query, 'limit', DEFAULT_STATS)
      return { counters: stats.counters, stats: stats.latest(limit) }
    }),
  ],
  ['/api/logs', reads((query, { logs }) => logsAnswer(logs, query))],
  // Clients of the API ask whether their key is valid. Here any is.
  ['/api/v1/validate', reads(() => ({ valid: true }))],
  ['/info', reads((_query, parts) => info(parts))],
  ['/api/status', reads((_query, { status }) => status())],
  [
    '/api/live',
    (request, response, _query, { live }) => {
      mustUse(request, 'GET')
      live.open(request, response)
    },
  ],
])

export function answer(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  return guarded(request, response, () => route(parts, request, response))
}

/** At the port that is for OTLP alone. */
export function answerOtlp({ otlp, port }: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  return guarded(request, response, async () => {
    const [path = ''] = (request.url ?? '').split('?')
    if (!otlp.has(path))
      throw new Refusal(404, `this port is for ${otlp.paths.join(', ')}; the page is on port ${port}`)
    await otlp.take(path, request, response)
  })
}

async function guarded(request: IncomingMessage, response: ServerResponse, route: () => Promise<void>): Promise<void> {
  try {
    mustBeSameMachine(request.headers)
    await route()
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, String(error))
    if (response.headersSent) response.destroy()
    else replyJson(response, refusal.status, { error: refusal.message, ...refusal.details })
  }
}

async function route(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '', text] = (request.url ?? '').split('?')
  const version = TRACE_PATHS.get(path)
  if (version !== undefined) {
    mustUse(request, 'PUT', 'POST')
    await parts.intake.take(version, request, response)
    return
  }
  const query = new URLSearchParams(text)
  if (await answerRuns(parts, path, query, request, response)) return
  for (const intake of [parts.apiIntake, parts.otlp]) {
    if (intake.has(path)) return await intake.take(path, request, response)
  }
  const answer = ROUTES.get(path)
  if (answer !== undefined) return await answer(request, response, query, parts)
  if (await parts.traces.answer(path, query, request, response)) return
  const file = parts.files.get(path)
  if (file === undefined) throw new Refusal(404, `there is nothing at ${path}`)
  mustUse(request, 'GET')
  replyViewerFile(request, response, file)
}

/** What tracers ask an Agent before they use a feature. Only what is true here. */
function info({ version, port, since }: Parts): object {
  return {
    version,
    endpoints: [...TRACE_PATHS.keys(), STATS_PATH, PROXY_PATH],
    // Tracers that count in the Agent's place may; they send all spans all the same.
    client_drop_p0s: false,
    span_meta_structs: false,
    long_running_spans: true,
    span_events: true,
    config: { receiver_port: port, max_request_bytes: MAX_BODY_BYTES },
    // No other Agent has this: by it `dog` knows its own.
    local_agent: { since, pid: process.pid },
  }
}
