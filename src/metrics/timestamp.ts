// When something was measured, as packets have it: whole seconds since the epoch.

/** From here on a number is milliseconds: as seconds it would be in the year 5138, as milliseconds it is 1973. */
const FIRST_MS = 1e11

/** Undefined for what is no time after the epoch. */
export function secondsOf(time: number | Date): number | undefined {
  const seconds = anySecondsOf(time)
  return seconds !== undefined && seconds >= 1 ? seconds : undefined
}

/** Also before the epoch; undefined for what is no time. */
export function anySecondsOf(time: number | Date): number | undefined {
  const number = time instanceof Date ? time.getTime() / 1000 : time
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined
  return Math.floor(number >= FIRST_MS ? number / 1000 : number)
}
