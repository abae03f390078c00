// Whether what came of a vector's calls is what it asks for. Fields of a line, and tags, may stand in another order unless the vector is
// about it; numbers may be written with fewer decimals; what is not there and null are the same.

import { isDeepStrictEqual } from 'node:util'
import type { Outcome, Thrown, Vector } from './vector'

export interface Expected {
  readonly expect: readonly unknown[]
  readonly throws?: Thrown
}

/** What is different, in words; undefined where nothing is. */
export function difference(
  vector: Vector,
  { expect, throws }: Expected,
  { items, thrown }: Outcome,
): string | undefined {
  const isTagOrdered = 'tag_order' in vector.given || /tag order/.test(vector.name)
  // Lines that came out of a map have no order.
  const areLinesOrdered = !/\bmap order\b/.test(vector.note ?? '')
  const plain = (value: unknown) => normal(value, isTagOrdered, areLinesOrdered)
  const [wanted, got] = [expect.map(plain), items.map(plain)]
  if (!isDeepStrictEqual(fitted(wanted, got), got)) return `expected ${show(expect)}, got ${show(items)}`
  if (throws?.at !== thrown?.at || throws?.error !== thrown?.error) {
    return `expected ${showThrown(throws)}, got ${showThrown(thrown)}`
  }
  if (throws?.message !== undefined && thrown?.message !== undefined && throws.message !== thrown.message) {
    return `expected ${showThrown(throws)}, got ${showThrown(thrown)}`
  }
  return undefined
}

/** In the form in which equal things are equal. */
function normal(value: unknown, isTagOrdered: boolean, areLinesOrdered: boolean, key = ''): unknown {
  if (typeof value === 'string') {
    if (key !== '') return value
    const lines = value.split('\n').map((line) => normalLine(line, isTagOrdered))
    return (areLinesOrdered ? lines : lines.sort()).join('\n')
  }
  if (value instanceof Uint8Array) return `hex ${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value)) {
    const items = value.map((item) => normal(item, isTagOrdered, areLinesOrdered, key || '[]'))
    return key === 'tags' && !isTagOrdered ? items.sort() : items
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    if ('hex' in value) return `hex ${String(value.hex)}`
    return Object.fromEntries(
      entries
        .filter(([, each]) => each !== undefined && each !== null)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, each]) => [name, normal(each, isTagOrdered, areLinesOrdered, name)]),
    )
  }
  // One digit of the last place is the affair of how a sum was made.
  return typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(14)) : (value ?? null)
}

/** `name:values|type`, an event or a service check, with its further fields in one order. */
function normalLine(line: string, isTagOrdered: boolean): string {
  const head = headOf(line)
  const [start = '', ...fields] = [line.slice(0, head), ...line.slice(head).split('|').slice(1)]
  const tags = (field: string) =>
    field.startsWith('#') && !isTagOrdered ? `#${field.slice(1).split(',').sort().join(',')}` : field
  return [normalTime(start), ...fields.map(tags).sort()].join('|')
}

/** Where the fields begin that may stand in any order. */
function headOf(line: string): number {
  const event = /^_e\{(\d+),(\d+)\}:/.exec(line)
  if (event !== null) {
    const bytes = event[0].length + Number(event[1]) + 1 + Number(event[2])
    return Buffer.from(line).subarray(0, bytes).toString().length
  }
  const fixed = /^_sc\|[^|]*\|[^|]*/.exec(line) ?? /^[^:|]*:[^|]*\|[^|]*/.exec(line)
  return fixed?.[0].length ?? line.length
}

function normalTime(start: string): string {
  const [, name, values, type] = /^([^:]*):([^|]*)\|(ms)$/.exec(start) ?? []
  return values === undefined ? start : `${name}:${values.split(':').map(Number).join(':')}|${type}`
}

/** Puts what is there in the place of what the vector leaves open, as `<version>`. */
function fitted(wanted: unknown, got: unknown): unknown {
  if (typeof wanted === 'string' && typeof got === 'string' && wanted.includes('<')) {
    const pattern = wanted.split(/<\w+>/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(`^${pattern.join('[^,|\\n]*')}$`).test(got) ? got : wanted
  }
  if (Array.isArray(wanted) && Array.isArray(got)) return wanted.map((each, at) => fitted(each, got[at]))
  if (typeof wanted === 'object' && wanted !== null && typeof got === 'object' && got !== null) {
    const had = got as Record<string, unknown>
    return Object.fromEntries(Object.entries(wanted).map(([key, each]) => [key, fitted(each, had[key])]))
  }
  return wanted
}

const show = (items: readonly unknown[]): string =>
  JSON.stringify(items, (_key, value: unknown) =>
    typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value,
  )

const showThrown = (thrown: Thrown | undefined): string =>
  thrown === undefined
    ? 'no error'
    : `${thrown.error}${thrown.message === undefined ? '' : ` (${thrown.message})`} at call ${thrown.at}`
