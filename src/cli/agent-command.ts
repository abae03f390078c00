// `dog agent`: the local agent on its own, until it is told to stop.
//
// It takes the port where tracers look for an Agent, so a program needs no setting to be seen; and it keeps what it
// has when such a program ends, unlike `dog run`.

import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { helpCommand } from './help-command'
import { DEFAULT_PORT, openAgent, readPort } from './open-agent'

export async function agentCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: String(DEFAULT_PORT) },
      host: { type: 'string', default: '127.0.0.1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return helpCommand()

  const agent = await openAgent('dog agent', { port: readPort(values.port), host: values.host })
  const variable = agent.port === DEFAULT_PORT ? '' : `DD_TRACE_AGENT_URL=${agent.url} `
  console.log(`Traces are collected and shown on ${agent.url}`)
  console.log(`Start a program with: ${variable}node --require dd/init app.js`)
  console.log('Ctrl+C ends it.')

  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await agent.close()
  return 0
}
