// Patterns match whole texts in any case, and no pattern takes long, whatever it is matched with. The judge is the same rule
// written as a regular expression, for short texts over a small alphabet, where that cannot explode.

import { strict as assert } from 'node:assert'
import { randomInt32 } from '../../../src/base/id'
import { Glob } from '../../../src/trace/sampling/glob'

const rows: [pattern: string, matching: string[], other: string[]][] = [
  ['', [''], ['a']],
  ['shop', ['shop', 'SHOP'], ['sho', 'shops', ' shop', '']],
  ['Shop', ['shop', 'SHOP'], ['sho']],
  ['*', ['', 'a', 'a b\nc'], []],
  ['***', ['', 'a'], []],
  ['?', ['a', '*', 'é', '😀'], ['', 'ab']],
  ['a?c', ['abc', 'a?c', 'a😀c'], ['ac', 'abbc']],
  ['shop*', ['shop', 'shop-db', 'SHOP\n'], ['myshop', 'sho']],
  ['*shop', ['shop', 'my-shop', 'shopshop'], ['shops']],
  ['*shop*', ['shop', 'my-shops'], ['sop']],
  ['a*b*c', ['abc', 'aXbYc', 'abcbc'], ['ab', 'acb', 'abcd']],
  ['*a?', ['ab', 'aab', 'a😀', 'xaaa'], ['a', 'ba']],
  ['GET /users/*', ['GET /users/1', 'get /USERS/'], ['GET /users', 'POST /users/1']],
  // What a regular expression would take for something else.
  ['a.c', ['a.c'], ['abc']],
  ['[ab]', ['[ab]'], ['a']],
  ['a+(b)|^$\\', ['a+(b)|^$\\'], ['aab']],
  ['é*', ['École'.toLowerCase(), 'ÉCOLE'], ['ecole']],
]

describe('a glob', () => {
  for (const [pattern, matching, other] of rows) {
    it(`${JSON.stringify(pattern)} matches whole texts in any case`, () => {
      const glob = new Glob(pattern)
      for (const text of matching) assert.equal(glob.matches(text), true, text)
      for (const text of other) assert.equal(glob.matches(text), false, text)
    })
  }

  it('knows whether it matches everything', () => {
    assert.deepEqual(
      ['*', '**', '', '?*', 'a'].map((pattern) => new Glob(pattern).isAny),
      [true, true, false, false, false],
    )
  })

  it('agrees with a regular expression on twenty thousand random pairs', () => {
    const draw = (letters: string, length: number) =>
      Array.from(
        { length: (randomInt32() >>> 0) % length },
        () => letters[(randomInt32() >>> 0) % letters.length],
      ).join('')
    for (let i = 0; i < 20_000; i++) {
      const [pattern, text] = [draw('ab*?', 8), draw('abA', 10)]
      const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i')
      assert.equal(new Glob(pattern).matches(text), expression.test(text), `${pattern} with ${text}`)
    }
  })

  it('needs a bounded number of steps where an expression would need an exponential one', () => {
    // 30 stars on 30,000 characters: at most text × pattern steps, which take tens of milliseconds; 2^30 would take minutes.
    const glob = new Glob(`${'*a'.repeat(30)}*b`)
    const before = performance.now()
    assert.equal(glob.matches('a'.repeat(30_000)), false)
    assert.ok(performance.now() - before < 2000)
  })
})
