// `dog tail [query]`: prints what a running local agent gets, as it comes.
//
// What it prints goes to stdout, for people or as JSON lines; what it has to say itself goes to stderr. It outlives the agent: restarting
// that one while looking is what one does all day.

import { parseArgs } from 'node:util'
import { parseQuery } from '../../local-agent/search/parse-query'
import { QueryError } from '../../local-agent/search/query'
import { pointAt } from '../../local-agent/search/query-text'
import type { SummaryAnswer } from '../agent-answers'
import { AgentAway, AgentClient, AgentRefusal, readAgentUrl } from '../agent-client'
import { CliError, USAGE } from '../cli-error'
import { readWhole } from '../number-option'
import { paintFor } from '../paint'
import { printHelp } from '../print-help'
import { Progress } from '../progress'
import { LiveFeed } from './live-feed'
import { LogTail } from './log-tail'
import { MetricTail } from './metric-tail'
import { tailOutput } from './tail-output'
import { TraceTail } from './trace-tail'

/** As `tail` shows of a file. */
const DEFAULT_LAST = 10
const MAX_LAST = 1000

const OPTIONS = {
  url: { type: 'string' },
  port: { type: 'string' },
  last: { type: 'string', default: String(DEFAULT_LAST) },
  limit: { type: 'string' },
  tree: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  logs: { type: 'boolean', default: false },
  metrics: { type: 'boolean', default: false },
  'no-traces': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

export async function tailCommand(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args)
  if (values.help) return printHelp('tail')
  const query = readQuery(positionals.join(' '))
  const client = new AgentClient(readAgentUrl(values.url, values.port))
  const last = readWhole(values.last, '--last', 0, MAX_LAST)
  const limit = values.limit === undefined ? Number.POSITIVE_INFINITY : readWhole(values.limit, '--limit', 1, 1e9)
  if (values['no-traces'] && !values.logs && !values.metrics) {
    throw new CliError('--no-traces leaves nothing to print: add --logs or --metrics', USAGE)
  }

  const ended = new AbortController()
  const { signal } = ended
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ended.abort())
  // Whoever read it has seen enough: `dog tail | head`.
  process.stdout.on('error', () => ended.abort())

  const progress = new Progress()
  const style = {
    paint: paintFor(process.stdout, process.env),
    columns: process.stdout.isTTY ? process.stdout.columns || undefined : undefined,
  }
  const output = tailOutput({ style, isJson: values.json, limit, progress, onFull: () => ended.abort() })
  const traces = values['no-traces']
    ? undefined
    : new TraceTail(client, output, { query, isTree: values.tree, last, signal })
  const logs = values.logs ? new LogTail(client, output, { query, last, signal }) : undefined
  const metrics = values.metrics ? new MetricTail(client, output, signal) : undefined

  try {
    await follow(client, progress, { traces, logs, metrics }, signal)
    return 0
  } catch (error) {
    throw explained(error, query)
  } finally {
    traces?.stop()
    progress.clear()
  }
}

interface Tails {
  readonly traces: TraceTail | undefined
  readonly logs: LogTail | undefined
  readonly metrics: MetricTail | undefined
}

function follow(client: AgentClient, progress: Progress, tails: Tails, signal: AbortSignal): Promise<void> {
  const { traces, logs, metrics } = tails
  let hasBegun = false
  let isAway = false
  let run = ''
  progress.show(`connecting to ${client.url}`)
  const feed = new LiveFeed(client, {
    async connected() {
      if (isAway) say(progress, `the local agent at ${client.url} answers`)
      isAway = false
      progress.show(`following ${client.url}, nothing new yet`)
      if (hasBegun) return
      await traces?.begin()
      await logs?.begin()
      await metrics?.begin()
      hasBegun = true
    },
    event({ type, data, lastId }) {
      const [runNow = '', revision] = lastId.split('-')
      if (runNow !== run) {
        if (run !== '') for (const tail of [traces, logs]) tail?.restart()
        run = runNow
      }
      if (type === 'trace') traces?.changed(JSON.parse(data) as SummaryAnswer, Number(revision))
      if (type === 'log') void logs?.look()
      if (type === 'metric' || type === 'status') void metrics?.look()
    },
    away(reason) {
      isAway = true
      const advice = hasBegun ? '' : ' dog agent starts one.'
      say(progress, `${reason}.${advice} Waiting for it.`)
      progress.show(`waiting for a local agent at ${client.url}`)
    },
  })
  return feed.follow(signal)
}

function say(progress: Progress, text: string): void {
  progress.clear()
  process.stderr.write(`dog: ${text}\n`)
}

/** A query may have what looks like an option: `-service:db`. Options have one letter, or two dashes. */
function readArguments(args: readonly string[]) {
  const hidden = args.map((argument) => (/^-[^-].*:/.test(argument) ? `\0${argument}` : argument))
  const { values, positionals } = parseArgs({ args: hidden, options: OPTIONS, allowPositionals: true })
  return { values, positionals: positionals.map((term) => term.replace(/^\0/, '')) }
}

function readQuery(text: string): string {
  const query = parseQuery(text)
  if (query instanceof QueryError) throw new CliError(queryProblem(text, query), USAGE)
  return text.trim()
}

/** With the query, and a mark below the mistake. */
function queryProblem(query: string, { message, at }: { message: string; at?: number | undefined }): string {
  const place = at === undefined ? [] : pointAt(query, at)
  return [`the query is wrong: ${message}`, ...place.map((line) => `  ${line}`)].join('\n')
}

/** What ends the command, for the person who gave it. */
function explained(error: unknown, query: string): unknown {
  if (error instanceof AgentAway) return new CliError(`${error.message}. Another address: dog tail --url <url>`, 1)
  if (error instanceof AgentRefusal && error.at !== undefined) return new CliError(queryProblem(query, error), USAGE)
  if (error instanceof AgentRefusal) return new CliError(`the local agent refused: ${error.message}`, 1)
  return error
}
