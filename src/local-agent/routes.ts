// What the local agent answers to which request. Every refusal below ends here as a status and a reason.
//
// The Agent's own addresses come first in importance: a tracer must not notice the difference. The page and its JSON
// live beside them, at addresses the Agent does not use.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { MAX_BODY_BYTES } from './body-reader'
import { type Intake, TRACE_PATHS } from './intake'
import { answerIntake } from './intake-routes'
import type { LiveStream } from './live-stream'
import { answerMetrics, type MetricParts, PROXY_PATH } from './metric-routes'
import { Refusal } from './refusal'
import { replyJson } from './reply'
import { mustUse } from './request'
import { answerRuns, type RunParts } from './runs/run-routes'
import { mustBeSameMachine } from './same-machine'
import { STATS_PATH } from './stats/stats-store'
import type { TraceRoutes } from './trace-routes'
import { replyViewerFile, type ViewerFile } from './viewer-files'

export interface Parts extends MetricParts, RunParts {
  readonly version: string
  readonly port: number
  /** When it started, in milliseconds since the Unix epoch. */
  readonly since: number
  readonly traces: TraceRoutes
  readonly intake: Intake
  readonly live: LiveStream
  readonly status: () => object
  readonly files: ReadonlyMap<string, ViewerFile>
}

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
  const [path = '', query] = (request.url ?? '').split('?')
  const version = TRACE_PATHS.get(path)
  if (version !== undefined) {
    mustUse(request, 'PUT', 'POST')
    await parts.intake.take(version, request, response)
    return
  }
  if (await answerRuns(parts, path, query, request, response)) return
  if (await answerMetrics(parts, path, query, request, response)) return
  if (await answerIntake(parts, path, query, request, response)) return
  if (await parts.traces.answer(path, query, request, response)) return
  const { live, status, files } = parts
  const file = files.get(path)
  if (!file && !['/info', '/api/status', '/api/live'].includes(path)) {
    throw new Refusal(404, `there is nothing at ${path}`)
  }
  mustUse(request, 'GET')
  if (file) replyViewerFile(request, response, file)
  else if (path === '/info') replyJson(response, 200, info(parts))
  else if (path === '/api/status') replyJson(response, 200, status())
  else live.open(request, response)
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
