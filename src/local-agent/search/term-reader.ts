// The words of a query: reads a text from left to right, and knows where it is.

import { durationOf, numberOf } from './quantity'
import { MAX_WILDCARDS, QueryError } from './query'
import { PatternBuilder, type TextPattern } from './text-pattern'

export interface TermText {
  readonly pattern: TextPattern
  /** Without quotes and escapes. */
  readonly raw: string
  readonly isQuoted: boolean
  readonly hasWildcard: boolean
  readonly at: number
}

export class TermReader {
  #at = 0

  constructor(private readonly query: string) {}

  get at(): number {
    return this.#at
  }

  get next(): string | undefined {
    return this.query[this.#at]
  }

  get isAtEnd(): boolean {
    return this.#at >= this.query.length
  }

  get isAtSpace(): boolean {
    return isSpace(this.next)
  }

  charAt(at: number): string | undefined {
    return this.query[at]
  }

  startsWith(text: string): boolean {
    return this.query.startsWith(text, this.#at)
  }

  skip(characters: number): void {
    this.#at += characters
  }

  skipSpace(): void {
    while (isSpace(this.next)) this.#at++
  }

  /** Whether one of these operators is next, as a word of its own: `ORDER` is none. */
  isOperator(...names: readonly string[]): boolean {
    return this.#operator(names) !== undefined
  }

  takeOperator(...names: readonly string[]): boolean {
    this.skipSpace()
    const name = this.#operator(names)
    if (name !== undefined) this.#at += name.length
    return name !== undefined
  }

  /**
   * A word: up to a space, a parenthesis, or what `ends` it. Quotes may stand anywhere in it.
   *
   * @param isField whether a `:` ends it
   * @param ends further characters that end it
   */
  text(isField: boolean, ends = ''): TermText {
    const at = this.#at
    const builder = new PatternBuilder()
    let raw = ''
    let isQuoted = false
    let wildcards = 0
    for (let next = this.next; next !== undefined; next = this.next) {
      if (isSpace(next) || next === '(' || next === ')' || (isField && next === ':') || ends.includes(next)) break
      if (next === '"') {
        isQuoted = true
        const quoted = this.#quoted()
        raw += quoted
        builder.add(quoted)
        continue
      }
      this.#at++
      if (next === '*' || next === '?') {
        if (++wildcards > MAX_WILDCARDS)
          throw new QueryError(`a term may have ${MAX_WILDCARDS} wildcards`, this.#at - 1)
        if (next === '*') builder.addStar()
        else builder.addAny()
      } else if (next === '\\') {
        next = this.next
        if (next === undefined) throw new QueryError('a character is missing behind this \\', this.#at - 1)
        this.#at++
        builder.add(next)
      } else builder.add(next)
      raw += next
    }
    return { pattern: builder.build(), raw, isQuoted, hasWildcard: wildcards > 0, at }
  }

  #quoted(): string {
    const at = this.#at++
    let text = ''
    for (let next = this.next; next !== undefined; next = this.next) {
      this.#at++
      if (next === '"') return text
      if (next === '\\' && !this.isAtEnd) {
        text += this.next
        this.#at++
      } else text += next
    }
    throw new QueryError('this " is not closed', at)
  }

  #operator(names: readonly string[]): string | undefined {
    return names.find((name) => {
      const behind = this.query[this.#at + name.length]
      return this.startsWith(name) && (behind === undefined || isSpace(behind) || behind === '(' || behind === ')')
    })
  }
}

/** A number of a comparison or a range. */
export function boundOf({ raw, at }: TermText, isDuration: boolean): number {
  const number = isDuration ? durationOf(raw) : numberOf(raw)
  if (number !== undefined) return number
  if (raw === '') throw new QueryError('a number is missing here', at)
  if (!isDuration && durationOf(raw) !== undefined) throw new QueryError('only duration is compared with units', at)
  throw new QueryError(`${raw} is no ${isDuration ? 'duration, like 100ms' : 'number'}`, at)
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && /\s/.test(character)
}
