// Plays the steps of what the client does about timeouts, on its own clock. The counter and the beginning of the backoff are private to it;
// what they do is not: after each step a client that has come as far is asked how many timeouts are left, and when it sends again.

import { DatadogError, type DogHttpApi, isError } from '../../../../src/api'
import { type ClientSettings, checkFields } from './api-vector'
import { faultOf, isTimeout } from './faults'
import { inEnvironment, optionsOf, vectorClient, withLog } from './vector-client'
import { VectorServer } from './vector-server'

interface Step {
  /** Seconds on the client's clock. */
  readonly at: number
  readonly transport: string
  readonly sent: boolean
  /** `ok`, or the class of an error. */
  readonly result: string
  readonly counter?: number
  readonly backoffSince?: number | null
}

export interface StateMachine {
  readonly about?: string
  readonly client?: ClientSettings
  readonly steps: readonly Step[]
}

/** Real, while the clock stands still. */
const TIMEOUT_S = 0.005
const ANSWER_S = 5
/** What a failure resolves with says only in words which it was. */
const SWALLOWED = 'errors'
const STEP = ['at', 'transport', 'sent', 'result', 'counter', 'backoffSince']

/** @returns what is wrong; undefined where nothing is */
export async function playStateMachine(
  { about = '', client, steps }: StateMachine,
  conventions: ClientSettings,
): Promise<string | undefined> {
  const inWords = (name: RegExp) => Number(name.exec(about)?.[1] ?? Number.NaN)
  const named = { maxTimeouts: inWords(/max_?timeouts (\d+)/i), backoffPeriod: inWords(/backoff_?period (\d+)/i) }
  const known = Object.entries(named).filter(([, value]) => !Number.isNaN(value))
  const settings = { ...conventions, ...Object.fromEntries(known), ...client }
  for (const step of steps) checkFields('a step', step, STEP)
  for (const swallow of [false, true]) {
    for (let last = 0; last < steps.length; last++) {
      const machine = await Machine.open({ ...settings, swallow })
      const wrong = await withLog(() => playUpTo(machine, steps, last, swallow)).finally(() => machine.close())
      if (wrong !== undefined) return `swallow ${swallow}: step ${last + 1}: ${wrong}`
    }
  }
  return undefined
}

async function playUpTo(
  machine: Machine,
  steps: readonly Step[],
  last: number,
  swallow: boolean,
): Promise<string | undefined> {
  for (const [at, step] of steps.slice(0, last + 1).entries()) {
    const { isSent, result } = await machine.take(step.at, step.transport)
    if (at < last) continue
    if (isSent !== step.sent) return `expected ${step.sent ? 'a request' : 'no request'}, and it is not so`
    const wanted = swallow && step.result !== 'ok' ? `1 ${SWALLOWED}` : step.result
    if (result !== wanted) return `expected ${wanted}, got ${result}`
  }
  const { at, counter, backoffSince } = steps[last]!
  return machine.stateDifference(at, counter, backoffSince)
}

/** A client with its server, and a clock between them. */
class Machine {
  readonly #api: DogHttpApi
  readonly #server: VectorServer
  readonly #settings: { readonly maxTimeouts: number; readonly backoffPeriod: number }
  readonly #clock: { seconds: number }

  private constructor(server: VectorServer, settings: ClientSettings) {
    const options = { ...optionsOf(settings), apiHost: server.url, fetch: server.fetch, maxRetries: 0 }
    this.#clock = { seconds: 0 }
    const clock = () => this.#clock.seconds
    this.#api = inEnvironment({}, () => vectorClient({ options, nowSeconds: Number(settings['now']), clock }))
    this.#server = server
    this.#settings = { maxTimeouts: options.maxTimeouts ?? 3, backoffPeriod: options.backoffPeriod ?? 300 }
  }

  static async open(settings: ClientSettings): Promise<Machine> {
    return new Machine(await VectorServer.open([]), settings)
  }

  close(): Promise<void> {
    return this.#server.close()
  }

  /** Makes a call, to which the network does this if it is sent. */
  async take(at: number, transport: string): Promise<{ isSent: boolean; result: string }> {
    const server = this.#server
    this.#clock.seconds = at
    const fault = faultOf(transport)
    const status = Number(/^http-(\d{3})$/.exec(transport)?.[1] ?? 200)
    // A server that is asked and says nothing would need a time that is long enough for it to be asked.
    const played = isTimeout(fault) ? 'connect-timeout' : transport
    server.expect({ transport: played, response: { status, body: { id: 1 } } })
    const sent = server.received.length
    const timeout = isTimeout(fault) ? TIMEOUT_S : ANSWER_S
    const api = this.#api.with({ timeout })
    const result = await api.getMonitor(1).then(
      (value) => (isError(value) ? `${value.errors.length} ${SWALLOWED}` : 'ok'),
      (error: unknown) => {
        if (error instanceof DatadogError) return error.name
        throw error
      },
    )
    return { isSent: server.received.length > sent, result }
  }

  /** Uses the client up: how many timeouts it still bears, and when it sends again. */
  async stateDifference(
    at: number,
    counter: number | undefined,
    since: number | null | undefined,
  ): Promise<string | undefined> {
    const { maxTimeouts, backoffPeriod } = this.#settings
    if (typeof since === 'number') {
      const end = since + backoffPeriod
      if ((await this.take(Math.max(at, end - 0.001), 'ok')).isSent && at < end) {
        return `expected the backoff to last until ${end}, and it is over before`
      }
      const { isSent } = await this.take(end, 'ok')
      return isSent ? undefined : `expected the backoff to end at ${end}, and it does not`
    }
    if (counter === undefined) return undefined
    let borne = 0
    while (borne <= maxTimeouts && (await this.take(at, 'timeout')).isSent) borne++
    const is = maxTimeouts - borne
    return is === counter ? undefined : `expected the counter to be ${counter}, and it is ${is}`
  }
}
