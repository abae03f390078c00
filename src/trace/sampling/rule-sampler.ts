// Decides by the program's rules: the first rule that fits the root span gives the rate, and a limit on the kept traces per second
// guards what is stored. Loaded only where there are rules.
//
// The limit is for traces that a rule fits, by DD_TRACE_SAMPLE_RATE too, and for no others. A rule's own `max_per_second` is asked
// before it, so that what that refuses takes no token from the other rules.

import type { Trace } from '../trace'
import { RateLimiter } from './rate-limiter'
import { compileRules, type SamplingRule, type Subject } from './sampling-rule'

/** What a rule says of a trace. */
export interface RuleDecision {
  readonly keeps: boolean
  readonly rule: SamplingRule
  /** The share that the limits let through of late; undefined where none was asked. */
  readonly limitRate: number | undefined
}

/** The settings that make it. */
export interface RuleSamplerSettings {
  readonly samplingRules: readonly unknown[]
  /** The last rule, for every trace. */
  readonly sampleRate: number | undefined
  /** Kept traces per second; below 0: no limit. */
  readonly rateLimit: number
  /** What every span is sent with, which rules can ask for. */
  readonly env?: string | undefined
  readonly version?: string | undefined
  readonly tags: Readonly<Record<string, string>>
}

export class RuleSampler {
  readonly #rules: readonly SamplingRule[]
  readonly #limiter: RateLimiter | undefined

  /** @param limiter for all rules together; undefined for no limit */
  constructor(rules: readonly SamplingRule[], limiter: RateLimiter | undefined) {
    this.#rules = rules
    this.#limiter = limiter
  }

  /** Faulty rules are named in a warning and left out. */
  static from({ samplingRules, sampleRate, rateLimit, env, version, tags }: RuleSamplerSettings): RuleSampler {
    const everySpan = { ...tags, ...(env && { env }), ...(version && { version }) }
    const rules = compileRules(samplingRules, { setting: 'DD_TRACE_SAMPLING_RULES', forTraces: true, everySpan })
    if (sampleRate !== undefined)
      rules.push(...compileRules([{ sampleRate }], { setting: 'sampleRate', forTraces: true }))
    return new RuleSampler(rules, rateLimit < 0 ? undefined : new RateLimiter(rateLimit))
  }

  /** Undefined where no rule fits. */
  decide({ idHigh, idLow }: Pick<Trace, 'idHigh' | 'idLow'>, root: Subject): RuleDecision | undefined {
    for (const rule of this.#rules) {
      if (!rule.matches(root)) continue
      if (!rule.sampler.keeps(idHigh, idLow)) return { keeps: false, rule, limitRate: undefined }
      const own = rule.limiter
      const keeps = own?.allows() !== false && this.#limiter?.allows() !== false
      return { keeps, rule, limitRate: shareOf(own, this.#limiter) }
    }
    return undefined
  }
}

function shareOf(own: RateLimiter | undefined, common: RateLimiter | undefined): number | undefined {
  if (own === undefined) return common?.effectiveRate
  return own.effectiveRate * (common?.effectiveRate ?? 1)
}
