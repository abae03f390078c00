// `dog agent`: the local agent on its own, until it is told to stop.
//
// It takes the ports where tracers and DogStatsD clients look for an Agent, so a program needs no setting to be seen; and
// it keeps what it has when such a program ends, unlike `dog run`. Metrics are a guest: where their port is taken, it goes
// on without them and says so.

import { once } from 'node:events'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { MAX_RUN_BYTES, MAX_RUNS, type RunStoreOptions } from '../local-agent/runs/run-store'
import { MAX_PORT, readPort, readWhole } from './number-option'
import { DEFAULT_PORT, openAgent } from './open-agent'
import { openBrowser } from './open-browser'
import { otlpTakenBy, pathTakenBy, udpTakenBy } from './ports/taken-port'
import { printHelp } from './print-help'

/** Where DogStatsD clients send. */
const DOGSTATSD_PORT = 8125

/** Where OpenTelemetry's exporters send. */
const OTLP_PORT = 4318

const MB = 1024 * 1024

/** Runs, or megabytes: more is a slip of the finger. */
const MAX_STORE = 999_999

export async function agentCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: String(DEFAULT_PORT) },
      host: { type: 'string', default: '127.0.0.1' },
      'dogstatsd-port': { type: 'string', default: String(DOGSTATSD_PORT) },
      'dogstatsd-socket': { type: 'string' },
      'otlp-port': { type: 'string', default: String(OTLP_PORT) },
      store: { type: 'string' },
      'store-runs': { type: 'string', default: String(MAX_RUNS) },
      'store-mb': { type: 'string', default: String(MAX_RUN_BYTES / MB) },
      open: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return printHelp('agent')

  // 0 switches it off, as the Agent's setting `dogstatsd_port` does.
  const dogstatsdPort = readPort(values['dogstatsd-port'], '--dogstatsd-port') || undefined
  const path = values['dogstatsd-socket']
  const dogstatsdSocket = path === undefined ? undefined : resolve(path)
  const otlpPort = readPort(values['otlp-port'], '--otlp-port') || undefined
  const runs = values.store === undefined ? undefined : storeOf(values.store, values['store-runs'], values['store-mb'])
  const { host } = values
  const port = readPort(values.port)
  const agent = await openAgent('dog agent', { port, host, dogstatsdPort, dogstatsdSocket, otlpPort, runs })
  const { port: metricsPort, socketPath, problems } = agent.dogstatsd
  const addresses = [
    ...(metricsPort === undefined ? [] : [`UDP port ${metricsPort}`]),
    ...(socketPath === undefined ? [] : [`unixstream://${socketPath}`]),
  ]
  const variables = [
    ...(agent.port === DEFAULT_PORT ? [] : [`DD_TRACE_AGENT_URL=${agent.url} `]),
    ...(metricsPort === undefined || metricsPort === DOGSTATSD_PORT ? [] : [`DD_DOGSTATSD_PORT=${metricsPort} `]),
  ]
  // Before it says how to.
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  console.log(`Traces are collected and shown on ${agent.url}`)
  if (addresses.length > 0) console.log(`Metrics are collected on ${addresses.join(' and ')}`)
  for (const problem of problems) console.log(explained(problem, dogstatsdPort, dogstatsdSocket))
  const { port: otlp, problem } = agent.otlpPort
  if (otlp !== undefined) console.log(`OpenTelemetry is collected on http://localhost:${otlp} (OTLP over HTTP)`)
  if (problem !== undefined)
    console.log(`${problem}${otlpTakenBy(problem, otlpPort)}. OTLP comes to ${agent.url} only.`)
  if (agent.runs !== undefined) {
    const how = agent.runs.isReadOnly ? 'Earlier runs are shown from' : 'What comes is kept in'
    console.log(`${how} ${agent.runs.file}${agent.runs.isReadOnly ? ', which cannot be written to' : ''}`)
  }
  console.log(`Start a program with: ${variables.join('')}node --require dd/init app.js`)
  console.log('Ctrl+C ends it.')
  if (values.open) openBrowser(agent.url)

  await stopped
  await agent.close()
  return 0
}

function storeOf(file: string, runs: string, megabytes: string): RunStoreOptions {
  return {
    file: resolve(file),
    maxRuns: readWhole(runs, '--store-runs', 1, MAX_STORE),
    maxBytes: readWhole(megabytes, '--store-mb', 1, MAX_STORE) * MB,
  }
}

/** Why there are no metrics at an address, and how to have them at another. */
function explained(problem: string, port: number | undefined, path: string | undefined): string {
  if (port !== undefined && problem === `UDP port ${port} is taken`) {
    const other = `dog agent --dogstatsd-port ${port < MAX_PORT ? port + 1 : DOGSTATSD_PORT}`
    return `${problem}${udpTakenBy(port)}. No metrics come there. Another one: ${other}`
  }
  const by = path !== undefined && problem === `${path} is taken` ? pathTakenBy(path) : ''
  return `${problem}${by}. No metrics come there.`
}
