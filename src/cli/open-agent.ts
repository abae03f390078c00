// Starts the local agent for a command, and explains it when that does not work.
//
// By far the most frequent reason is a taken port, since a real Agent listens on the same one: that message says which
// port, by whom, and what to type instead.

import { OWN_VERSION } from '../base/own-version'
import { RunFileError } from '../local-agent/runs/run-record'
import { type LocalAgent, type LocalAgentOptions, startLocalAgent } from '../local-agent/start-local-agent'
import { CliError } from './cli-error'
import { MAX_PORT } from './number-option'
import { takenBy } from './ports/taken-port'

/** Where tracers look for an Agent. */
export const DEFAULT_PORT = 8126

/** At the usual port, or at any where that is taken. */
export async function openAgentAnywhere(command: string, options: LocalAgentOptions): Promise<LocalAgent> {
  try {
    return await startLocalAgent({ ...options, port: DEFAULT_PORT, version: OWN_VERSION })
  } catch {
    return await openAgent(command, { ...options, port: 0 })
  }
}

/** `command` is what the user typed, for the advice to type it differently. */
export async function openAgent(command: string, options: LocalAgentOptions & { port: number }): Promise<LocalAgent> {
  try {
    return await startLocalAgent({ ...options, version: OWN_VERSION })
  } catch (error) {
    const { port, host = '127.0.0.1' } = options
    const { code, message } = error as NodeJS.ErrnoException
    if (error instanceof RunFileError) throw new CliError(message, 1)
    if (code !== 'EADDRINUSE') throw new CliError(`cannot listen on ${host}:${port}: ${message}`, 1)
    const advice = `Try another one: ${command} --port ${port < MAX_PORT ? port + 1 : DEFAULT_PORT}`
    throw new CliError(`port ${port} is taken${await takenBy(host, port)}. ${advice}`, 1)
  }
}
