// Texts with wildcards, matched without regular expressions: a value is looked through once, from left to right.
//
// A pattern is cut at its `*` into pieces, and each piece at its `?` into parts. The first place where a piece fits is
// always good enough, because what follows it may be anything, so there is no going back. Upper and lower case are the same.
// `?` is one UTF-16 unit: an emoji takes two.

export interface TextPattern {
  /** Between the stars; never empty. Without a star there is one piece, which is the whole text. */
  readonly pieces: readonly (readonly string[])[]
  /** Has no wildcard, and is this text in lower case. */
  readonly literal: string | undefined
}

/** Puts a pattern together from what a reader finds, left to right. */
export class PatternBuilder {
  readonly #pieces: string[][] = [['']]

  add(text: string): void {
    const piece = this.#pieces.at(-1)!
    piece[piece.length - 1] += text
  }

  addStar(): void {
    this.#pieces.push([''])
  }

  addAny(): void {
    this.#pieces.at(-1)!.push('')
  }

  build(): TextPattern {
    // Whole parts: some letters become small in different ways inside and at the end of a word.
    return patternOf(this.#pieces.map((piece) => piece.map((part) => part.toLowerCase())))
  }
}

/** The same pattern anywhere inside a text. */
export function anywhere({ pieces }: TextPattern): TextPattern {
  return patternOf([[''], ...pieces, ['']])
}

/** `*` alone, however often. */
export function isStar({ pieces }: TextPattern): boolean {
  return pieces.length > 1 && pieces.every(isEmpty)
}

export function matchesText({ pieces, literal }: TextPattern, text: string): boolean {
  const lower = text.toLowerCase()
  if (literal !== undefined) return lower === literal
  const first = pieces[0]!
  const last = pieces.at(-1)!
  if (pieces.length === 1) return lower.length === widthOf(first) && fits(first, lower, 0)
  const end = lower.length - widthOf(last)
  let from = widthOf(first)
  if (from > end || !fits(first, lower, 0) || !fits(last, lower, end)) return false
  for (let index = 1; index < pieces.length - 1; index++) {
    const piece = pieces[index]!
    const at = find(piece, lower, from)
    if (at < 0) return false
    from = at + widthOf(piece)
    if (from > end) return false
  }
  return true
}

function patternOf(pieces: readonly (readonly string[])[]): TextPattern {
  const [piece = []] = pieces
  return { pieces, literal: pieces.length === 1 && piece.length === 1 ? piece[0] : undefined }
}

function isEmpty(piece: readonly string[]): boolean {
  return piece.length === 1 && piece[0] === ''
}

function widthOf(piece: readonly string[]): number {
  let width = piece.length - 1
  for (const part of piece) width += part.length
  return width
}

function fits(piece: readonly string[], text: string, at: number): boolean {
  let offset = at
  for (const part of piece) {
    if (!text.startsWith(part, offset)) return false
    offset += part.length + 1
  }
  return offset - 1 <= text.length
}

/** Where the piece fits for the first time; -1 if it does not. */
function find(piece: readonly string[], text: string, from: number): number {
  // The first part that says something is looked for by the engine's own search.
  let before = 0
  let anchor = 0
  while (anchor < piece.length - 1 && piece[anchor] === '') {
    anchor++
    before++
  }
  const part = piece[anchor]!
  for (let at = text.indexOf(part, from + before); at >= 0; at = text.indexOf(part, at + 1)) {
    if (fits(piece, text, at - before)) return at - before
    // An empty part is found at the very end again and again.
    if (at >= text.length) return -1
  }
  return -1
}
