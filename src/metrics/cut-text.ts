// Cuts a text to a number of bytes without cutting a character in two.

const encoder = new TextEncoder()

/** The longest beginning of `text` that has at most `maxBytes` in UTF-8. An escaped newline, `\n` in two characters, stays whole. */
export function cutText(text: string, maxBytes: number): string {
  if (maxBytes <= 0) return ''
  const { read } = encoder.encodeInto(text, new Uint8Array(maxBytes))
  const isEscapeCut = text[read - 1] === '\\' && text[read] === 'n'
  return text.slice(0, isEscapeCut ? read - 1 : read)
}

/** Line ends become the two characters that the Agent turns back into one. */
export function escapeLineEnds(text: string): string {
  return text.replace(/\r\n?|\n/g, '\\n')
}
