// Writes the body of a search request as JSON text, for people to read: no longer than a limit, and without the credentials that a
// program may send in it.
//
// Written by hand because a bulk body may hold a million documents: writing stops at the limit, not after it.

/** Characters of a body, or of the parameters, that are kept. */
export const MAX_BODY_CHARS = 10_000
/** What is nested deeper is `?`, and with it whatever holds itself. */
export const MAX_BODY_DEPTH = 20

const WORDS = 'passw(?:or)?d(?:_hash)?|passphrase|pwd|secret|token|api_?key|authorization|credentials?'
const SECRET_KEY = new RegExp(`(?:${WORDS})$`, 'i')
/** The same in text; keys of more than a hundred characters name no secret. */
const SECRET_IN_TEXT = new RegExp(
  `("[^"]{0,100}(?:${WORDS})"\\s*:\\s*)(?:"(?:[^"\\\\]|\\\\.)*(?:"|$)|[{[][^}\\]]*[}\\]]?|[^\\s"{[][^,}\\]]*)`,
  'gi',
)

/** Undefined for what is no text: streams and binary data. */
export function bodyText(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined
  if (typeof body === 'string') return body.slice(0, MAX_BODY_CHARS).replace(SECRET_IN_TEXT, '$1"?"')
  if (typeof body === 'object' && ('pipe' in body || ArrayBuffer.isView(body))) return undefined
  return written('', body, 0).slice(0, MAX_BODY_CHARS)
}

function written(text: string, value: unknown, depth: number): string {
  if (typeof value === 'string') return text + quoted(value, MAX_BODY_CHARS - text.length)
  if (typeof value === 'bigint') return text + value
  if (typeof value !== 'object' || value === null) return text + (JSON.stringify(value) ?? 'null')
  if (depth === MAX_BODY_DEPTH || ArrayBuffer.isView(value)) return `${text}"?"`
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return written(text, Reflect.apply(toJSON, value, []), depth + 1)
  return Array.isArray(value) ? writtenArray(text, value, depth + 1) : writtenObject(text, value, depth + 1)
}

function writtenArray(start: string, values: readonly unknown[], depth: number): string {
  let text = `${start}[`
  for (let at = 0; at < values.length && text.length < MAX_BODY_CHARS; at++) {
    text = written(at === 0 ? text : `${text},`, values[at], depth)
  }
  return `${text}]`
}

function writtenObject(start: string, fields: object, depth: number): string {
  let text = `${start}{`
  for (const key in fields) {
    if (text.length >= MAX_BODY_CHARS) break
    const value = (fields as Record<string, unknown>)[key]
    if (!Object.hasOwn(fields, key) || value === undefined || typeof value === 'function') continue
    text += `${text.length === start.length + 1 ? '' : ','}${quoted(key, MAX_BODY_CHARS)}:`
    text = SECRET_KEY.test(key) ? `${text}"?"` : written(text, value, depth)
  }
  return `${text}}`
}

function quoted(text: string, room: number): string {
  return JSON.stringify(text.length > room ? text.slice(0, room) : text)
}
