// Gives each service a colour: from its name, so that it stays the same from visit to visit, but never one that another
// service on this page has while there are free ones.
//
// The colours themselves are in viewer.css, for light and dark.

const COLOURS = 10

/** @type {Map<string, number>} */
const given = new Map()

/** The class that carries a service's colour. */
export function serviceColour(service) {
  let colour = given.get(service)
  if (colour === undefined) {
    colour = hash(service) % COLOURS
    const taken = new Set(given.values())
    if (taken.size < COLOURS) while (taken.has(colour)) colour = (colour + 1) % COLOURS
    given.set(service, colour)
  }
  return `service-${colour}`
}

function hash(text) {
  let sum = 0
  for (const character of text) sum = (sum * 31 + character.codePointAt(0)) >>> 0
  return sum
}
