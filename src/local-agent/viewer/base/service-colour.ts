// Gives each service a colour that stays the same: the next one of the palette when it is seen first, remembered in this browser.
//
// Not one by a hash of the name: of five services, two would look alike in half of all systems. The palette is in an order in
// which neighbours differ most; the colours themselves are in styles/palette.css, for dark and light.

import { recall, remember } from './remembered'

const COLOURS = 16

/** Enough for years, and small. */
const MAX_REMEMBERED = 500

const given = new Map<string, number>(entriesOf(recall<unknown>('services', [])))

/** The position of a service's colour. */
export function colourIndex(service: string): number {
  let colour = given.get(service)
  if (colour === undefined) {
    colour = given.size % COLOURS
    given.set(service, colour)
    if (given.size <= MAX_REMEMBERED) remember('services', [...given])
  }
  return colour
}

/** The class that carries a service's colour. */
export const colourClass = (service: string): string => `s${colourIndex(service)}`

function entriesOf(known: unknown): [string, number][] {
  if (!Array.isArray(known)) return []
  return known.filter(
    (entry): entry is [string, number] =>
      Array.isArray(entry) &&
      typeof entry[0] === 'string' &&
      Number.isInteger(entry[1]) &&
      entry[1] >= 0 &&
      entry[1] < COLOURS,
  )
}
