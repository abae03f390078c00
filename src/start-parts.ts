// Makes the parts of the tracer out of the settings. What few programs need is loaded by those alone.

import { describe, log } from './base/log'
import type { Config } from './config/config'
import type { LogContext } from './trace/log-context'
import type { Naming } from './trace/naming'
import type { CompositePropagator } from './trace/propagation/composite-propagator'
import type { RuleSampler } from './trace/sampling/rule-sampler'
import type { SpanSampler } from './trace/sampling/span-sampler'
import { AsyncLocalScope } from './trace/scope/async-local-scope'
import type { Scope } from './trace/scope/scope'

export function namingOf(config: Config): Naming {
  const { spanAttributeSchema: schema, serviceMapping, peerServiceMapping } = config
  const namesPeers = config.peerServiceDefaults ?? schema === 'v1'
  return {
    schema,
    removesIntegrationNames: config.removeIntegrationServiceNames,
    services: Object.keys(serviceMapping).length === 0 ? undefined : serviceMapping,
    peers: namesPeers ? peerServiceMapping : undefined,
  }
}

/** The keys of the Agent's rates: it knows services and environments as it rewrites them. */
export function agentKeys({ service: own, env = '' }: Config): (service: string) => string {
  return (service) => {
    const { agentService, tagValue } = require('./export/normalize') as typeof import('./export/normalize')
    return `service:${agentService(service, agentService(own))},env:${tagValue(env)}`
  }
}

/** The program's rules for traces, if it has any. */
export function ruleSampler(config: Config): RuleSampler | undefined {
  if (config.samplingRules.length === 0 && config.sampleRate === undefined) return undefined
  const { RuleSampler } = require('./trace/sampling/rule-sampler') as typeof import('./trace/sampling/rule-sampler')
  return RuleSampler.from(config)
}

/** The program's rules for single spans of rejected traces, if it has any. */
export function singleSpanSampler({
  spanSamplingRules: rules,
  spanSamplingRulesFile: file,
}: Config): SpanSampler | undefined {
  if (rules.length === 0 && file === undefined) return undefined
  const { SpanSampler } = require('./trace/sampling/span-sampler') as typeof import('./trace/sampling/span-sampler')
  if (rules.length > 0 || file === undefined) return SpanSampler.from(rules, 'DD_SPAN_SAMPLING_RULES')
  const { readRulesFile } = require('./config/rules-file') as typeof import('./config/rules-file')
  return SpanSampler.from(readRulesFile(file), file)
}

export function makePropagator(config: Config): CompositePropagator {
  const { choosePropagators } =
    require('./trace/propagation/choose-propagators') as typeof import('./trace/propagation/choose-propagators')
  return choosePropagators(config)
}

export function makeLogContext(config: Config): LogContext {
  const { LogContext } = require('./trace/log-context') as typeof import('./trace/log-context')
  return new LogContext(config)
}

export function makeScope(config: Config): Scope {
  if (config.scope === 'cls-hooked') {
    try {
      const { ClsScope } = require('./trace/scope/cls-scope') as typeof import('./trace/scope/cls-scope')
      return new ClsScope()
    } catch (error) {
      log.once(
        'cls-hooked',
        `cls-hooked cannot be used (${describe(error)}); install it, or leave DD_TRACE_SCOPE unset`,
      )
    }
  }
  return new AsyncLocalScope()
}
