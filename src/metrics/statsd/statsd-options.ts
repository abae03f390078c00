// What StatsD clients are made with, and what is wrong with it, said at once where it is given.

import { monotonicMs } from '../../base/clock'
import { randomFraction } from '../../base/id'
import { cleanName } from '../clean-text'
import { ClientStats } from '../client-stats'
import { ErrorReporter, type OnError } from '../error-reporter'
import { check, checkRate } from '../option-checks'
import type { Transport } from '../transport/transport'
import type { Recording } from './metric-methods'

/** What all StatsD clients take. */
export interface StatsdOptions {
  /** Stands before each name, with a dot between. Default: `STATSD_PREFIX`, else none. */
  readonly prefix?: string | undefined
  /** The rate of calls that name none, from 0 to 1. Default: 1. */
  readonly rate?: number | undefined
  /** Is told what went wrong, at most once in ten seconds for each kind. Default: a warning on stderr, once a minute. */
  readonly onError?: OnError | undefined
  /** Takes the packets instead of a socket. */
  readonly transport?: Transport | undefined
  /** For tests: numbers from 0 to 1, and a clock in milliseconds. */
  readonly random?: (() => number) | undefined
  readonly now?: (() => number) | undefined
  /** Runs what opens sockets; the tracer's does so unseen by its plugins. */
  readonly mute?: (<T>(fn: () => T) => T) | undefined
}

/** @throws TypeError for options of a wrong kind */
export function recordingOf(options: StatsdOptions, prefix: string | undefined): Recording {
  const { rate = 1, onError, random = randomFraction, now = monotonicMs } = options
  check('prefix', prefix ?? '', 'string')
  checkRate(rate)
  for (const [name, fn] of Object.entries({ onError, random, now })) if (fn !== undefined) check(name, fn, 'function')
  const errors = new ErrorReporter(onError)
  const stats = new ClientStats(errors)
  // Exactly one dot, whether the prefix brings it or not.
  const start = cleanName(prefix ?? '').replace(/\.+$/, '')
  return { prefix: start === '' ? '' : `${start}.`, rate, random, now, stats, errors }
}
