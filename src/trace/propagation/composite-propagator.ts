// All styles together: which of the headers of a request count, and what becomes of those that do not agree.
//
// Reading, the first style with a trace wins; the others may add to it (Trace Context, where it is the same trace) or become a
// link of the first span here. Writing, every style writes. Baggage goes its own way, with or without a trace.

import { type Baggage, mergedBaggage } from '../baggage'
import type { SpanLink } from '../chunk'
import { NOTHING_ELSE, Received, SpanContext } from '../span-context'
import {
  type BaggageLimits,
  extractBaggage,
  extractLegacyBaggage,
  injectBaggage,
  injectLegacyBaggage,
} from './baggage-propagator'
import { lastText } from './header-text'
import type { Propagator, ReadableHeaders, WritableHeaders } from './propagator'
import { isSameTrace, TraceContextPropagator } from './trace-context-propagator'

/** Where Amazon's daemon for SQS puts the message attribute in which Datadog's tracers keep their headers, as JSON. */
const SQS_DAEMON = 'x-aws-sqsd-attr-_datadog'

/** What is done with the context that comes with a request: gone on with, linked to from a new trace, or left alone. */
export type ExtractBehavior = 'continue' | 'restart' | 'ignore'

const NO_TRACE = SpanContext.withoutTrace(undefined, NOTHING_ELSE)

interface CompositeOptions {
  readonly extractors: readonly Propagator[]
  readonly injectors: readonly Propagator[]
  readonly extractsBaggage: boolean
  readonly injectsBaggage: boolean
  readonly baggageLimits: BaggageLimits
  /** The items that become tags of the first span here; `*` is all. */
  readonly baggageTagKeys: readonly string[]
  /** Whether `ot-baggage-*` counts. */
  readonly legacyBaggage: boolean
  /** Whether the first style with a trace is the only one that is read. */
  readonly extractFirst: boolean
  readonly behavior: ExtractBehavior
}

export class CompositePropagator {
  readonly #options: CompositeOptions
  readonly #injectors: readonly Propagator[]
  readonly #tagsAllBaggage: boolean

  constructor(options: CompositeOptions) {
    this.#options = options
    this.#injectors = options.injectors
    this.#tagsAllBaggage = options.baggageTagKeys.includes('*')
  }

  /** Writes all styles. What could not be written is returned, in the words of the tag `_dd.propagation_error`. */
  inject(context: SpanContext | undefined, baggage: Baggage | undefined, headers: WritableHeaders): string | undefined {
    if (baggage !== undefined) this.#injectBaggage(context, baggage, headers)
    if (context === undefined || !context.hasTrace) return undefined
    let error: string | undefined
    for (const injector of this.#injectors) error = injector.inject(context, headers) ?? error
    return error
  }

  #injectBaggage(context: SpanContext | undefined, baggage: Baggage, headers: WritableHeaders): void {
    const { injectsBaggage, legacyBaggage, baggageLimits } = this.#options
    const keys = context?.received.legacyKeys
    if (legacyBaggage && keys !== undefined) injectLegacyBaggage(baggage, keys, headers)
    if (injectsBaggage) injectBaggage(baggage, headers, baggageLimits)
  }

  /** Reads all styles. Without a trace there may still be baggage, or a decision for the trace that begins here. */
  extract(headers: ReadableHeaders): SpanContext | undefined {
    const { behavior, extractsBaggage, baggageLimits } = this.#options
    if (behavior === 'ignore') return undefined
    let context = this.#extractTrace(headers)
    if (context === undefined) {
      const daemon = lastText(headers, SQS_DAEMON)
      if (daemon !== undefined) context = this.#extractTrace(parsed(daemon))
    }
    const baggage = extractsBaggage ? extractBaggage(headers, baggageLimits) : undefined
    return baggage === undefined ? context : this.#withBaggage(context ?? NO_TRACE, baggage)
  }

  #extractTrace(headers: ReadableHeaders): SpanContext | undefined {
    const { extractors, extractFirst, behavior, legacyBaggage, baggageLimits } = this.#options
    let context: SpanContext | undefined
    /** A decision without a trace, for when there is none. */
    let decision: SpanContext | undefined
    let winner = ''
    let links: SpanLink[] | undefined
    for (const extractor of extractors) {
      if (context === undefined) {
        const found = extractor.extract(headers)
        if (found?.hasTrace === false) {
          decision ??= found
        } else if (found !== undefined) {
          context = found
          winner = extractor.style
          if (extractFirst) break
        }
        continue
      }
      const joined = extractor instanceof TraceContextPropagator ? extractor.join(context, headers) : undefined
      if (joined !== undefined) {
        context = joined
        continue
      }
      const other = extractor.extract(headers)
      if (other === undefined || !other.hasTrace || !other.hasSpan || isSameTrace(context, other)) continue
      links ??= []
      links.push(linkTo(other, 'terminated_context', extractor.style))
    }
    if (context === undefined) return decision
    const isLegacyHere = legacyBaggage && (winner === 'datadog' || winner === 'tracecontext')
    const legacy = isLegacyHere ? extractLegacyBaggage(headers, baggageLimits) : undefined
    if (behavior === 'continue' && links === undefined && legacy === undefined) return context
    const received = Object.assign(new Received(), context.received)
    if (legacy !== undefined) {
      received.baggage = legacy
      received.legacyKeys = [...legacy.keys()]
    }
    if (behavior === 'continue') {
      received.links = links
      return context.with(received)
    }
    const restarted = new Received()
    if (context.hasSpan) restarted.links = [linkTo(context, 'propagation_behavior_extract', winner)]
    restarted.baggage = received.baggage
    restarted.legacyKeys = received.legacyKeys
    return SpanContext.withoutTrace(undefined, restarted)
  }

  #withBaggage(context: SpanContext, baggage: Baggage): SpanContext {
    const { baggageTagKeys } = this.#options
    const received = Object.assign(new Received(), context.received)
    received.baggage = mergedBaggage(received.baggage, baggage)
    const rootTags = [...(received.rootTags ?? [])]
    for (const key of this.#tagsAllBaggage ? baggage.keys() : baggageTagKeys) {
      const value = baggage.get(key)
      if (value !== undefined) rootTags.push(`baggage.${key}`, value)
    }
    received.rootTags = rootTags
    return context.with(received)
  }
}

function linkTo({ traceId, spanId }: SpanContext, reason: string, style: string): SpanLink {
  return { traceId, spanId, attributes: { reason, context_headers: style } }
}

function parsed(json: string): ReadableHeaders {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? (value as ReadableHeaders) : {}
  } catch {
    return {}
  }
}
