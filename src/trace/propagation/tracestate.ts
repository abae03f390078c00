// The `tracestate` header: one member for each vendor, ours named `dd` and first.
//
// Ours holds what `traceparent` has no room for: `s` the priority, `o` the origin, `p` the last span of Datadog's, `t.<x>` the
// tags `_dd.p.<x>`. The others are handed on untouched, unless they could not stand in a header. Source: W3C Trace Context,
// 3.3; Datadog's RFC on the member, as in its tracers.

import { DECISION_MAKER, TRACE_ID_HIGH } from '../../base/tags'
import type { SpanContext } from '../span-context'
import { isHandedOn, readPriority } from './datadog-propagator'
import { trimmed } from './header-text'
import { TagText } from './tag-text'

/** Members of the list (W3C, 3.3.1.1), ours among them. */
export const MAX_MEMBERS = 32
/** Characters of our member's value stay below the 256 that every vendor takes (W3C, 3.3.1.3.2). */
export const MAX_OWN_LENGTH = 255
/** No list of 32 members is longer, so this one was made to hurt. */
const MAX_HEADER_LENGTH = MAX_MEMBERS * (256 + 1 + 256 + 1)

// A key without spaces; a value that neither ends with one nor holds what is no printable ASCII.
const MEMBER = /^[\x21-\x2b\x2d-\x3c\x3e-\x7e]{1,256}=[\x20-\x2b\x2d-\x7e]{0,255}[\x21-\x2b\x2d-\x7e]$/

interface TraceState {
  /** The value of our member. */
  readonly own: string | undefined
  /** The other members, as they are handed on. */
  readonly others: string
}

export function splitTraceState(header: string | undefined): TraceState {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return { own: undefined, others: '' }
  let own: string | undefined
  let others = ''
  // Our own leaves room for itself.
  let room = MAX_MEMBERS - 1
  let seen = 0
  for (const part of header.split(',')) {
    const member = trimmed(part)
    if (member === '') continue
    if (++seen > MAX_MEMBERS) break
    if (!MEMBER.test(member)) continue
    if (member.startsWith('dd=')) own ??= member.slice(3)
    else if (room-- > 0) others += others === '' ? member : `,${member}`
  }
  return { own, others }
}

/** What our member says, which is printable ASCII as all members are. */
export class OwnMember {
  priority: number | undefined
  origin: string | undefined
  lastSpanId: string | undefined
  traceIdHigh: string | undefined
  readonly tags = new Map<string, string>()

  constructor(value: string | undefined) {
    for (const field of value?.split(';') ?? []) {
      const at = field.indexOf(':')
      if (at > 0 && at < field.length - 1) this.#read(field.slice(0, at), field.slice(at + 1))
    }
  }

  #read(key: string, value: string): void {
    if (key === 's') this.priority = readPriority(value)
    else if (key === 'p') this.lastSpanId = /^[0-9a-f]{16}$/.test(value) ? value : undefined
    else if (key === 'o') this.origin = decoded(value)
    else if (key === 't.tid') this.traceIdHigh = value
    else if (key === 't.dm') {
      const mechanism = /^-?(\d{1,2})$/.exec(value)?.[1]
      if (mechanism !== undefined) this.tags.set(DECISION_MAKER, `-${mechanism}`)
    } else if (key.startsWith('t.') && key.length > 2) {
      const tag = `_dd.p.${key.slice(2)}`
      if (isHandedOn(tag, decoded(value))) this.tags.set(tag, decoded(value))
    }
  }
}

const LAST_SPAN_LENGTH = ';p:0123456789abcdef'.length

const tagText = new TagText(tagFields)

/** The whole header: our member, then the others. */
export function traceStateText(context: SpanContext, spanId: string): string {
  const { priority, origin, received, tags } = context
  const { lastSpanId = spanId, tracestate } = received
  let own = priority === undefined ? '' : `;s:${priority}`
  if (origin !== undefined) own += fits(own, `;o:${encoded(origin)}`, LAST_SPAN_LENGTH)
  if (lastSpanId !== '') own += `;p:${lastSpanId}`
  if (tags.size > 0) {
    const fields = tagText.of(tags)
    if (own.length + fields.length <= MAX_OWN_LENGTH + 1) own += fields
    else for (const field of fields.split(/(?=;)/)) own += fits(own, field)
  }
  if (own === '') return tracestate
  return tracestate === '' ? `dd=${own.slice(1)}` : `dd=${own.slice(1)},${tracestate}`
}

/** A field, or nothing where it is too long. The first `;` goes; `kept` characters are for what must follow. */
function fits(own: string, field: string, kept = 0): string {
  return own.length + field.length + kept <= MAX_OWN_LENGTH + 1 ? field : ''
}

/** The decision maker first: it is the last to go. */
function tagFields(tags: ReadonlyMap<string, string>): string {
  const decisionMaker = tags.get(DECISION_MAKER)
  let fields = decisionMaker === undefined ? '' : `;t.dm:${encoded(decisionMaker)}`
  for (const [key, value] of tags) {
    // `traceparent` has the upper half of the id.
    if (key === DECISION_MAKER || key === TRACE_ID_HIGH || !key.startsWith('_dd.p.')) continue
    fields += `;t.${key.slice(6).replace(/[^\x21-\x2b\x2d-\x39\x3c\x3e-\x7e]/g, '_')}:${encoded(value)}`
  }
  return fields
}

/** `=` becomes `~`, which the value may not hold itself. */
function encoded(text: string): string {
  return text.replace(/[^\x20-\x2b\x2d-\x3a\x3c-\x7d]/g, '_').replaceAll('=', '~')
}

function decoded(text: string): string {
  return text.replaceAll('~', '=')
}
