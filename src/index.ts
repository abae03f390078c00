// The public names of `dd`, and nothing else.

export type { InitOptions } from './config/config'
export { PatchError } from './plugin/patch-error'
export type { DatadogTracer, PluginSetting } from './start'
export { patch, patchAll, tracer, tracer as default, unpatchAll } from './start'
export type { ReadableHeaders, WritableHeaders } from './trace/propagation/propagator'
export { RateSampler } from './trace/sampling/rate-sampler'
export type { Sampler } from './trace/sampling/sampler'
export type { Span } from './trace/span'
export type { SpanContext } from './trace/span-context'
export type { SpanKind, SpanOptions } from './trace/span-options'
export type { TracerScope } from './trace/tracer-scope'
