// Answers that fit: a heading and as many lines as a bound allows, then how to ask for the rest.
//
// A model pays for what it reads, and clients cut what is too long in the middle. Eight kilobytes are about 2,500 tokens.

import { oneLine } from '../terminal-text'

export const MAX_ANSWER_BYTES = 8000

/** Of a line, in characters: a statement of five thousand would leave room for nothing else. */
const MAX_LINE = 400

/** For what stands behind the lines. */
const RESERVED_BYTES = 300

interface Fitting<T> {
  readonly text: string
  readonly shown: readonly T[]
}

/**
 * @param more what to say if not all are shown
 * @param maxLine of a line, in characters
 */
export function fitting<T>(
  heading: readonly string[],
  rows: readonly T[],
  lineOf: (row: T) => string,
  more: (shown: number) => string,
  maxLine = MAX_LINE,
): Fitting<T> {
  const lines = heading.map((line) => short(line))
  let left = MAX_ANSWER_BYTES - RESERVED_BYTES - bytesOf(lines)
  const shown: T[] = []
  for (const row of rows) {
    const line = short(lineOf(row), maxLine)
    left -= Buffer.byteLength(line) + 1
    if (left < 0) break
    lines.push(line)
    shown.push(row)
  }
  if (shown.length < rows.length) lines.push(short(more(shown.length)))
  return { text: lines.join('\n'), shown }
}

/** Without control characters and line breaks: what spans say comes from anywhere. The indentation stays. */
export function short(line: string, maxLength = MAX_LINE): string {
  const indent = /^ */.exec(line)?.[0] ?? ''
  const clean = indent + oneLine(line.slice(0, maxLength * 2))
  return clean.length > maxLength ? `${clean.slice(0, maxLength)}…` : clean
}

function bytesOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
}
