// Text in a terminal: how many columns it takes, and how it is made to fit.
//
// What spans say comes from anywhere. Control characters could move the cursor or change the terminal, and invisible
// ones could reorder a line, so neither reaches it.

/** Characters of Asian scripts and emoji, which take two columns. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

/** Marks that sit on the character before them. */
const ZERO_WIDTH = /\p{M}/u

/** One line without control characters or runs of blanks. */
export function oneLine(text: string): string {
  return text
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Cc}\p{Z}]+/gu, ' ')
    .trim()
}

export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += columnsOfCharacter(character)
  return columns
}

/** Shortened with … to at most `columns`. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let kept = ''
  let left = columns - 1
  for (const character of text) {
    left -= columnsOfCharacter(character)
    if (left < 0) break
    kept += character
  }
  return columns > 0 ? `${kept.trimEnd()}…` : ''
}

function columnsOfCharacter(character: string): number {
  if (character <= '~') return 1
  return ZERO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1
}
