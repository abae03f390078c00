// The public names of `dd`, and nothing else.

import { joinFirstCopy } from './base/first-copy'

export type { InitOptions } from './config/config'
export type { SamplingRuleOptions, SpanSamplingRuleOptions } from './config/rule-options'
export { PatchError } from './plugin/patch-error'
export type { DatadogTracer, PluginSetting } from './start'
export { patch, patchAll, tracer, tracer as default, unpatchAll } from './start'
export type { Baggage, BaggageItems } from './trace/baggage'
export type { LogFields } from './trace/log-context'
export { Pin, type PinOptions } from './trace/pin'
export type { ReadableHeaders, WritableHeaders } from './trace/propagation/propagator'
export { RateSampler } from './trace/sampling/rate-sampler'
export type { Sampler } from './trace/sampling/sampler'
export type { Span } from './trace/span'
export type { SpanContext } from './trace/span-context'
export type { SpanKind, SpanOptions } from './trace/span-options'
export type { TracerScope } from './trace/tracer-scope'

joinFirstCopy('index', module)
