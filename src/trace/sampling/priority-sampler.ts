// Gives a trace its priority, once: -1 and 0 reject, 1 and 2 keep. Asked when the decision is about to leave the process,
// so that everything the program set on the root span until then can count.
//
// Order (first that has an opinion): a priority received or set by hand, the program's `tracer.sampler`, the Agent's rate
// for the service, else keep. The tags it leaves say who decided and at which rate (`_dd.p.dm`: 0 default,
// 1 Agent, 3 the program's rule, 4 by hand).

import { describe, log } from '../../base/log'
import { AGENT_RATE, DECISION_MAKER, KNUTH_RATE, RULE_RATE } from '../../base/tags'
import type { Span } from '../span'
import type { Trace } from '../trace'
import { RateSampler } from './rate-sampler'
import type { Sampler } from './sampler'

/** Services whose rate is remembered; more than any program has, fewer than would hurt. */
const MAX_SERVICES = 1000

const DEFAULT_KEY = 'service:,env:'

export class PrioritySampler {
  /** The program's own sampler, if it set one. */
  sampler: Sampler | undefined

  readonly #env: string
  #rates = new Map<string, RateSampler>()
  readonly #byService = new Map<string, RateSampler | undefined>()

  constructor(env: string | undefined) {
    this.#env = env ?? ''
  }

  /** Replaces the Agent's rates: `service:<name>,env:<env>` to a number from 0 to 1. */
  setAgentRates(rates: Readonly<Record<string, number>>): void {
    const next = new Map<string, RateSampler>()
    for (const [key, rate] of Object.entries(rates)) {
      if (typeof rate === 'number' && rate >= 0 && rate <= 1) next.set(key, new RateSampler(rate))
    }
    this.#rates = next
    this.#byService.clear()
  }

  decide(trace: Trace): void {
    const { root } = trace
    if (trace.priority !== undefined || root === undefined) return
    if (this.sampler !== undefined && this.#askProgram(this.sampler, trace, root)) return
    const agent = this.#agentSampler(root.service)
    const keep = agent === undefined || agent.keeps(trace.idHigh, trace.idLow)
    trace.priority = keep ? 1 : 0
    if (keep) trace.tags.set(DECISION_MAKER, agent === undefined ? '-0' : '-1')
    if (agent === undefined) return
    root.put(AGENT_RATE, agent.rate)
    trace.tags.set(KNUTH_RATE, rateText(agent.rate))
  }

  /** False when the program's sampler failed: then the Agent's rate decides. */
  #askProgram(sampler: Sampler, trace: Trace, root: Span): boolean {
    try {
      const keep = sampler.sample(root) === true
      const { rate } = sampler
      trace.priority = keep ? 2 : -1
      if (keep) trace.tags.set(DECISION_MAKER, '-3')
      if (Number.isFinite(rate)) {
        root.put(RULE_RATE, rate!)
        trace.tags.set(KNUTH_RATE, rateText(rate!))
      }
      return true
    } catch (error) {
      log.once('tracer.sampler', `tracer.sampler failed (${describe(error)}); the Agent's rates are used instead`)
      return false
    }
  }

  #agentSampler(service: string): RateSampler | undefined {
    if (this.#rates.size === 0) return undefined
    if (this.#byService.has(service)) return this.#byService.get(service)
    // The Agent writes services in lower case (datadog-agent, pkg/trace/traceutil/normalize).
    const sampler =
      this.#rates.get(`service:${service},env:${this.#env}`) ??
      this.#rates.get(`service:${service.toLowerCase()},env:${this.#env}`) ??
      this.#rates.get(DEFAULT_KEY)
    if (this.#byService.size < MAX_SERVICES) this.#byService.set(service, sampler)
    return sampler
  }
}

/** At most six decimals and no trailing zeros (Datadog's `_dd.p.ksr`). */
function rateText(rate: number): string {
  return String(Number(rate.toFixed(6)))
}
