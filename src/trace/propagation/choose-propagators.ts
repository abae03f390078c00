// Finds the styles that the settings name. What is not asked for is not loaded.

import { log } from '../../base/log'
import { CompositePropagator, type ExtractBehavior } from './composite-propagator'
import { DatadogPropagator } from './datadog-propagator'
import type { Propagator } from './propagator'
import { TraceContextPropagator } from './trace-context-propagator'

export interface PropagationSettings {
  readonly propagationStyleExtract: readonly string[]
  readonly propagationStyleInject: readonly string[]
  readonly propagationExtractFirst: boolean
  readonly propagationBehaviorExtract: ExtractBehavior
  readonly tagsHeaderMaxLength: number
  readonly baggageMaxItems: number
  readonly baggageMaxBytes: number
  readonly baggageTagKeys: readonly string[]
  readonly legacyBaggage: boolean
}

/** What the field does where nothing is said. */
export const DEFAULT_STYLES: readonly string[] = ['datadog', 'tracecontext', 'baggage']

/** In the order in which headers are written. */
const STYLES = ['baggage', 'datadog', 'b3multi', 'b3', 'tracecontext', 'none']

export function choosePropagators(settings: PropagationSettings): CompositePropagator {
  const extract = knownStyles(settings.propagationStyleExtract)
  const inject = knownStyles(settings.propagationStyleInject)
  const propagatorsOf = (styles: readonly string[]) =>
    styles.map((style) => propagatorOf(style, settings)).filter((propagator) => propagator !== undefined)
  return new CompositePropagator({
    extractors: propagatorsOf(extract),
    injectors: propagatorsOf(inject.toSorted((a, b) => STYLES.indexOf(a) - STYLES.indexOf(b))),
    extractsBaggage: extract.includes('baggage'),
    injectsBaggage: inject.includes('baggage'),
    baggageLimits: { maxItems: settings.baggageMaxItems, maxBytes: settings.baggageMaxBytes },
    baggageTagKeys: settings.baggageTagKeys,
    legacyBaggage: settings.legacyBaggage,
    extractFirst: settings.propagationExtractFirst,
    behavior: settings.propagationBehaviorExtract,
  })
}

/** The styles that there are, once each; the default where none of those named is. */
function knownStyles(names: readonly string[]): readonly string[] {
  const styles = new Set<string>()
  for (const [index, name] of names.entries()) {
    const word = name.trim().toLowerCase()
    const style = word === 'b3 single header' ? 'b3' : word
    if (STYLES.includes(style)) styles.add(style)
    else {
      // Without the word: what was set by mistake may be a secret.
      const place = `${index + 1} of ${names.length} propagation styles`
      log.once(`style ${place}`, `number ${place} does not exist; there are: ${STYLES.join(', ')}`)
    }
  }
  return styles.size === 0 && names.length > 0 ? DEFAULT_STYLES : [...styles]
}

function propagatorOf(style: string, { tagsHeaderMaxLength }: PropagationSettings): Propagator | undefined {
  switch (style) {
    case 'datadog':
      return new DatadogPropagator(tagsHeaderMaxLength)
    case 'tracecontext':
      return new TraceContextPropagator()
    case 'b3': {
      const { B3Propagator } = require('./b3-propagator') as typeof import('./b3-propagator')
      return new B3Propagator()
    }
    case 'b3multi': {
      const { B3MultiPropagator } = require('./b3-multi-propagator') as typeof import('./b3-multi-propagator')
      return new B3MultiPropagator()
    }
    default:
      return undefined
  }
}
