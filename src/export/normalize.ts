// Names and tags as the Agent takes them without a complaint. It would cut them, replace them or throw them away; what it merely
// writes in another way, letter case for instance, goes as the program gave it, and so it stands in the local agent.
//
// The functions are called where a new form of span or a new field is learned, not per span. Source: datadog-agent,
// pkg/trace/agent/normalizer.go, pkg/trace/traceutil/normalize.

import { BASE_SERVICE, HTTP_STATUS_CODE, PEER_SERVICE } from '../base/tags'
import { cutBytes } from './wire-limits'

/** In bytes of UTF-8, as all limits of the Agent. */
const MAX_NAME_BYTES = 100
const MAX_TYPE_BYTES = 100
/** A tag's value: so many characters, and not many bytes more. */
const MAX_TAG_CHARACTERS = 200
const MAX_TAG_BYTES = 400

const UNNAMED_SERVICE = 'unnamed-nodejs-service'
const UNNAMED_OPERATION = 'unnamed_operation'

/** The tag under which a status goes that is none: the Agent would throw it away. */
const INVALID_STATUS_CODE = `${HTTP_STATUS_CODE}.invalid`

/**
 * A service: at most 100 bytes.
 * @param fallback for a text in which the Agent finds nothing to keep
 */
export function serviceName(service: string, fallback: string = UNNAMED_SERVICE): string {
  const text = cutBytes(service, MAX_NAME_BYTES)
  return tagValue(text) === '' ? fallback : text
}

/** A service as the Agent writes it: lower-case letters, digits and `_ : . / -`. Two that it takes for one are one. */
export function agentService(service: string, fallback: string = UNNAMED_SERVICE): string {
  return tagValue(cutBytes(service, MAX_NAME_BYTES)) || fallback
}

/** The name of a span: at most 100 bytes, of which one is an ASCII letter. */
export function spanName(name: string): string {
  const text = cutBytes(name, MAX_NAME_BYTES)
  return /[a-z]/i.test(text) ? text : UNNAMED_OPERATION
}

/** The type of a span. */
export function spanType(type: string): string {
  return cutBytes(type, MAX_TYPE_BYTES)
}

/** The value of a tag that the Agent counts by, such as `env`, as it writes it. */
export function tagValue(value: string): string {
  if (/^[a-z0-9:./-]*$/.test(value) && value.length <= MAX_TAG_CHARACTERS) return value
  let text = ''
  let characters = 0
  let bytes = 0
  // What is not allowed becomes one underscore, if something follows.
  let isGap = false
  for (const character of value) {
    if (/[\p{L}\p{Nd}:./-]/u.test(character)) {
      if (isGap) text += '_'
      isGap = false
      text += lowerCase(character)
    } else {
      isGap = true
    }
    bytes += Buffer.byteLength(character)
    if (++characters >= MAX_TAG_CHARACTERS || bytes >= MAX_TAG_BYTES) break
  }
  return text
}

/** Gives the key and the value to send. */
export type TagNormalizer = (value: string) => readonly [key: string, value: string]

/** Under which key a text tag goes, and as what; undefined for the great most, which go as they are. */
export function tagNormalizer(key: string): TagNormalizer | undefined {
  switch (key) {
    case PEER_SERVICE:
    case BASE_SERVICE:
      return (value) => [key, serviceName(value, '')]
    case HTTP_STATUS_CODE:
      return (value) => [isStatusCode(value) ? key : INVALID_STATUS_CODE, value]
    default:
      return undefined
  }
}

function isStatusCode(text: string): boolean {
  return /^0*[1-5]\d\d$/.test(text)
}

/** Only where that is as long: the Agent replaces in place. */
function lowerCase(character: string): string {
  if (!/\p{Lu}/u.test(character)) return character
  const lower = character.toLowerCase()
  return Buffer.byteLength(lower) === Buffer.byteLength(character) ? lower : character
}
