// Starts the command of `dog run` and `dog doctor`, and says what shells say where that cannot be.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { CliError } from './cli-error'

/** What shells answer when there is no such command. */
const NOT_STARTED = 127

/** @throws CliError */
export function spawnCommand([file = '', ...args]: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(file, args, options)
  } catch (error) {
    throw cannotRun(file, error as Error)
  }
}

/** For the `error` of the child, which comes where there is no such file. */
export function cannotRun(file: string, { code, message }: NodeJS.ErrnoException): CliError {
  return new CliError(`cannot run ${file}: ${code === 'ENOENT' ? 'there is no such command' : message}`, NOT_STARTED)
}
