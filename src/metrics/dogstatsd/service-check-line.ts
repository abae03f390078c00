// A service check as a line: `_sc|name|status|d:…|h:…|#tags|c:…|e:…|card:…|m:message`.
//
// Source: Datadog's description of DogStatsD datagrams, by which the message is last.

import { cleanField } from '../clean-text'
import { cutText, escapeLineEnds } from '../cut-text'
import { checkGiven } from '../option-checks'
import type { Tags } from '../tag-set'
import { secondsOf } from '../timestamp'
import type { Cardinality } from './origin'

const STATUSES = ['ok', 'warning', 'critical', 'unknown'] as const

/** By name, or as Datadog numbers them: 0 ok, 1 warning, 2 critical, 3 unknown. */
export type ServiceStatus = (typeof STATUSES)[number] | 0 | 1 | 2 | 3

export interface ServiceCheckOptions {
  /** When it was checked: seconds since the epoch, or a Date. Default: when the Agent receives it. */
  readonly timestamp?: number | Date | undefined
  /** Default: the Agent's. */
  readonly hostname?: string | undefined
  /** Why it has this status. */
  readonly message?: string | undefined
  readonly tags?: Tags | undefined
  readonly cardinality?: Cardinality | undefined
}

/**
 * @param end what follows its own fields: tags and origin
 * @param maxBytes of the line; a longer message is cut
 * @returns undefined if it is too long even without a message
 * @throws TypeError without a name, or for a status that there is not
 */
export function serviceCheckLine(
  name: string,
  status: ServiceStatus,
  options: ServiceCheckOptions | undefined,
  end: string,
  maxBytes: number,
): string | undefined {
  checkGiven('name', 'a service check', name)
  const number = statusNumber(status)
  const { timestamp, hostname, message } = options ?? {}
  const seconds = timestamp === undefined ? undefined : secondsOf(timestamp)
  let line = `_sc|${cleanField(name)}|${number}`
  if (seconds !== undefined) line += `|d:${seconds}`
  if (hostname) line += `|h:${cleanField(String(hostname))}`
  line += end
  const room = maxBytes - Buffer.byteLength(line)
  if (room < 0) return undefined
  // What ends a line or a field goes; what looks like the beginning of another message is made to look otherwise.
  const escaped = cleanField(escapeLineEnds(String(message ?? '')).replaceAll('m:', 'm\\:'))
  const fitting = cutText(escaped, room - '|m:'.length)
  return fitting === '' ? line : `${line}|m:${fitting}`
}

/** @throws TypeError for a status that there is not */
export function statusNumber(status: ServiceStatus): number {
  const number = typeof status === 'string' ? STATUSES.indexOf(status) : status
  if (number in STATUSES) return number
  throw new TypeError(`status has an invalid value, ${String(status)}: it is one of 0 to 3, or ${STATUSES.join(', ')}`)
}
