// Gives a trace its priority, once: -1 and 0 reject, 1 and 2 keep. Asked when the decision is about to leave the process (the first
// injection, the first chunk), so that everything the program set on the root span until then can count.
//
// Order, the first that has an opinion: a priority received, or set by hand (`trace.ts`); the program's `tracer.sampler`; its rules;
// the Agent's rate for the service; else keep.
//
// What is written down says who decided, and how likely a trace like this was to be kept, by which the backend scales its counts:
//
//   tag              | on                 | when
//   _dd.p.dm         | trace, passed on   | on keeps only, as from dd-trace for Node: 0 default, 1 Agent, 3 rule or sampler, 4 by hand
//   _dd.p.ksr        | trace, passed on   | the rate of a rule, a sampler or the Agent, kept or not; one received is left as it is
//   _dd.rule_psr     | local root         | the rate of the rule or sampler
//   _dd.limit_psr    | local root         | a limit was asked: what it let through of late
//   _dd.agent_psr    | local root         | the rate of the Agent; not where it has sent none
//
// By hand leaves no rate: nothing random took part. Datadog's other tracers and its system-tests differ on `dm` of rejects; the Agent
// does not look at it, and what is rejected is not stored.

import { kindOf, log } from '../../base/log'
import { AGENT_RATE, DECISION_MAKER, KNUTH_RATE, LIMIT_RATE, RULE_RATE } from '../../base/tags'
import type { Span } from '../span'
import type { Trace } from '../trace'
import { AgentRates } from './agent-rates'
import { rateText } from './rate-sampler'
import type { RuleSampler } from './rule-sampler'
import type { Sampler } from './sampler'

const BY_DEFAULT = '-0'
const BY_AGENT = '-1'
const BY_RULE = '-3'

export interface PrioritySamplerParts {
  /** The program's rules, if it has any. */
  readonly rules?: RuleSampler | undefined
  /** Under which key the Agent has a service's rate: `service:<name>,env:<env>`. */
  agentKey(service: string): string
}

export class PrioritySampler {
  /** The program's own sampler, if it set one. */
  sampler: Sampler | undefined

  readonly #rules: RuleSampler | undefined
  readonly #agentRates: AgentRates

  constructor({ rules, agentKey }: PrioritySamplerParts) {
    this.#rules = rules
    this.#agentRates = new AgentRates(agentKey)
  }

  /**
   * Replaces the Agent's rates: `service:<name>,env:<env>` to a number from 0 to 1.
   * @returns false when a rate may rise further, so that the Agent should send them again
   */
  setAgentRates(rates: Readonly<Record<string, number>>): boolean {
    return this.#agentRates.set(rates)
  }

  decide(trace: Trace): void {
    const { root } = trace
    if (trace.priority !== undefined || root === undefined) return
    if (this.sampler !== undefined && this.#askProgram(this.sampler, trace, root)) return
    if (this.#rules !== undefined && this.#askRules(this.#rules, trace, root)) return
    const agent = this.#agentRates.samplerOf(root.service)
    if (agent === undefined) {
      settle(trace, 1, BY_DEFAULT)
      return
    }
    settle(trace, agent.keeps(trace.idHigh, trace.idLow) ? 1 : 0, BY_AGENT)
    root.put(AGENT_RATE, agent.rate)
    tellRate(trace, agent.rateText)
  }

  /** False when the program's sampler failed: then the others decide. */
  #askProgram(sampler: Sampler, trace: Trace, root: Span): boolean {
    try {
      const keeps = sampler.sample(root) === true
      const { rate } = sampler
      settle(trace, keeps ? 2 : -1, BY_RULE)
      if (typeof rate === 'number' && Number.isFinite(rate)) {
        root.put(RULE_RATE, rate)
        tellRate(trace, rateText(rate))
      }
      return true
    } catch (error) {
      log.once('tracer.sampler', `tracer.sampler failed (${kindOf(error)}); rules and the Agent's rates decide instead`)
      return false
    }
  }

  /** False when no rule is for the trace. */
  #askRules(rules: RuleSampler, trace: Trace, root: Span): boolean {
    const decision = rules.decide(trace, root)
    if (decision === undefined) return false
    const { sampler } = decision.rule
    settle(trace, decision.keeps ? 2 : -1, BY_RULE)
    root.put(RULE_RATE, sampler.rate)
    if (decision.limitRate !== undefined) root.put(LIMIT_RATE, decision.limitRate)
    tellRate(trace, sampler.rateText)
    return true
  }
}

function settle(trace: Trace, priority: number, maker: string): void {
  trace.priority = priority
  if (priority <= 0) trace.tags.delete(DECISION_MAKER)
  else if (!trace.tags.has(DECISION_MAKER)) trace.tags.set(DECISION_MAKER, maker)
}

function tellRate(trace: Trace, text: string): void {
  if (!trace.tags.has(KNUTH_RATE)) trace.tags.set(KNUTH_RATE, text)
}
