#!/usr/bin/env node
// The command line of dd. This file only finds the command and turns its end into an exit code or a message; each
// command has its own file.

import { agentCommand } from './agent-command'
import { apiCommand } from './api-command'
import { CliError, USAGE } from './cli-error'
import { doctorCommand } from './doctor/doctor-command'
import { helpCommand } from './help-command'
import { mcpCommand } from './mcp/mcp-command'
import { runCommand } from './run-command'
import { tailCommand } from './tail/tail-command'
import { versionCommand } from './version-command'

const COMMANDS = new Map<string, (args: string[]) => number | Promise<number>>([
  ['agent', agentCommand],
  ['run', runCommand],
  ['tail', tailCommand],
  ['mcp', mcpCommand],
  ['doctor', doctorCommand],
  ['api', apiCommand],
  ['help', helpCommand],
  ['--help', () => helpCommand()],
  ['-h', () => helpCommand()],
  ['--version', versionCommand],
  ['-v', versionCommand],
])

async function main([name = 'help', ...args]: string[]): Promise<number> {
  try {
    const command = COMMANDS.get(name)
    if (!command) throw new CliError(`there is no command ${name}. See: dog help`, USAGE)
    return await command(args)
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
