// Reads single values of a decoded body of OTLP, from JSON or Protobuf: what has the wrong type is undefined or empty, never an exception.

import { exactJson } from '../exact-json'
import { finite, isMap, uint64 } from '../wire-value'

/** What an attribute can be; integers are bigint, so that they can be told from floating-point numbers. */
export type AttributeValue = string | number | bigint | boolean | AttributeValue[] | { [key: string]: AttributeValue }

export type Attributes = ReadonlyMap<string, AttributeValue>

export function attributesOf(raw: unknown): Attributes {
  const attributes = new Map<string, AttributeValue>()
  for (const entry of mapsIn(raw)) {
    const { key, value: given } = entry
    const value = attributeValue(given)
    if (typeof key === 'string' && key !== '' && value !== undefined) attributes.set(key, value)
  }
  return attributes
}

/** Undefined for none, which is a value too. */
export function attributeValue(raw: unknown): AttributeValue | undefined {
  if (!isMap(raw)) return undefined
  if (typeof raw['stringValue'] === 'string') return raw['stringValue']
  if (typeof raw['boolValue'] === 'boolean') return raw['boolValue']
  if (raw['intValue'] !== undefined) return signed64(raw['intValue'])
  if (raw['doubleValue'] !== undefined) return double(raw['doubleValue'])
  if (typeof raw['bytesValue'] === 'string') return raw['bytesValue']
  const { arrayValue: list, kvlistValue: map } = raw
  if (isMap(list)) return mapsIn(list['values']).flatMap((item) => attributeValue(item) ?? [])
  return isMap(map) ? Object.fromEntries(attributesOf(map['values'])) : undefined
}

/** As the Agent writes it: a list or map is JSON. */
export function textOf(value: AttributeValue): string {
  return typeof value === 'object' ? exactJson(value) : String(value)
}

/** The text of the first of these attributes that is there; '' without. */
export function firstText(attributes: Attributes, ...keys: readonly string[]): string {
  for (const key of keys) {
    const value = attributes.get(key)
    if (value !== undefined && value !== '') return textOf(value)
  }
  return ''
}

/** The entries of a list that are maps; none for what is no list. */
export function mapsIn(raw: unknown): Record<string, unknown>[] {
  return Array.isArray(raw) ? raw.filter(isMap) : []
}

/** What a scope of a resource has sent. */
interface Sent {
  readonly resource: Attributes
  readonly scope: Record<string, unknown>
  /** Some of which may be no maps. */
  readonly items: readonly unknown[]
}

/** The two lists around the items of each signal: of a resource, and in it of a scope. */
export function* sentOf(
  body: Record<string, unknown>,
  resources: string,
  scopes: string,
  items: string,
): Generator<Sent> {
  for (const ofResource of mapsIn(body[resources])) {
    const resource = attributesOf(isMap(ofResource['resource']) ? ofResource['resource']['attributes'] : undefined)
    for (const ofScope of mapsIn(ofResource[scopes])) {
      const { scope, [items]: sent } = ofScope
      yield { resource, scope: isMap(scope) ? scope : {}, items: Array.isArray(sent) ? sent : [] }
    }
  }
}

/** Lower-case hex digits, so many and not all of them zeros; '' otherwise. */
export function hexId(raw: unknown, digits: 16 | 32): string {
  if (typeof raw !== 'string' || raw.length !== digits || !/^[0-9a-f]+$/i.test(raw) || /^0+$/.test(raw)) return ''
  return raw.toLowerCase()
}

/** The number of an enumeration, which JSON may write as a name: one of `names`, behind `prefix`. */
export function enumeration(raw: unknown, prefix: string, names: readonly string[]): number {
  if (typeof raw === 'string' && raw.startsWith(prefix)) return Math.max(0, names.indexOf(raw.slice(prefix.length)))
  const number = typeof raw === 'string' && /^\d{1,9}$/.test(raw) ? Number(raw) : raw
  return typeof number === 'number' && Number.isInteger(number) ? number : 0
}

/** A floating-point number; JSON writes those that it does not know as texts. */
export function double(raw: unknown): number | undefined {
  if (typeof raw === 'number') return raw
  if (typeof raw === 'bigint') return Number(raw)
  if (typeof raw !== 'string' || raw.trim() === '') return undefined
  const number = Number(raw)
  return Number.isNaN(number) && raw !== 'NaN' ? undefined : number
}

/** A whole number of 64 bits with its sign; undefined for a number that is not whole. */
function signed64(raw: unknown): bigint | undefined {
  const integer = uint64(raw)
  return integer === undefined ? undefined : BigInt.asIntN(64, integer)
}

/** A count, as a number. */
export function count(raw: unknown): number {
  return finite(uint64(raw)) ?? 0
}

/** Nanoseconds since the Unix epoch; 0 where there are none. */
export function nanoseconds(raw: unknown): bigint {
  return uint64(raw) ?? 0n
}
