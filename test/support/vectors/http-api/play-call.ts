// Plays a vector that is a call of one method: makes it with the real client against a real server, with every mode that the vector tells of,
// and says what is wrong with what was sent and with what it came to.

import { DogHttpApi } from '../../../../src/api'
import { decoded } from '../vector'
import { NotFollowed } from '../vector-case'
import { type CallVector, type ClientSettings, checkCall, type Exchange, type Wanted } from './api-vector'
import { type Keys, type Outcome, outcomeDifference, requestDifference, sleepDifference } from './compare-call'
import { type Fault, faultOf, isTimeout } from './faults'
import { inEnvironment, optionsOf, vectorClient, withLog } from './vector-client'
import { type Received, VectorServer } from './vector-server'

/** Of a vector that means a timeout and does not say after what. */
const TIMEOUT_S = 0.2
/** Of requests that are to time out before the one that a vector is about. */
const QUICK_TIMEOUT_S = 0.005
/** The least and the most that chance can do. */
const DICE = [0, 0.999]

/** A vector is played once for each of these. */
interface Mode {
  readonly name: string
  readonly options: ClientSettings
  readonly wanted: Wanted
}

/** @returns what is wrong; undefined where nothing is */
export async function playCall(vector: CallVector, conventions: ClientSettings): Promise<string | undefined> {
  checkCall(vector)
  for (const { name, options, wanted } of modesOf(vector)) {
    const settings = { ...conventions, ...inWords(vector), ...vector.client, ...options }
    for (const random of wanted.sleepsMs === undefined ? [0.5] : DICE) {
      const wrong = await withLog(() => playOnce(vector, wanted, settings, random))
      if (wrong !== undefined) return `${name}${wrong}`
    }
  }
  return undefined
}

function modesOf(vector: CallVector): Mode[] {
  const { recommended } = vector
  if (recommended === undefined) {
    const isRefused = vector.request === null && !('returns' in vector) && !('throws' in vector)
    // What the original client refuses has no request, and nothing that it returns.
    return [{ name: '', options: {}, wanted: isRefused ? { ...vector, throws: 'TypeError' } : vector }]
  }
  const { swallowTrue, swallowFalse, ...both } = recommended
  const common = { requests: vector.requests, sleepsMs: vector.sleepsMs, ...both }
  const mode = (swallow: boolean, own: Wanted | undefined): Mode => ({
    name: `swallow ${swallow}: `,
    options: { swallow },
    wanted: withoutUndefined({ ...common, ...own }),
  })
  const modes = [mode(false, swallowFalse), mode(true, swallowTrue)]
  // One that only says what holds in one mode says nothing of the other.
  if (swallowTrue === undefined && swallowFalse === undefined) return modes
  return modes.filter(({ options }) => (options['swallow'] ? swallowTrue : swallowFalse) !== undefined)
}

function withoutUndefined(wanted: Wanted): Wanted {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
}

/** That a client has no key is told in words only. */
function inWords({ note = '', client }: CallVector): ClientSettings {
  if (client !== undefined) return {}
  return {
    ...(/\bwithout (?:an |the )?app(?:lication)? key\b/i.test(note) && { applicationKey: null }),
    ...(/\bwithout (?:an |the )?API key\b/i.test(note) && { apiKey: null }),
  }
}

