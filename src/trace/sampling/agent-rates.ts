// The rates the Agent asks for, by service and environment: it sends them with its answers, so that all its tracers together keep
// about as many traces as it wants.
//
// Each answer replaces the last. A rate rises to its double at most per answer: an Agent that was restarted asks for everything
// until it has counted again, and would get a flood that it cannot take. Source: Datadog's system-tests, test_sampling_rate_capping;
// a service that is new has the default rate before.

import { RateSampler } from './rate-sampler'

/** Services whose rate is remembered; more than any program has, fewer than would hurt. */
const MAX_SERVICES = 1000

const DEFAULT_KEY = 'service:,env:'
const MAX_GROWTH = 2

export class AgentRates {
  #rates = new Map<string, RateSampler>()
  readonly #byService = new Map<string, RateSampler | undefined>()
  readonly #keyOf: (service: string) => string

  /** @param keyOf under which key the Agent has a service's rate: `service:<name>,env:<env>`, both as it writes them */
  constructor(keyOf: (service: string) => string) {
    this.#keyOf = keyOf
  }

  /** Replaces all rates; false when some may still rise, so that the same rates should be given again. */
  set(rates: Readonly<Record<string, number>>): boolean {
    const next = new Map<string, RateSampler>()
    let isWhole = true
    for (const [key, wanted] of Object.entries(rates)) {
      if (typeof wanted !== 'number' || !(wanted >= 0 && wanted <= 1)) continue
      const rate = Math.min(wanted, this.#highest(key))
      isWhole &&= rate === wanted
      next.set(key, new RateSampler(rate))
    }
    this.#rates = next
    this.#byService.clear()
    return isWhole
  }

  /** Undefined where the Agent has said nothing that is for the service. */
  samplerOf(service: string): RateSampler | undefined {
    if (this.#rates.size === 0) return undefined
    const known = this.#byService.get(service)
    if (known !== undefined || this.#byService.has(service)) return known
    const sampler = this.#rates.get(this.#keyOf(service)) ?? this.#rates.get(DEFAULT_KEY)
    if (this.#byService.size < MAX_SERVICES) this.#byService.set(service, sampler)
    return sampler
  }

  /** How high the rate of a key may be next. A rate of 0 has no double, and would stay 0 for ever. */
  #highest(key: string): number {
    const before = (this.#rates.get(key) ?? this.#rates.get(DEFAULT_KEY))?.rate ?? 1
    return before === 0 ? 1 : before * MAX_GROWTH
  }
}
