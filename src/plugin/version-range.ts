// Whether a version is in a range. What plugins are written with, a release and `>=8.0.3 <9`, is compared here: to load semver takes 5 ms
// of a program's start. All else is semver's.

const NUMBER = '(0|[1-9]\\d{0,8})'
const VERSION = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}$`)
const PART = `${NUMBER}(?:\\.${NUMBER})?(?:\\.${NUMBER})?`
const RANGE = new RegExp(`^>=${PART} <${PART}$`)

export function isInRange(version: string, range: string): boolean {
  const release = VERSION.exec(version)
  const limits = RANGE.exec(range)
  if (release === null || limits === null) {
    const satisfies = require('semver/functions/satisfies') as typeof import('semver/functions/satisfies')
    return satisfies(version, range, { includePrerelease: true })
  }
  return !isBelow(release, limits.slice(0, 4)) && isBelow(release, limits.slice(3))
}

/** Compares the groups of two matches; a part that is left out is 0. */
function isBelow(one: readonly string[], other: readonly (string | undefined)[]): boolean {
  for (let part = 1; part <= 3; part++) {
    const difference = Number(one[part]) - Number(other[part] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
