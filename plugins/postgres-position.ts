// Where in the text PostgreSQL found an error: counted from the comment that was put before it, which the program knows nothing of.

import { hiddenField, type Span } from '../src/plugin'
import { commentLength } from '../src/plugin/clients'

/** Errors that have been here: some are told twice. */
const corrected = hiddenField<true>()

/** Makes an error's `position` that in the program's own text. */
export function correctPosition(error: unknown, span: Span): void {
  const { position, length } = (error ?? {}) as { position?: unknown; length?: unknown }
  const before = commentLength(span)
  // In digits, counted from 1.
  if (before === 0 || typeof position !== 'string' || !(Number(position) > before)) return
  if (corrected.get(error as object) === true) return
  corrected.set(error as object, true)
  const own = String(Number(position) - before)
  put(error as object, 'position', own)
  // `pg` tells how many bytes the message had, these digits among them.
  if (typeof length === 'number') put(error as object, 'length', length - position.length + own.length)
}

/** The first postgres.js give errors that have another one as their prototype, and its fields from that. */
function put(error: object, key: string, value: unknown): void {
  let holder: object | null = error
  while (holder !== null && !Object.hasOwn(holder, key)) holder = Object.getPrototypeOf(holder) as object | null
  if (holder !== null) Reflect.set(holder, key, value)
}
