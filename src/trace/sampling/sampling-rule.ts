// One rule of the program's: which spans it is for, the share it keeps, and how many per second. Made once, asked per trace or span.
//
// Rules come from an environment variable (snake_case) or from code (camelCase); both spellings are taken from both. A rule that
// cannot be what its author meant is named in a warning and left out: applied without its faulty part, it would be for more
// spans than it should. Source: Datadog's "Ingestion mechanisms" documentation, sampling rules and single spans.

import { describe, log } from '../../base/log'
import type { FinishedSpan } from '../chunk'
import { Glob } from './glob'
import { RateLimiter } from './rate-limiter'
import { RateSampler } from './rate-sampler'

/** What a rule looks at. */
export type Subject = Pick<FinishedSpan, 'name' | 'service' | 'resource' | 'tags'>

/** What all rules of one setting have in common. */
export interface RuleSetting {
  /** How warnings call it. */
  readonly setting: string
  /** Where a rule names no rate; without it, such a rule is a fault. */
  readonly defaultRate?: number
  /** Whether a rule may look at resource and tags, as rules for traces may. */
  readonly forTraces: boolean
  /** Tags that every span is sent with, and that rules can ask for. */
  readonly everySpan?: Readonly<Record<string, string>>
  readonly nowMs?: () => number
}

interface Pattern {
  readonly isAny: boolean
  matches(text: string): boolean
}

interface TagPattern {
  readonly key: string
  readonly pattern: Pattern
  readonly otherwise: string | undefined
}

const COMMON_KEYS = ['service', 'name', 'sample_rate', 'sampleRate', 'max_per_second', 'maxPerSecond']
/** Known to Datadog's tracers, and without meaning here: rules are not taken from remote configuration. */
const IGNORED_KEYS = ['provenance', 'target_span', 'discard']
const TRACE_KEYS = ['resource', 'tags']

export class SamplingRule {
  readonly sampler: RateSampler
  readonly limiter: RateLimiter | undefined
  readonly #service: Pattern | undefined
  readonly #name: Pattern | undefined
  readonly #resource: Pattern | undefined
  readonly #tags: readonly TagPattern[]

  /** Throws an error that says what is wrong with `raw`. */
  constructor(raw: unknown, setting: Omit<RuleSetting, 'setting'>) {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new TypeError('a rule is an object')
    const rule = raw as Record<string, unknown>
    const known = [...COMMON_KEYS, ...IGNORED_KEYS, ...(setting.forTraces ? TRACE_KEYS : [])]
    for (const key of Object.keys(rule)) {
      if (!known.includes(key)) throw new TypeError(`it has ${key}; it may have ${known.slice(0, 2).join(', ')} …`)
    }
    const rate = rule['sample_rate'] ?? rule['sampleRate'] ?? setting.defaultRate
    if (rate === undefined) throw new TypeError('it needs a sample_rate from 0 to 1')
    this.sampler = new RateSampler(rate as number)
    this.limiter = limiterOf(rule['max_per_second'] ?? rule['maxPerSecond'], setting.nowMs)
    this.#service = patternOf('service', rule['service'])
    this.#name = patternOf('name', rule['name'])
    this.#resource = patternOf('resource', rule['resource'])
    this.#tags = tagPatterns(rule['tags'], setting.everySpan ?? {})
  }

  matches(span: Subject): boolean {
    if (this.#service?.matches(span.service) === false) return false
    if (this.#name?.matches(span.name) === false) return false
    if (this.#resource?.matches(span.resource) === false) return false
    for (const tag of this.#tags) if (!hasMatchingTag(span, tag)) return false
    return true
  }
}

/** Compiles the rules of a setting in their order; faulty ones are named in a warning and left out. Never throws. */
export function compileRules(raw: readonly unknown[], setting: RuleSetting): SamplingRule[] {
  const rules: SamplingRule[] = []
  for (const [index, item] of raw.entries()) {
    try {
      rules.push(new SamplingRule(item, setting))
    } catch (error) {
      const { setting: name } = setting
      const why = error instanceof Error ? error.message : describe(error)
      log.once(`${name} ${index}`, `rule ${index + 1} of ${name} is left out: ${why}`)
    }
  }
  return rules
}

function patternOf(what: string, value: unknown): Pattern | undefined {
  if (value === undefined || value === null) return undefined
  if (value instanceof RegExp) return new RegExpPattern(value)
  if (typeof value === 'string') return new Glob(value)
  throw new TypeError(`${what} is a text with * and ?, not ${typeof value}`)
}

function tagPatterns(value: unknown, everySpan: Readonly<Record<string, string>>): TagPattern[] {
  if (value === undefined || value === null) return []
  if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError('tags is an object of texts with * and ?')
  return Object.entries(value).map(([key, wanted]) => {
    const isPlain = typeof wanted === 'number' || typeof wanted === 'boolean'
    const pattern = patternOf(`tag ${key}`, isPlain ? String(wanted) : wanted)
    return {
      key,
      pattern: pattern ?? new Glob('*'),
      otherwise: Object.hasOwn(everySpan, key) ? everySpan[key] : undefined,
    }
  })
}

function limiterOf(value: unknown, nowMs?: () => number): RateLimiter | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || Number.isNaN(value)) throw new TypeError('max_per_second is a number')
  return value < 0 || value === Number.POSITIVE_INFINITY ? undefined : new RateLimiter(value, nowMs)
}

function hasMatchingTag({ tags }: Subject, { key, pattern, otherwise }: TagPattern): boolean {
  let value: string | number | undefined = otherwise
  for (let i = 0; i < tags.length; i += 2) {
    if (tags[i] === key) {
      value = tags[i + 1]
      break
    }
  }
  if (value === undefined) return false
  if (typeof value === 'string') return pattern.matches(value)
  // Texts of fractions differ between languages: a rule must mean the same to all tracers.
  return pattern.isAny || (Number.isInteger(value) && pattern.matches(String(value)))
}

/** A program's own expression, for any part of the text; what it remembers between calls would decide on the next span. */
class RegExpPattern implements Pattern {
  readonly isAny = false
  readonly #expression: RegExp

  constructor({ source, flags }: RegExp) {
    this.#expression = new RegExp(source, flags.replace(/[gy]/g, ''))
  }

  matches(text: string): boolean {
    return this.#expression.test(text)
  }
}
