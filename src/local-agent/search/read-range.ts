// A range of a query: `[400 TO 499]`, `{0 TO 1s]`, `[100ms TO *]`.

import { QueryError, type ValueTest } from './query'
import { boundOf, type TermReader, type TermText } from './term-reader'

const SHAPE = 'a range looks like [400 TO 499]; a value that begins with a bracket needs quotes'

export function readRange(reader: TermReader, isDuration: boolean): ValueTest {
  const at = reader.at
  const opens = reader.next
  reader.skip(1)
  const [from, word, to] = [part(reader), part(reader), part(reader)]
  reader.skipSpace()
  const closes = reader.next
  if (word.raw !== 'TO' || (closes !== ']' && closes !== '}')) throw new QueryError(SHAPE, at)
  reader.skip(1)
  if (!reader.isAtEnd && !reader.isAtSpace && reader.next !== ')') {
    throw new QueryError('a space is missing behind the range', reader.at)
  }
  const bound = (text: TermText, open: number) => (isOpen(text) ? open : boundOf(text, isDuration))
  return {
    kind: 'range',
    from: { number: bound(from, Number.NEGATIVE_INFINITY), isIncluded: opens === '[' },
    to: { number: bound(to, Number.POSITIVE_INFINITY), isIncluded: closes === ']' },
  }
}

function part(reader: TermReader): TermText {
  reader.skipSpace()
  return reader.text(false, ']}')
}

function isOpen({ raw, hasWildcard }: TermText): boolean {
  return raw === '*' && hasWildcard
}
