// Which traces the Agent drops without counting them: by tags of the root span (`filter_tags`) and by its resource
// (`ignore_resources`). Where this process counts for the Agent, it must not count them either.
// Source: datadog-agent, pkg/trace/agent/agent.go (filteredByTags), pkg/trace/filters, pkg/trace/traceutil (GetRoot).

import { ORIGIN } from '../../base/tags'
import type { Chunk, FinishedSpan } from '../../trace/chunk'
import type { AgentFeatures, TagRules } from '../agent-info'
import { firstSpanTags, isOwnService, otherSpanTags, ownSpanTags, type ProcessTags } from '../process-tags'

type Filters = Pick<AgentFeatures, 'filterTags' | 'filterTagPatterns' | 'ignoredResources'>
type Tags = Readonly<Record<string, string>>

/** A tag that must, or must not, be there, and its value if that matters. */
interface TagRule {
  readonly key: string
  readonly fits: (value: string) => boolean
}

export class TraceFilter {
  readonly #require: readonly TagRule[]
  readonly #reject: readonly TagRule[]
  readonly #resources: readonly RegExp[]
  readonly #process: ProcessTags
  #processTags: { readonly own: Tags; readonly other: Tags; readonly first: Tags } | undefined

  /** Throws a SyntaxError for a pattern that JavaScript does not know. */
  constructor({ filterTags, filterTagPatterns, ignoredResources }: Filters, process: ProcessTags) {
    const both = (kind: keyof TagRules) => [
      ...filterTags[kind].map((rule) => tagRule(rule, (wanted) => (value) => value === wanted)),
      ...filterTagPatterns[kind].map((rule) => tagRule(rule, matches)),
    ]
    this.#require = both('require')
    this.#reject = both('reject')
    this.#resources = ignoredResources.map(pattern)
    this.#process = process
  }

  /** Whether the Agent would drop the chunk. */
  drops(chunk: Chunk): boolean {
    if (this.#require.length + this.#reject.length + this.#resources.length === 0) return false
    const root = rootOf(chunk.spans)
    if (root === undefined) return false
    if (this.#resources.some((resource) => resource.test(root.resource))) return true
    const holds = ({ key, fits }: TagRule) => {
      const value = this.#tagOf(root, chunk, key)
      return value !== undefined && fits(value)
    }
    return this.#reject.some(holds) || !this.#require.every(holds)
  }

  /** A text of the span as the Agent gets it. */
  #tagOf(span: FinishedSpan, { trace, spans }: Chunk, key: string): string | undefined {
    const { tags } = span
    for (let i = 0; i < tags.length; i += 2) {
      const value = tags[i + 1]
      if (tags[i] === key && typeof value === 'string') return value
    }
    this.#processTags ??= {
      own: ownSpanTags(this.#process),
      other: otherSpanTags(this.#process),
      first: firstSpanTags(this.#process),
    }
    const { own, other, first } = this.#processTags
    if (key === ORIGIN) return trace.origin
    const fixed = isOwnService(span.service, this.#process) ? own[key] : other[key]
    return fixed ?? (span === spans[0] ? (first[key] ?? trace.tags.get(key)) : undefined)
  }
}

/** `key` or `key:value`. */
function tagRule(text: string, fits: (wanted: string) => TagRule['fits']): TagRule {
  const colon = text.indexOf(':')
  if (colon < 0) return { key: text.trim(), fits: () => true }
  return { key: text.slice(0, colon).trim(), fits: fits(text.slice(colon + 1).trim()) }
}

function matches(text: string): TagRule['fits'] {
  const regex = pattern(text)
  return (value) => regex.test(value)
}

/** Go writes flags in front of the pattern. */
function pattern(text: string): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(text)
  return flags === null ? new RegExp(text) : new RegExp(text.slice(flags[0].length), flags[1])
}

/** The span without a parent, else the one whose parent is elsewhere. */
function rootOf(spans: readonly FinishedSpan[]): FinishedSpan | undefined {
  const root = spans.find(({ parentHigh, parentLow }) => parentHigh === 0 && parentLow === 0)
  if (root !== undefined) return root
  const ids = new Set(spans.map(({ idHigh, idLow }) => `${idHigh},${idLow}`))
  return spans.find(({ parentHigh, parentLow }) => !ids.has(`${parentHigh},${parentLow}`)) ?? spans.at(-1)
}
