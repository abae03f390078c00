// A tracer put together by hand, as `start.ts` does it, but with a list of chunks where the exporter would be: the trace layer
// is tested without a network, a configuration or a plugin.

import type { Chunk, FinishedSpan } from '../../src/trace/chunk'
import { LogContext } from '../../src/trace/log-context'
import {
  choosePropagators,
  DEFAULT_STYLES,
  type PropagationSettings,
} from '../../src/trace/propagation/choose-propagators'
import { Recorder } from '../../src/trace/recorder'
import { PrioritySampler } from '../../src/trace/sampling/priority-sampler'
import type { RuleSampler } from '../../src/trace/sampling/rule-sampler'
import type { SpanSampler } from '../../src/trace/sampling/span-sampler'
import type { Scope } from '../../src/trace/scope/scope'
import { SpanContext } from '../../src/trace/span-context'
import { Tracer } from '../../src/trace/tracer'
import { makeScope } from '../support/test-scopes'

export class MadeTracer extends Tracer {
  readonly chunks: Chunk[] = []
  readonly sampling: PrioritySampler
  readonly recorder: Recorder
  flushes = 0
  shutdowns = 0

  constructor(
    options: {
      scope?: Scope
      env?: string
      traceId128Bit?: boolean
      partialFlushMinSpans?: number
      traceMaxAgeMs?: number
      rules?: RuleSampler
      spanSampler?: SpanSampler
      propagation?: Partial<PropagationSettings>
    } = {},
  ) {
    super()
    const { scope = makeScope(), env, traceId128Bit = true } = options
    this.sampling = new PrioritySampler({
      rules: options.rules,
      agentKey: (service) => `service:${service.toLowerCase()},env:${env ?? ''}`,
    })
    this.recorder = new Recorder({
      emit: (chunk) => this.chunks.push(chunk),
      decide: (trace) => this.sampling.decide(trace),
      markKeptSpans: (spans) => options.spanSampler?.mark(spans),
      partialFlushMinSpans: options.partialFlushMinSpans ?? 500,
      traceMaxAgeMs: options.traceMaxAgeMs ?? 60_000,
    })
    this.configure({
      service: 'shop',
      scope,
      recorder: this.recorder,
      sampler: this.sampling,
      propagator: choosePropagators({
        propagationStyleExtract: DEFAULT_STYLES,
        propagationStyleInject: DEFAULT_STYLES,
        propagationExtractFirst: false,
        propagationBehaviorExtract: 'continue',
        tagsHeaderMaxLength: 512,
        baggageMaxItems: 64,
        baggageMaxBytes: 8192,
        baggageTagKeys: [],
        legacyBaggage: true,
        ...options.propagation,
      }),
      traceId128Bit,
      logs: new LogContext({ service: 'shop', env, version: undefined, traceId128BitLogging: true }),
      flush: async () => {
        this.flushes++
        this.recorder.releaseAll()
      },
      shutdown: async () => {
        this.shutdowns++
        this.recorder.releaseAll()
      },
    })
  }

  /** The spans of all chunks so far. */
  get spans(): FinishedSpan[] {
    return this.chunks.flatMap(({ spans }) => spans)
  }

  /** Names of the spans of each chunk. */
  get names(): string[][] {
    return this.chunks.map(({ spans }) => spans.map(({ name }) => name))
  }
}

/** A span of another process: a kept one, with an origin and a tag of its trace. */
export const remote = new SpanContext(
  0x11,
  0x12,
  0x22,
  0x33,
  0x44,
  0x55,
  2,
  'synthetics',
  new Map([['_dd.p.dm', '-4']]),
)

/** The tags of a span as an object. */
export function tagsOf({ tags }: Pick<FinishedSpan, 'tags'>): Record<string, string | number> {
  const pairs: Record<string, string | number> = {}
  for (let i = 0; i < tags.length; i += 2) pairs[tags[i] as string] = tags[i + 1]!
  return pairs
}
