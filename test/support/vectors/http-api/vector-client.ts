// The real client as a vector wants it: its options, a clock that stands still, waits that are noted and not waited for, dice that are loaded,
// and an environment that says nothing unless the vector has one.

import { DogHttpApi, type DogHttpApiOptions } from '../../../../src/api'
import { apiEnvironment } from '../../../../src/api-transport/api-settings'
import { log } from '../../../../src/base/log'
import { apiEnvironmentOf } from '../../../../src/config/api-environment'
import { readConfig } from '../../../../src/config/config'
import { NotFollowed } from '../vector-case'
import type { ClientSettings } from './api-vector'

/** What files have in `conventions.client`, for those that have none. */
export const CONVENTIONS: ClientSettings = {
  apiKey: 'k',
  applicationKey: 'a',
  hostname: 'test-host',
  now: 1317652676,
  timeZone: 'UTC',
}

const OPTIONS = [
  'apiKey',
  'applicationKey',
  'hostname',
  'swallow',
  'jsonResponses',
  'timeout',
  'maxRetries',
  'maxTimeouts',
  'backoffPeriod',
  'useEc2InstanceId',
  'site',
  'apiHost',
  'proxy',
]
/** Of time, which is not the client's to be told. */
const OF_THE_RUNNER = ['now', 'timeZone']

/**
 * Options by the names of ours; null is none.
 * @throws NotFollowed for what is no option
 */
export function optionsOf(settings: ClientSettings): DogHttpApiOptions {
  const options: Record<string, unknown> = {}
  for (const [given, value] of Object.entries(settings)) {
    const name = given.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase())
    if (OF_THE_RUNNER.includes(name) || value === null) continue
    if (!OPTIONS.includes(name)) throw new NotFollowed(`the client's option ${given} is not understood`)
    options[name] = value
  }
  return options
}

interface ClientParts {
  readonly options: DogHttpApiOptions
  readonly nowSeconds: number
  /** Seconds on the clock of the backoff. */
  readonly clock?: () => number
  readonly random?: number
  /** Takes down how long the client would have waited. */
  readonly sleepsMs?: number[]
}

/** @throws what the client's constructor does */
export function vectorClient({ options, nowSeconds, clock, random = 0.5, sleepsMs = [] }: ClientParts): DogHttpApi {
  return new DogHttpApi(options as object, {
    now: clock ?? (() => nowSeconds),
    wallNow: () => nowSeconds * 1000,
    random: () => random,
    sleep: async (ms) => {
      sleepsMs.push(ms)
    },
  })
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Runs a function that reads the environment, which is this one, as a program's would be read. */
export function inEnvironment<T>(env: Environment, run: () => T): T {
  const before = apiEnvironment.read()
  apiEnvironment.use(() => apiEnvironmentOf(readConfig({}, env)))
  try {
    return run()
  } finally {
    apiEnvironment.use(() => before)
  }
}

/** What the client logs meanwhile, instead of stderr. */
export async function withLog<T>(run: (lines: string[]) => Promise<T>): Promise<T> {
  const lines: string[] = []
  log.reset()
  log.configure({ sink: (_level, line) => lines.push(line) })
  try {
    return await run(lines)
  } finally {
    log.reset()
  }
}
