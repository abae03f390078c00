// A time of day for people, on the clock of this machine; with its date where that is not today's.

import { wallMs } from '../base/clock'

/** @param ms since the Unix epoch */
export function timeText(ms: number, precision: 'minutes' | 'milliseconds', nowMs = wallMs()): string {
  const date = new Date(ms)
  const two = (number: number) => String(number).padStart(2, '0')
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`
  const fraction = String(date.getMilliseconds()).padStart(3, '0')
  const time = precision === 'minutes' ? minutes : `${minutes}:${two(date.getSeconds())}.${fraction}`
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return date.toDateString() === new Date(nowMs).toDateString() ? time : `${day} ${time}`
}
