// What the Agent would make of names, services and some tags, made here already: then what was sent is what is stored, the Agent has
// nothing to repair, and two programs that look for the same service find it under one name.
//
// Each function gives what the Agent gives, and leaves alone what it would leave alone. They are called where a new form of span or a
// new field is learned, not per span. Source: datadog-agent, pkg/trace/agent/normalizer.go, pkg/trace/traceutil/normalize.

import { BASE_SERVICE, ENV, HTTP_STATUS_CODE, PEER_SERVICE } from '../base/tags'
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
 * A service: lower-case letters, digits and `_ : . / -`, at most 100 bytes.
 * @param fallback for a text that has nothing of that
 */
export function serviceName(service: string, fallback: string = UNNAMED_SERVICE): string {
  return tagValue(cutBytes(service, MAX_NAME_BYTES)) || fallback
}

/** The name of a span: ASCII letters, digits, `_` and `.`, beginning with a letter, at most 100 bytes. */
export function spanName(name: string): string {
  const text = cutBytes(name, MAX_NAME_BYTES)
  const begin = text.search(/[a-z]/i)
  if (begin < 0) return UNNAMED_OPERATION
  const rest = text.slice(begin)
  const isGood = /^[a-z0-9._]*$/i.test(rest) && !/_[._]/.test(rest)
  const clean = isGood ? rest : rest.replace(/[^a-z0-9.]+/gi, '_').replace(/_?\._?/g, '.')
  return clean.endsWith('_') ? clean.slice(0, -1) : clean
}

/** The type of a span. */
export function spanType(type: string): string {
  return cutBytes(type, MAX_TYPE_BYTES)
}

/** The value of a tag that the Agent counts by, such as `env`. */
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
    case ENV:
      return (value) => [key, tagValue(value)]
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