async function playOnce(
  vector: CallVector,
  wanted: Wanted,
  settings: ClientSettings,
  random: number,
): Promise<string | undefined> {
  const exchanges = exchangesOf(vector, wanted)
  const { method, args = [], auth, unordered } = vector
  const isChecked = exchanges.some(({ request }) => request) || vector.request === null || wanted.requests !== undefined
  if (!isChecked && !('returns' in wanted) && !('throws' in wanted)) {
    throw new NotFollowed('it has nothing that could be checked')
  }
  const faults = [vector, ...exchanges].map(({ transport }) => faultOf(transport))
  const options = optionsOf(settings)
  if (options.proxy !== undefined) throw new NotFollowed('a proxy on loopback is not understood')
  const givenArgs = argsOf(args)
  const call = methodOf(method)
  const keys: Keys = { apiKey: trimmed(options.apiKey), applicationKey: trimmed(options.applicationKey), auth }
  const match = (exchange: Exchange, one: Received) =>
    exchange.request != null && requestDifference(exchange.request, one, keys) === undefined
  const before = faults[0] === 'backoff' ? (options.maxTimeouts ?? 3) : 0
  const timeouts = Array<Exchange>(before).fill({ transport: 'connect-timeout' })
  const server = await VectorServer.open([...timeouts, ...exchanges], unordered ? match : undefined)
  const sleepsMs: number[] = []
  try {
    // A server of one's own may do without keys, so that it must not be one where they lack.
    const apiHost = options.apiKey === undefined ? undefined : server.url
    const all = { apiHost, ...timeoutOf(faults), ...options, fetch: server.fetch }
    const nowSeconds = Number(settings['now'])
    const outcome = await outcomeOf(async () => {
      const api = inEnvironment({}, () => vectorClient({ options: all, nowSeconds, random, sleepsMs }))
      for (let at = 0; at < before; at++) {
        await api.with({ timeout: QUICK_TIMEOUT_S, maxRetries: 0, swallow: true }).validate()
      }
      return call.apply(api, givenArgs)
    })
    const received = server.received.slice(before)
    return (
      requestsDifference(exchanges, received, keys, unordered === true) ??
      outcomeDifference(
        wanted,
        outcome,
        exchanges.some(({ response, transport }) => response ?? transport),
      ) ??
      (wanted.sleepsMs === undefined ? undefined : sleepDifference(wanted.sleepsMs, sleepsMs))
    )
  } finally {
    await server.close()
  }
}

/** One request as often as the vector says, or several. */
function exchangesOf(vector: CallVector, { requests, sleepsMs }: Wanted): readonly Exchange[] {
  const { exchanges, request, response, transport, serverDelayMs } = vector
  if (exchanges !== undefined) {
    // What the network does stands at the vector where it does it to all that have no answer.
    return exchanges.map((one) => (one.response === undefined ? { transport, serverDelayMs, ...one } : one))
  }
  if (request === null || faultOf(transport) === 'backoff') return []
  const count = requests ?? (sleepsMs === undefined ? 1 : sleepsMs.length + 1)
  return Array<Exchange>(count).fill({ request, response, transport, serverDelayMs } as Exchange)
}

function timeoutOf(faults: readonly Fault[]): { timeout?: number } {
  return faults.some(isTimeout) ? { timeout: TIMEOUT_S } : {}
}

/** @throws NotFollowed for a value that is not known */
function argsOf(args: readonly unknown[]): unknown[] {
  try {
    return args.map(decoded)
  } catch (error) {
    throw new NotFollowed(`among the arguments, ${(error as Error).message}`)
  }
}

/** @throws RangeError for a method that the client has not */
function methodOf(name: string): (this: DogHttpApi, ...args: unknown[]) => Promise<unknown> {
  const method = (DogHttpApi.prototype as unknown as Record<string, unknown>)[name]
  if (typeof method === 'function' && !Object.hasOwn(Object.prototype, name)) return method as never
  throw new RangeError(`the client has no method ${name}`)
}

async function outcomeOf(run: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { returned: await run() }
  } catch (thrown) {
    return { thrown }
  }
}

function requestsDifference(
  exchanges: readonly Exchange[],
  received: readonly Received[],
  keys: Keys,
  isUnordered: boolean,
): string | undefined {
  if (exchanges.length !== received.length) {
    const sent = received.map(({ verb, path }) => `${verb} ${path}`)
    return `expected ${exchanges.length} requests, got ${received.length}${sent.length > 0 ? `: ${sent.join(', ')}` : ''}`
  }
  const left = [...received]
  for (const [at, { request }] of exchanges.entries()) {
    if (request === undefined || request === null) continue
    const own = isUnordered ? left.findIndex((one) => requestDifference(request, one, keys) === undefined) : 0
    const one = left.splice(Math.max(own, 0), 1)[0]!
    const wrong = requestDifference(request, one, keys)
    if (wrong !== undefined) return exchanges.length === 1 ? wrong : `request ${at + 1}: ${wrong}`
  }
  return undefined
}

function trimmed(key: unknown): unknown {
  return typeof key === 'string' ? key.trim() : key
}
