// Patterns of sampling rules: `*` stands for any text, `?` for one character, the whole text must match, case does not matter.
//
// No regular expression is made of them: a pattern such as `*a*a*a*b` would take exponential time there. Here a failed try goes
// back to the last star only, which is enough for globs and costs text × pattern at worst.
// Source: Datadog's "Ingestion mechanisms" documentation, sampling rules.

const STAR = 0x2a
const QUESTION = 0x3f

export class Glob {
  /** Whether it matches every text, the empty one too. */
  readonly isAny: boolean
  readonly #pattern: string
  readonly #isLiteral: boolean

  constructor(pattern: string) {
    this.#pattern = pattern.toLowerCase()
    this.isAny = /^\*+$/.test(pattern)
    this.#isLiteral = !/[*?]/.test(pattern)
  }

  matches(text: string): boolean {
    if (this.isAny) return true
    const lower = text.toLowerCase()
    return this.#isLiteral ? lower === this.#pattern : this.#walk(lower)
  }

  #walk(text: string): boolean {
    const pattern = this.#pattern
    let at = 0
    let place = 0
    // Behind the last star, and where in the text it began to match nothing.
    let afterStar = -1
    let starAt = 0
    while (at < text.length) {
      const wanted = pattern.charCodeAt(place)
      if (wanted === STAR) {
        afterStar = ++place
        starAt = at
      } else if (wanted === QUESTION) {
        at += characterLength(text, at)
        place++
      } else if (wanted === text.charCodeAt(at)) {
        at++
        place++
      } else if (afterStar >= 0) {
        // The last star takes one character more.
        starAt += characterLength(text, starAt)
        at = starAt
        place = afterStar
      } else {
        return false
      }
    }
    while (pattern.charCodeAt(place) === STAR) place++
    return place === pattern.length
  }
}

/** 2 for a character outside the basic plane, which a string holds as two units. */
function characterLength(text: string, at: number): 1 | 2 {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}
