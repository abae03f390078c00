// An event as a line: `_e{5,4}:title|text|d:…|h:…|k:…|p:…|s:…|t:…|#tags|c:…|e:…|card:…`, where the numbers are the bytes of title and text.
//
// Source: Datadog's description of DogStatsD datagrams; the order is that of Datadog's own clients.

import { cleanField } from '../clean-text'
import { cutText, escapeLineEnds } from '../cut-text'
import { checkGiven, checkOneOf } from '../option-checks'
import type { Tags } from '../tag-set'
import { secondsOf } from '../timestamp'
import type { Cardinality } from './origin'

const PRIORITIES = ['normal', 'low'] as const
const ALERT_TYPES = ['error', 'warning', 'info', 'success'] as const

export interface EventOptions {
  /** When it happened: seconds since the epoch, or a Date. Default: when the Agent receives it. */
  readonly timestamp?: number | Date | undefined
  /** Default: the Agent's. */
  readonly hostname?: string | undefined
  /** Events of one key are shown as one. */
  readonly aggregationKey?: string | undefined
  /** Default: `normal`. */
  readonly priority?: (typeof PRIORITIES)[number] | undefined
  /** What it comes from, such as `nagios`. */
  readonly sourceType?: string | undefined
  /** Default: `info`. */
  readonly alertType?: (typeof ALERT_TYPES)[number] | undefined
  readonly tags?: Tags | undefined
  readonly cardinality?: Cardinality | undefined
}

/**
 * @param end what follows its own fields: tags and origin
 * @param maxBytes of the line; a longer text is cut
 * @returns undefined if it is too long even without a text
 * @throws TypeError without a title, or for a priority or alert type that there is not
 */
export function eventLine(
  title: string,
  text: string | undefined,
  options: EventOptions | undefined,
  end: string,
  maxBytes: number,
): string | undefined {
  checkGiven('title', 'an event', title)
  if (text !== undefined && text !== null && typeof text !== 'string') {
    throw new TypeError(`text is a string, not ${typeof text}: event(title, text, options)`)
  }
  const escapedTitle = escapeLineEnds(title)
  const escapedText = escapeLineEnds(text ?? title)
  const titleBytes = Buffer.byteLength(escapedTitle)
  const fields = fieldsOf(options) + end
  const start = `_e{${titleBytes},`
  const room = maxBytes - Buffer.byteLength(start) - '}:|'.length - titleBytes - Buffer.byteLength(fields)
  const fitting = cutToRoom(escapedText, room)
  if (fitting === undefined) return undefined
  return `${start}${fitting.bytes}}:${escapedTitle}|${fitting.text}${fields}`
}

/** What of `text` fits into `room` bytes together with the digits of its length. */
function cutToRoom(text: string, room: number): { text: string; bytes: number } | undefined {
  if (room < 1) return undefined
  const whole = Buffer.byteLength(text)
  if (whole + String(whole).length <= room) return { text, bytes: whole }
  // A length of fewer digits leaves more room for the text, but says less.
  let most = 0
  for (let digits = 1; digits < room; digits++) most = Math.max(most, Math.min(room - digits, 10 ** digits - 1))
  const cut = cutText(text, most)
  return { text: cut, bytes: Buffer.byteLength(cut) }
}

function fieldsOf(options: EventOptions | undefined): string {
  if (options === undefined || options === null) return ''
  const { timestamp, hostname, aggregationKey, priority, sourceType, alertType } = options
  const seconds = timestamp === undefined ? undefined : secondsOf(timestamp)
  return (
    (seconds === undefined ? '' : `|d:${seconds}`) +
    field('h', hostname) +
    field('k', aggregationKey) +
    field('p', oneOf('priority', priority, PRIORITIES)) +
    field('s', sourceType) +
    field('t', oneOf('alertType', alertType, ALERT_TYPES))
  )
}

function field(letter: string, value: string | undefined): string {
  return value === undefined || value === null || value === '' ? '' : `|${letter}:${cleanField(String(value))}`
}

function oneOf(name: string, value: string | undefined, known: readonly string[]): string | undefined {
  if (value !== undefined && value !== null) checkOneOf(name, value, known)
  return value
}
