// The options of the client of Datadog's API: checked, completed from the environment, and made into what its calls need.

import {
  type ApiAddressOptions,
  type ApiEnvironment,
  apiAddressOf,
  apiEnvironment,
  keyOf,
} from '../api-transport/api-settings'
import { ApiTransport } from '../api-transport/api-transport'
import { FetchExchange } from '../api-transport/fetch-exchange'
import { NodeExchange } from '../api-transport/node-exchange'
import { RetryPolicy } from '../api-transport/retry-policy'
import { monotonicMs, wallMs } from '../base/clock'
import { randomFraction } from '../base/id'
import { MAX_TIMER_MS } from '../base/later'
import { log } from '../base/log'
import { ApiCaller, type ApiKeys } from './api-caller'
import { Backoff } from './backoff'
import { checked, mustBe } from './call-checks'
import { MetricDefaults } from './metric-defaults'
import type { ApiModes, ResourceParts } from './resource'

/** Of calls; `with()` changes them. */
export interface CallOptions extends ApiModes {
  /** Seconds for a request and its whole answer. Default: 2. */
  readonly timeout?: number | undefined
  /** Attempts after the first one, where that can do nothing twice. Default: 2. */
  readonly maxRetries?: number | undefined
  /** Gives up what is under way. */
  readonly signal?: AbortSignal | undefined
}

export interface DogHttpApiOptions extends ApiAddressOptions, CallOptions {
  /** For all but sending data. Default: `DATADOG_APP_KEY`, else `DD_APP_KEY`. */
  readonly applicationKey?: string | undefined
  /** Timeouts in a row after which nothing is sent for a while. Default: 3. */
  readonly maxTimeouts?: number | undefined
  /** Seconds of that while. Default: 300. */
  readonly backoffPeriod?: number | undefined
  /** Of metrics without one. Default: `DD_HOSTNAME`, else the machine's name. */
  readonly hostname?: string | undefined
  /** Whether on EC2 the id of the instance is the default in its place; it is asked for once. Default: false. */
  readonly useEc2InstanceId?: boolean | undefined
  /** In the place of Node's, for tests or another client. */
  readonly fetch?: typeof fetch | undefined
  /** Of undici, handed to `fetch`: a proxy or a pool of one's own. */
  readonly dispatcher?: unknown
}

/** What tests and `tracer.api` give the constructor. */
export interface DogHttpApiParts {
  /** Runs a function so that nothing it starts is traced. */
  readonly mute?: (<T>(fn: () => T) => T) | undefined
  /** What options leave out. Default: as the environment says. */
  readonly environment?: (() => Partial<ApiEnvironment>) | undefined
  /** A clock in seconds that never goes back. */
  readonly now?: (() => number) | undefined
  /** Milliseconds since the epoch. */
  readonly wallNow?: (() => number) | undefined
  /** From 0 up to, but not including, 1. */
  readonly random?: (() => number) | undefined
  readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined
}

/** What a client and those made by its `with()` have in common. */
export interface Shared {
  readonly transport: ApiTransport
  readonly backoff: Backoff
  /** All have the same retries in hand. */
  readonly policy: RetryPolicy
  readonly defaults: MetricDefaults
  readonly keys: ApiKeys
  readonly parts: DogHttpApiParts
}

const DEFAULT_TIMEOUT_S = 2
const DEFAULT_RETRIES = 2
const DEFAULT_MAX_TIMEOUTS = 3
const DEFAULT_BACKOFF_S = 300

const CALL_OPTIONS = ['swallow', 'jsonResponses', 'timeout', 'maxRetries', 'signal'] as const
const OPTIONS = [
  ...CALL_OPTIONS,
  'apiKey',
  'applicationKey',
  'site',
  'apiHost',
  'proxy',
  'maxTimeouts',
  'backoffPeriod',
  'hostname',
  'useEc2InstanceId',
  'fetch',
  'dispatcher',
] as const

/** @throws TypeError for an option that cannot be what it is */
export function sharedOf(options: DogHttpApiOptions, parts: DogHttpApiParts): Shared {
  const { useEc2InstanceId = false, dispatcher } = checked(options, OPTIONS)
  const env = parts.environment?.() ?? apiEnvironment.read()
  const { fetch = globalThis.fetch, hostname = env.hostname } = options
  log.configure({ level: env.logLevel })
  mustBe(typeof fetch === 'function', 'fetch', 'a function', fetch)
  const address = apiAddressOf(options, env)
  const applicationKey = keyOf('applicationKey', options.applicationKey ?? env.applicationKey)
  const isOwnFetch = options.fetch !== undefined || dispatcher !== undefined
  const { proxy, apiKey, isOwnHost } = address
  const exchange =
    proxy === undefined || isOwnFetch
      ? new FetchExchange({ fetch, dispatcher })
      : new NodeExchange({ proxy, keepsProcess: true })
  return {
    transport: new ApiTransport({ ...address, applicationKey, timeoutMs: DEFAULT_TIMEOUT_S * 1000 }, exchange),
    backoff: new Backoff({
      maxTimeouts: numberOf(options, 'maxTimeouts', DEFAULT_MAX_TIMEOUTS, 1),
      backoffPeriod: numberOf(options, 'backoffPeriod', DEFAULT_BACKOFF_S, 0),
      now: parts.now ?? (() => monotonicMs() / 1000),
    }),
    policy: new RetryPolicy(parts.random ?? randomFraction),
    defaults: new MetricDefaults({
      hostname,
      usesEc2InstanceId: useEc2InstanceId,
      fetch,
      nowMs: parts.wallNow ?? wallMs,
    }),
    keys: { hasApiKey: apiKey !== undefined, hasApplicationKey: applicationKey !== undefined, mayLack: isOwnHost },
    parts,
  }
}

/** @throws TypeError for an option that cannot be what it is */
export function resourceParts(shared: Shared, options: CallOptions): ResourceParts {
  const { signal, swallow = true, jsonResponses = false } = options
  const { transport, backoff, policy, defaults, keys, parts } = shared
  mustBe(signal === undefined || typeof signal?.addEventListener === 'function', 'signal', 'an AbortSignal', signal)
  return {
    caller: new ApiCaller({
      transport,
      backoff,
      keys,
      signal,
      policy,
      maxRetries: numberOf(options, 'maxRetries', DEFAULT_RETRIES, 0),
      timeoutMs: Math.min(Math.ceil(numberOf(options, 'timeout', DEFAULT_TIMEOUT_S, 0.001) * 1000), MAX_TIMER_MS),
      sleep: parts.sleep ?? pause,
    }),
    modes: { swallow, jsonResponses },
    defaults,
    mute: parts.mute ?? ((fn) => fn()),
  }
}

/** @throws TypeError for what is no option of a call */
export function callOptions<T extends CallOptions>(options: T): T {
  checked<CallOptions>(options, CALL_OPTIONS)
  return options
}

/** Somebody waits for it, so it keeps the process. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { setTimeout } = require('node:timers/promises') as typeof import('node:timers/promises')
  return setTimeout(ms, undefined, signal === undefined ? {} : { signal })
}

function numberOf<T>(options: T, name: keyof T & string, usual: number, min: number): number {
  const value: unknown = options[name] ?? usual
  mustBe(typeof value === 'number' && value >= min, name, `a number from ${min}`, value)
  return value as number
}
