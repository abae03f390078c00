// Chooses single spans of rejected traces that are kept all the same (DD_SPAN_SAMPLING_RULES). Loaded only where there are such rules.
//
// Asked once, when a chunk of a rejected trace is released: the first rule that fits a span decides, by the hash of the span's
// own id and a limit per rule. The marks tell the Agent to keep the span, and the backend what it stands for.
// Source: Datadog's "Ingestion mechanisms" documentation, single spans; mechanism 8 is theirs.

import { SPAN_SAMPLING_MAX_PER_SECOND, SPAN_SAMPLING_MECHANISM, SPAN_SAMPLING_RATE } from '../../base/tags'
import { compileRules, type SamplingRule, type Subject } from './sampling-rule'

const SINGLE_SPAN = 8

/** A span that is finished, and can still be marked. */
export interface MarkableSpan extends Subject {
  readonly idHigh: number
  readonly idLow: number
  readonly tags: (string | number)[]
}

export class SpanSampler {
  readonly #rules: readonly SamplingRule[]

  constructor(rules: readonly SamplingRule[]) {
    this.#rules = rules
  }

  /**
   * Faulty rules are named in a warning and left out.
   * @param setting how warnings call where the rules come from
   */
  static from(rules: readonly unknown[], setting: string): SpanSampler {
    return new SpanSampler(compileRules(rules, { setting, forTraces: false, defaultRate: 1 }))
  }

  /** Marks those of `spans` that are to be kept. */
  mark(spans: readonly MarkableSpan[]): void {
    for (const span of spans) {
      for (const rule of this.#rules) {
        if (!rule.matches(span)) continue
        const { sampler, limiter } = rule
        if (sampler.keeps(span.idHigh, span.idLow) && limiter?.allows() !== false) {
          // Past the limit of tags too: a mark that is lost loses the span.
          span.tags.push(SPAN_SAMPLING_MECHANISM, SINGLE_SPAN, SPAN_SAMPLING_RATE, sampler.rate)
          if (limiter !== undefined) span.tags.push(SPAN_SAMPLING_MAX_PER_SECOND, limiter.maxPerSecond)
        }
        break
      }
    }
  }
}
