// Reads fields of a JSON body of Datadog's API. A payload of a wrong shape is refused whole, as Datadog does, with the place in the text.

import { Refusal } from '../refusal'
import { isMap } from '../wire-value'

export function map(value: unknown, place: string): Record<string, unknown> {
  if (!isMap(value)) throw unexpected(place, 'an object')
  return value
}

export function list(value: unknown, place: string): unknown[] {
  if (!Array.isArray(value)) throw unexpected(place, 'a list')
  return value
}

export function finiteNumber(value: unknown, place: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unexpected(place, 'a number')
  return value
}

/** A text that may be left out. */
export function optionalText(value: unknown, place: string): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw unexpected(place, 'a text')
  return value
}

export function requiredText(value: unknown, place: string): string {
  const text = optionalText(value, place)
  if (text === undefined || text === '') throw unexpected(place, 'a text that is not empty')
  return text
}

/** Tags, which may be left out; old clients send events with all of them in one text. */
export function optionalTags(value: unknown, place: string): string[] {
  if (value === undefined || value === null || value === '') return []
  if (typeof value === 'string') return value.split(',')
  return list(value, place).map((tag, at) => requiredText(tag, `${place}[${at}]`))
}

export function unexpected(place: string, what: string): Refusal {
  return new Refusal(400, `Payload is not in the expected format: ${place} is not ${what}`)
}
