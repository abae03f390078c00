// `dog agent`: the local agent on its own, until it is told to stop.
//
// It takes the ports where tracers and DogStatsD clients look for an Agent, so a program needs no setting to be seen; and
// it keeps what it has when such a program ends, unlike `dog run`. Metrics are a guest: where their port is taken, it goes
// on without them and says so.

import { once } from 'node:events'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { helpCommand } from './help-command'
import { DEFAULT_PORT, openAgent, readPort } from './open-agent'

/** Where DogStatsD clients send. */
const DOGSTATSD_PORT = 8125

export async function agentCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: String(DEFAULT_PORT) },
      host: { type: 'string', default: '127.0.0.1' },
      'dogstatsd-port': { type: 'string', default: String(DOGSTATSD_PORT) },
      'dogstatsd-socket': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return helpCommand()

  // 0 switches it off, as the Agent's setting `dogstatsd_port` does.
  const dogstatsdPort = readPort(values['dogstatsd-port'], '--dogstatsd-port') || undefined
  const path = values['dogstatsd-socket']
  const dogstatsdSocket = path === undefined ? undefined : resolve(path)
  const { host } = values
  const agent = await openAgent('dog agent', { port: readPort(values.port), host, dogstatsdPort, dogstatsdSocket })
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
  for (const problem of problems) console.log(`${problem}. No metrics come there.`)
  console.log(`Start a program with: ${variables.join('')}node --require dd/init app.js`)
  console.log('Ctrl+C ends it.')

  await stopped
  await agent.close()
  return 0
}
