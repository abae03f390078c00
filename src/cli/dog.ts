#!/usr/bin/env node
// The command line of dd. This file only finds the command and turns its end into an exit code or a message; each
// command has its own file.

import { CliError, USAGE } from './cli-error'
import { nearestName } from './nearest-name'
import { printOverview } from './print-help'

type Command = (args: string[]) => number | Promise<number>

/** Each is loaded when it is asked for: who wants one line waits for no other. */
const COMMANDS = new Map<string, () => Command>([
  ['agent', () => (require('./agent-command') as typeof import('./agent-command')).agentCommand],
  ['run', () => (require('./run-command') as typeof import('./run-command')).runCommand],
  ['tail', () => (require('./tail/tail-command') as typeof import('./tail/tail-command')).tailCommand],
  ['mcp', () => (require('./mcp/mcp-command') as typeof import('./mcp/mcp-command')).mcpCommand],
  ['doctor', () => (require('./doctor/doctor-command') as typeof import('./doctor/doctor-command')).doctorCommand],
  ['api', () => (require('./api-command') as typeof import('./api-command')).apiCommand],
  ['help', () => helpCommand],
  ['--help', () => printOverview],
  ['-h', () => printOverview],
  ['--version', versionCommand],
  ['-v', versionCommand],
])

function versionCommand(): Command {
  return (require('./version-command') as typeof import('./version-command')).versionCommand
}

/** `dog help run` is `dog run --help`. */
const helpCommand: Command = (args) =>
  args.length === 0 ? printOverview() : commandCalled(args[0]!)([...args.slice(1), '--help'])

function commandCalled(name: string): Command {
  const load = COMMANDS.get(name)
  if (load) return load()
  const near = nearestName(name, [...COMMANDS.keys()])
  throw new CliError(`there is no command ${name}. ${near === undefined ? '' : `Is it ${near}? `}See: dog help`, USAGE)
}

async function main([name = 'help', ...args]: string[]): Promise<number> {
  try {
    return await commandCalled(name)(args)
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    // What util.parseArgs throws is written for the user.
    const isUsage = code.startsWith('ERR_PARSE_ARGS_')
    if (!(error instanceof CliError) && !isUsage) throw error
    console.error(`dog: ${message}`)
    return error instanceof CliError ? error.exitCode : USAGE
  }
}

void main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode
})
