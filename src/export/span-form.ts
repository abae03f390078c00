// What the spans of one name have in common on the wire: their map's beginning with places for all that has a fixed size, up to
// the tags, and the keys of these.
//
// Programs have few names of spans, and the spans of a name have the same service, type and tags nearly always. So most of a span
// is copied in one piece, and only ids, times and the values of tags are written.

import type { FinishedSpan } from '../trace/chunk'
import type { FixedTags } from './fixed-tags'
import { encoded, KnownField } from './known-field'
import { MsgpackWriter } from './msgpack-writer'
import { serviceName, spanName, spanType } from './normalize'
import type { TagField, TagFields } from './tag-field'
import { MAP16, TagHabit } from './usual-tags'

/** The keys of a span's map but `type`, which is left out where there is none. */
const KEY_COUNT = 11

const INTEGER64 = [0xcf, 0, 0, 0, 0, 0, 0, 0, 0]

// Where the places are: behind the map's header, then each behind its key and the tag of its integer.
export const TRACE_ID_AT = 1 + 'trace_id'.length + 2
export const SPAN_ID_AT = TRACE_ID_AT + 8 + 'span_id'.length + 2
export const PARENT_ID_AT = SPAN_ID_AT + 8 + 'parent_id'.length + 2
export const START_AT = PARENT_ID_AT + 8 + 'start'.length + 2
export const DURATION_AT = START_AT + 8 + 'duration'.length + 2
export const ERROR_AT = DURATION_AT + 8 + 'error'.length + 1

/** A span's map up to the value of its name. */
function head(keys: number): Uint8Array {
  const numbers = ['trace_id', 'span_id', 'parent_id', 'start', 'duration']
  const places = numbers.flatMap((key) => [...encoded(key), ...INTEGER64])
  return Uint8Array.of(0x80 | keys, ...places, ...encoded('error'), 0, ...encoded('name'))
}

const HEAD = head(KEY_COUNT)
const HEAD_WITH_TYPE = head(KEY_COUNT + 1)
const SERVICE = encoded('service')
const TYPE = encoded('type')
const META = Uint8Array.of(...encoded('meta'), ...MAP16)
export class SpanForm {
  /** Ends with the header of the map of texts, whose size is in its last two bytes, to be corrected. */
  readonly opening: Uint8Array
  readonly resource = new KnownField('resource')
  /** The fields of the tags by their place in the list, as the last span had them. */
  readonly fields: TagField[] = []
  /** As it is sent. */
  readonly name: string
  /** The tags of the process that go on each. */
  readonly fixed: FixedTags
  readonly habit: TagHabit
  readonly #service: string
  readonly #type: string

  /** @param ownService the process's service, as it is sent */
  constructor({ name, service, type }: FinishedSpan, ownService: string, fixed: FixedTags, fields: TagFields) {
    this.#service = service
    this.#type = type
    this.name = spanName(name)
    const sentService = serviceName(service, ownService)
    const writer = new MsgpackWriter(256)
    writer.raw(type === '' ? HEAD : HEAD_WITH_TYPE)
    writer.string(this.name)
    writer.raw(SERVICE)
    writer.string(sentService)
    if (type !== '') {
      writer.raw(TYPE)
      writer.string(spanType(type))
    }
    writer.raw(META)
    this.opening = writer.copy()
    this.fixed = fixed
    this.habit = new TagHabit(this.opening, fixed, fields)
  }

  /** Whether a span of this name has it. */
  fits(span: FinishedSpan): boolean {
    return span.service === this.#service && span.type === this.#type
  }
}
