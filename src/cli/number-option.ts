// Options of the command line that are whole numbers.

import { CliError, USAGE } from './cli-error'

export const MAX_PORT = 65_535

/** @throws CliError that names the option and its bounds */
export function readWhole(text: string, option: string, min: number, max: number): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : -1
  if (number < min || number > max) {
    throw new CliError(`${option} takes a number from ${min} to ${max}, not ${text}`, USAGE)
  }
  return number
}

export function readPort(text: string, option = '--port'): number {
  return readWhole(text, option, 0, MAX_PORT)
}
