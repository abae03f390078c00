// Earlier runs over HTTP: the list of them, and what one of them had, by `?run=` behind the addresses of traces, logs and metrics.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { logsAnswer } from '../logs/log-answer'
import { Refusal } from '../refusal'
import { replyJson } from '../reply'
import { mustUse, wholeNumber } from '../request'
import type { RunStore } from './run-store'
import type { RunView, RunViews } from './run-views'

export interface RunParts {
  /** Undefined where runs are not kept. */
  readonly runs: RunStore | undefined
  readonly runViews: RunViews | undefined
}

const DEFAULT_SERIES = 100

/** Answers a request about runs, or about an earlier one; false if it is about something else. */
export async function answerRuns(
  parts: RunParts,
  path: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (path === '/api/runs') {
    mustUse(request, 'GET')
    replyJson(response, 200, await list(parts.runs))
    return true
  }
  const asked = query.get('run')
  if (asked === null || !path.startsWith('/api/')) return false
  if (parts.runViews === undefined) throw new Refusal(404, 'runs are not kept: start dog agent with --store <file>')
  const view = await parts.runViews.of(asked)
  if (view === undefined) return false
  mustUse(request, 'GET')
  if (path === '/api/logs') replyJson(response, 200, logsAnswer(view.logs, query))
  else if (path === '/api/metrics') replyJson(response, 200, seriesOf(view, query))
  else return await view.traces.answer(path, query, request, response)
  return true
}

async function list(runs: RunStore | undefined): Promise<object> {
  if (runs === undefined) return { runs: [] }
  const all = await runs.runs()
  return { runs: all.map((run) => ({ ...run, isCurrent: run.id === runs.run })), store: runs.counters }
}

/** As `/api/metrics` has them, without counters: those are of the agent that runs. */
function seriesOf({ series }: RunView, query: URLSearchParams): object {
  const name = query.get('name') ?? ''
  const found = series.filter((one) => one.name.includes(name)).slice(0, wholeNumber(query, 'limit', DEFAULT_SERIES))
  const windows = wholeNumber(query, 'windows', 0, 0)
  return { series: found.map((one) => (windows === 0 ? one : { ...one, windows: one.windows.slice(-windows) })) }
}
