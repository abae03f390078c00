// Terminal colours: one per service, red for errors and nothing else, and none at all where they would be noise.
//
// Only the sixteen colours that every terminal themes itself are used, so they can be read on light and dark.

export interface Paint {
  bold(text: string): string
  soft(text: string): string
  error(text: string): string
  /** In the service's colour. */
  service(service: string, text: string): string
}

/** Cyan, yellow, magenta, green, blue, and their bright forms. */
const SERVICE_COLOURS = [36, 33, 35, 32, 34, 96, 93, 95, 92, 94]

export const plainPaint: Paint = {
  bold: (text) => text,
  soft: (text) => text,
  error: (text) => text,
  service: (_service, text) => text,
}

/** A service keeps the colour it gets first for as long as the paint lives. */
export function colourPaint(): Paint {
  const colours = new Map<string, number>()
  const code =
    (...codes: number[]) =>
    (text: string) =>
      `\x1b[${codes.join(';')}m${text}\x1b[0m`
  return {
    bold: code(1),
    soft: code(2),
    error: code(1, 31),
    service(service, text) {
      const colour = colours.get(service) ?? SERVICE_COLOURS[colours.size % SERVICE_COLOURS.length]!
      colours.set(service, colour)
      return code(colour)(text)
    },
  }
}

/** FORCE_COLOR decides if it is set, then NO_COLOR, then whether somebody is watching. */
export function paintFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  const { FORCE_COLOR, NO_COLOR } = env
  const isColoured = FORCE_COLOR === undefined ? stream.isTTY === true && !NO_COLOR : !/^(0|false)$/.test(FORCE_COLOR)
  return isColoured ? colourPaint() : plainPaint
}
