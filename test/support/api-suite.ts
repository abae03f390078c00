// A server for each test of a suite, and clients of Datadog's API that ask it over real connections: with a clock and a wait of their own,
// so that nobody waits.

import { type CallOptions, DogHttpApi, type DogHttpApiOptions, type DogHttpApiParts } from '../../src/api'
import { collectLog } from './log-lines'
import { type ScriptedServer, startScriptedServer } from './scripted-server'

export const API_KEY = '0123456789abcdef0123456789abcdef'
export const APPLICATION_KEY = 'fedcba9876543210fedcba9876543210fedcba98'
/** Of the wall clock: 2030-01-01T00:00:00Z. */
export const NOW_SECONDS = 1_893_456_000

class ApiSuite {
  server!: ScriptedServer
  /** Milliseconds of each wait between attempts. */
  waits: number[] = []
  /** Of the clock that never goes back. */
  nowSeconds = 0
  /** What chance gives. */
  roll = 0

  /** Of the log of the test. */
  readonly lines = collectLog()

  readonly parts: DogHttpApiParts = {
    now: () => this.nowSeconds,
    wallNow: () => NOW_SECONDS * 1000,
    random: () => this.roll,
    sleep: async (ms, signal) => {
      this.waits.push(ms)
      signal?.throwIfAborted()
    },
  }

  /** One whose calls reject. */
  strict(options: DogHttpApiOptions = {}): DogHttpApi<{ readonly swallow: false }> {
    return this.client({ ...options, swallow: false })
  }

  client<M extends CallOptions>(options: DogHttpApiOptions & M = {} as M): DogHttpApi<M> {
    const all = {
      apiKey: API_KEY,
      applicationKey: APPLICATION_KEY,
      apiHost: this.server.url,
      hostname: 'web-1',
      ...options,
    }
    return new DogHttpApi<M>(all, this.parts)
  }
}

/** Call it inside a `describe`. */
export function apiSuite(): ApiSuite {
  const suite = new ApiSuite()
  beforeEach(async () => {
    suite.server = await startScriptedServer()
    suite.waits = []
    suite.nowSeconds = 1000
    suite.roll = 0
  })
  afterEach(() => suite.server.close())
  return suite
}
