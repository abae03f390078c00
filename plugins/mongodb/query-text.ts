// Writes what a command asks for as JSON text, for people to read: field names and operators stay, values are replaced unless the
// program wants them.
//
// Written by hand because filters hold what `JSON.stringify` takes badly (bigints, binary data, cycles) and because a filter may
// name a million ids: writing stops at a length, not after it.

/** What becomes of values: `redact` makes each of them `?`, `types` the name of its type, `none` leaves them. */
export type Obfuscation = 'redact' | 'types' | 'none'

export const MAX_DEPTH = 10
export const MAX_LENGTH = 10_000

interface BsonValue {
  readonly _bsontype?: unknown
  toJSON?(): unknown
}

export function queryText(query: unknown, obfuscation: Obfuscation): string {
  const text = written('', query, obfuscation, 0)
  return text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text
}

function written(text: string, value: unknown, obfuscation: Obfuscation, depth: number): string {
  if (isLeaf(value)) return text + leafText(value, obfuscation)
  if (depth >= MAX_DEPTH) return `${text}"?"`
  return Array.isArray(value)
    ? writtenArray(text, value, obfuscation, depth + 1)
    : writtenObject(text, value as Readonly<Record<string, unknown>>, obfuscation, depth + 1)
}

function writtenArray(start: string, values: readonly unknown[], obfuscation: Obfuscation, depth: number): string {
  let text = `${start}[`
  for (let at = 0; at < values.length && text.length < MAX_LENGTH; at++) {
    if (at > 0) text += ','
    text = written(text, values[at], obfuscation, depth)
  }
  return `${text}]`
}

function writtenObject(
  start: string,
  fields: Readonly<Record<string, unknown>>,
  obfuscation: Obfuscation,
  depth: number,
): string {
  let text = `${start}{`
  let first = true
  for (const key of Object.keys(fields)) {
    const value = fields[key]
    if (value === undefined || typeof value === 'function') continue
    if (text.length >= MAX_LENGTH) break
    text += `${first ? '' : ','}${JSON.stringify(key)}:`
    text = written(text, value, obfuscation, depth)
    first = false
  }
  return `${text}}`
}

function isLeaf(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return (
    value instanceof Date ||
    value instanceof RegExp ||
    value instanceof Map ||
    ArrayBuffer.isView(value) ||
    (value as BsonValue)._bsontype !== undefined
  )
}

function leafText(value: unknown, obfuscation: Obfuscation): string {
  if (obfuscation === 'redact') return '"?"'
  return obfuscation === 'types' ? JSON.stringify(typeName(value)) : plainText(value)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value
  return String((value as BsonValue)._bsontype ?? value.constructor.name)
}

function plainText(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}"`
  if (value instanceof RegExp) return JSON.stringify({ $regex: value.source, $options: value.flags })
  if (typeof value === 'object' && value !== null && isOpaque(value)) return '"?"'
  return JSON.stringify(value) ?? 'null'
}

/** Binary data, and what would print as an empty object. */
function isOpaque(value: object): boolean {
  const { _bsontype: type, toJSON } = value as BsonValue
  return ArrayBuffer.isView(value) || value instanceof Map || type === 'Binary' || typeof toJSON !== 'function'
}
