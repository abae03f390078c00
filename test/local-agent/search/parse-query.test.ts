// What is no query: why, and where. And that nothing which can be typed does worse than that.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ReceivedSpan } from '../../../src/local-agent/received-span'
import { matchesSpan } from '../../../src/local-agent/search/matches-span'
import { parseQuery } from '../../../src/local-agent/search/parse-query'
import {
  MAX_DEPTH,
  MAX_QUERY_LENGTH,
  MAX_TERMS,
  MAX_WILDCARDS,
  QueryError,
} from '../../../src/local-agent/search/query'
import { pointAt, termOf } from '../../../src/local-agent/search/query-text'
import { received } from '../received'

/** The mark stands under the character that is named. */
const ERRORS: readonly [query: string, mark: string, message: RegExp][] = [
  ['service:', '        ^', /a value is missing behind service:/],
  ['service: web', '        ^', /a value is missing behind service:/],
  ['(service:)', '         ^', /a value is missing/],
  [':web', '^', /a field is missing/],
  ['web @:x', '     ^', /a field is missing/],
  ['@http.*:200', '^', /no wildcards/],
  ['(a OR b', '^', /this \( is not closed/],
  ['a (b (c)', '  ^', /this \( is not closed/],
  ['a)', ' ^', /this \) closes nothing/],
  ['(a))', '   ^', /this \) closes nothing/],
  ['()', ' ^', /a term is missing before this \)/],
  ['env:()', '     ^', /a term is missing before this \)/],
  ['OR a', '^', /OR stands between two terms/],
  ['a OR', '    ^', /a term is missing here/],
  ['a OR OR b', '     ^', /OR stands between two terms/],
  ['AND', '^', /AND stands between two terms/],
  ['a AND', '     ^', /a term is missing here/],
  ['a AND OR b', '      ^', /OR stands between/],
  ['a || ', '     ^', /a term is missing here/],
  ['(a AND )', '       ^', /a term is missing before this \)/],
  ['NOT', '   ^', /a term is missing here/],
  ['a -', '   ^', /a term is missing here/],
  ['- a', '^', /a term follows - without a space/],
  ['a "b c', '  ^', /this " is not closed/],
  ['a:"b', '  ^', /this " is not closed/],
  ['a\\', ' ^', /missing behind this \\/],
  ['@a:>', '    ^', /a number is missing here/],
  ['@a:>= 5', '     ^', /a number is missing here/],
  ['@a:>x', '    ^', /x is no number/],
  ['@a:>0x10', '    ^', /no number/],
  ['@a:>100ms', '    ^', /only duration is compared with units/],
  ['duration:>x', '          ^', /x is no duration, like 100ms/],
  ['duration:>5 parsec', '', /^$/],
  ['duration:>5parsec', '          ^', /5parsec is no duration/],
  ['@a:[1 TO 2', '   ^', /a range looks like/],
  ['@a:[1 to 2]', '   ^', /a range looks like/],
  ['@a:[1 2]', '   ^', /a range looks like/],
  ['@a:[id]', '   ^', /a value that begins with a bracket needs quotes/],
  ['@a:[x TO 2]', '    ^', /x is no number/],
  ['@a:[1 TO ]', '         ^', /a number is missing here/],
  ['@a:[1 TO 2]b', '           ^', /a space is missing behind the range/],
]

describe('parse query', () => {
  const errorOf = (text: string): QueryError => {
    const query = parseQuery(text)
    assert.ok(query instanceof QueryError, text)
    return query
  }

  for (const [text, mark, message] of ERRORS) {
    if (mark === '') {
      it(`takes ${text}`, () => assert.ok(!(parseQuery(text) instanceof QueryError)))
      continue
    }
    it(`says what is wrong with ${text}`, () => {
      const error = errorOf(text)
      assert.match(error.message, message)
      assert.equal(error.at, mark.length - 1)
      assert.deepEqual(pointAt(text, error.at), [text, mark])
    })
  }

  it('takes so many characters, terms, wildcards and levels and no more', () => {
    const isQuery = (text: string) => !(parseQuery(text) instanceof QueryError)
    assert.ok(isQuery('x'.repeat(MAX_QUERY_LENGTH)))
    assert.match(errorOf('x'.repeat(MAX_QUERY_LENGTH + 1)).message, /4000 characters/)
    assert.ok(isQuery('a '.repeat(MAX_TERMS)))
    assert.equal(errorOf('a '.repeat(MAX_TERMS + 1)).at, 2 * MAX_TERMS)
    for (const wildcard of ['*', '?']) {
      assert.ok(isQuery(`${wildcard.repeat(MAX_WILDCARDS)} ${wildcard}`))
      assert.equal(errorOf(`@a:${wildcard.repeat(MAX_WILDCARDS + 1)}`).at, '@a:'.length + MAX_WILDCARDS)
    }
    const nested = (levels: number) => `${'('.repeat(levels)}a${')'.repeat(levels)}`
    assert.ok(isQuery(nested(MAX_DEPTH)))
    assert.match(errorOf(nested(MAX_DEPTH + 1)).message, /50 levels/)
    assert.ok(isQuery(`${'-'.repeat(MAX_DEPTH)}a`))
    for (const deep of ['-', '(', 'NOT ', 'a:(', '-(', 'NOT (']) {
      assert.match(errorOf(deep.repeat(MAX_QUERY_LENGTH / deep.length)).message, /levels|terms/, deep)
    }
  })

  const atoms = fc.constantFrom(
    ...[
      'service',
      '@http.status_code',
      'duration',
      'trace_id',
      '*',
      '?',
      ':',
      '>=',
      '>',
      '<',
      '[',
      ']',
      '{',
      '}',
      '(',
      ')',
    ],
    ...[
      '"',
      '\\',
      ' ',
      '  ',
      '-',
      'AND',
      'OR',
      'NOT',
      'TO',
      '||',
      '&&',
      '5',
      '100ms',
      'web',
      '@',
      '\t',
      '\n',
      '\0',
      'é',
    ],
    ...['\u{1f600}', '\ud800', '__proto__', 'constructor', 'İ', 'ΟΔΟΣ', '1e999', '-1', '0x10'],
  )
  const nearly = fc.array(atoms, { maxLength: 40 }).map((parts) => parts.join(''))
  const anything = fc.oneof(nearly, nearly, fc.string({ unit: 'binary', maxLength: 200 }))
  const texts = fc.oneof(nearly, fc.string({ unit: 'binary', maxLength: 50 }))
  const key = fc.oneof(texts, fc.constantFrom('env', 'http.status_code', 'service', '__proto__', 'a b', '-x', '@y'))
  const tags = <T>(value: fc.Arbitrary<T>) => fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: false })
  const spans: fc.Arbitrary<ReceivedSpan> = fc
    .record({
      service: texts,
      resource: texts,
      error: fc.constantFrom(0 as const, 1 as const),
      duration: fc.bigInt(0n, 2n ** 63n - 1n),
      spanId: fc.bigInt(1n, 2n ** 64n - 1n).map(String),
      meta: tags(texts),
      metrics: tags(fc.double({ noNaN: true, noDefaultInfinity: true })),
    })
    .map(received)

  it('gives a query or an error with a place in the text, for 10,000 texts of anything', function () {
    this.timeout(60_000)
    let queries = 0
    fc.assert(
      fc.property(anything, spans, (text, span) => {
        const query = parseQuery(text)
        if (query instanceof QueryError) {
          assert.ok(query.at >= 0 && query.at <= text.length, text)
          assert.ok(query.message.length < text.length + 100)
          return
        }
        queries++
        assert.equal(typeof matchesSpan(query, span), 'boolean')
      }),
      { numRuns: 10_000 },
    )
    assert.ok(queries > 1000, `${queries} queries`)
  })

  it('makes of -query the complement of query', function () {
    this.timeout(60_000)
    fc.assert(
      fc.property(nearly, spans, (text, span) => {
        const query = parseQuery(text)
        if (query instanceof QueryError || query.kind === 'everything') return
        const negated = parseQuery(`-(${text})`)
        assert.ok(!(negated instanceof QueryError))
        assert.equal(matchesSpan(negated, span), !matchesSpan(query, span))
      }),
      { numRuns: 10_000 },
    )
  })

  it('finds a tag of any name by its value, whatever characters both have', () => {
    fc.assert(
      fc.property(
        key.filter((name) => name !== '' && !['duration', '*'].includes(name)),
        texts,
        (name, value) => {
          const query = parseQuery(termOf(`@${name}`, value))
          assert.ok(!(query instanceof QueryError))
          const meta = Object.fromEntries([[name, value]])
          assert.ok(matchesSpan(query, received({ meta })))
          assert.ok(matchesSpan(query, received({ meta: { [name]: `${value}x` } })) === false)
        },
      ),
      { numRuns: 5000 },
    )
  })

  it('does not go back in a text that nearly matches, again and again', () => {
    const text = 'a'.repeat(25_000)
    const meta = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key${index}`, text]))
    const span = received({ resource: text, meta })
    const repeated = (part: string, times = MAX_WILDCARDS - 2) => part.repeat(times)
    const patterns = [
      `${repeated('*a')}*b`,
      `${repeated('a*')}b*c`,
      `*${repeated('?')}b`,
      `*${repeated('a?')}b*`,
      `*${repeated('aaaaaaaaaa?')}b*`,
      `*${repeated('a', 1900)}b*`,
      `*b${repeated('a', 1900)}*`,
    ]
    // Exponential or cubic matching would not come back before the test times out.
    for (const pattern of patterns) {
      const field = parseQuery(`resource_name:${pattern}`)
      const word = parseQuery(pattern)
      assert.ok(!(field instanceof QueryError) && !(word instanceof QueryError), pattern.slice(0, 9))
      assert.equal(matchesSpan(field, span), false)
      assert.equal(matchesSpan(word, span), false)
    }
  })
})
