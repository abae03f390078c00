// `dog api <method> [argument…]`: calls any method of Datadog's API from the shell, and prints what it gives.
//
// Keys come from the environment alone: on the command line anybody on the machine could read them in the list of processes.

import { text as textOf } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { DatadogError, DogHttpApi } from '../api'
import { METHODS, type MethodName } from '../api/api-methods'
import { apiEnvironment } from '../api-transport/api-settings'
import { readApiEnvironment } from '../config/api-environment'
import { readArguments, wrong } from './api-arguments'
import { apiHelp, methodHelp } from './api-help'
import { CliError, USAGE } from './cli-error'
import { nearestName } from './nearest-name'
import { ownArguments } from './own-arguments'
import { paintFor } from './paint'
import { oneLine } from './terminal-text'

const OPTIONS = {
  site: { type: 'string' },
  host: { type: 'string' },
  timeout: { type: 'string', default: '30' },
  raw: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const FAILED = 1

/** Shorter waits are not worth a line. */
const LONG_WAIT_MS = 3000

/** In the messages of the client, which speak to programmers. */
const IN_CODE = /new DogHttpApi\(\{ \w+ \}\), or /

export async function apiCommand(args: string[]): Promise<number> {
  const { values, name, given } = readCommandLine(args)
  const page = { columns: process.stdout.columns ?? 80, paint: paintFor(process.stdout, process.env) }
  if (name === undefined) return print(apiHelp(page))
  const method = methodCalled(name)
  if (values.help || /^(?:--help|-h)$/.test(given.at(-1) ?? '')) return print(methodHelp(method, page))

  const callArguments = readArguments(method, await withInput(method, given))
  const api = clientFor(values)
  try {
    const call = api[method] as (...given: unknown[]) => Promise<unknown>
    return print(printed(await call.apply(api, callArguments)))
  } catch (error) {
    if (error instanceof DatadogError) throw new CliError(oneLine(error.message), FAILED)
    if (!(error instanceof TypeError)) throw error
    if (IN_CODE.test(error.message)) throw new CliError(error.message.replace(IN_CODE, ''), USAGE)
    throw wrong(method, error.message)
  }
}

/** What is after the method may begin with a dash, a negative number for one. */
function readCommandLine(args: string[]) {
  const { values, rest } = ownArguments(args, OPTIONS)
  const [name, ...given] = rest
  const late = given.find((text) => /^--(?:site|host|timeout|raw)(?:=|$)/.test(text))
  if (late !== undefined) throw new CliError(`options come before the method: dog api ${late} ${name}`, USAGE)
  return { values, name, given }
}

function methodCalled(name: string): MethodName {
  if (Object.hasOwn(METHODS, name)) return name as MethodName
  const near = nearestName(name, Object.keys(METHODS))
  const hint = near === undefined ? 'See: dog api --help' : `Is it ${near}? All of them: dog api --help`
  throw new CliError(`there is no method ${name}. ${hint}`, USAGE)
}

/** With what standard input has in the place of `-`. */
async function withInput(method: MethodName, given: readonly string[]): Promise<string[]> {
  const places = given.filter((text) => text === '-').length
  if (places > 1) throw wrong(method, 'standard input can be read only once: there is more than one -')
  const input = places === 0 ? '' : (await textOf(process.stdin)).replace(/\r?\n$/, '')
  return given.map((text) => (text === '-' ? input : text))
}

function clientFor(values: {
  site?: string
  host?: string
  timeout: string
  raw: boolean
}): DogHttpApi<{ swallow: false }> {
  const { site, host, timeout, raw } = values
  const seconds = Number(timeout)
  if (!(seconds > 0 && seconds <= 3600)) {
    throw new CliError(`--timeout takes a number of seconds up to 3600, not ${timeout}`, USAGE)
  }
  apiEnvironment.use(readApiEnvironment)
  const options = { site, apiHost: host, timeout: seconds, jsonResponses: raw, swallow: false } as const
  try {
    return new DogHttpApi(options, { sleep })
  } catch (error) {
    // Each names the option, or what it is in the environment.
    throw error instanceof TypeError ? new CliError(error.message.replace(/^apiHost /, '--host '), USAGE) : error
  }
}

async function sleep(ms: number): Promise<void> {
  if (process.stderr.isTTY && ms >= LONG_WAIT_MS) {
    process.stderr.write(`dog: Datadog does not take it now; trying again in ${Math.ceil(ms / 1000)} s\n`)
  }
  await delay(ms)
}

/** A text as it is, for scripts; nothing for null; all else as JSON. */
function printed(value: unknown): string {
  if (value === null || value === undefined) return ''
  return `${typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)}\n`
}

function print(text: string): number {
  // Who reads it may have seen enough: `dog api allTags | head`.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') throw new Error(`cannot write: ${code}`)
  })
  process.stdout.write(text)
  return 0
}
