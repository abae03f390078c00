// Times and durations in the answers of `dog mcp`: dates in UTC, durations as everywhere.

import type { Nanoseconds } from '../agent-answers'
import { durationText } from '../duration-text'

export function isoTime(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
}

export function isoOfNanoseconds(ns: Nanoseconds): string {
  return isoTime(Number(BigInt(ns) / 1_000_000n))
}

export function microsText(us: number): string {
  return durationText(BigInt(Math.max(0, Math.round(us * 1000))))
}

/** For data: a number that can be compared. */
export function millis(us: number): number {
  return Math.round(us) / 1000
}

export function millisOfNanoseconds(ns: Nanoseconds): number {
  return Math.round(Number(ns) / 1000) / 1000
}
