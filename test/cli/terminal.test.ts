// The small parts of what the terminal shows: durations, colours, widths.

import assert from 'node:assert/strict'
import { durationText } from '../../src/cli/duration-text'
import { paintFor, plainPaint } from '../../src/cli/paint'
import { columnsOf, cut } from '../../src/cli/terminal-text'
import { timeText } from '../../src/cli/time-text'
import { duration } from '../../src/local-agent/viewer/base/format'

describe('duration text', () => {
  const cases: [number, string][] = [
    [0, '0.00 µs'],
    [850, '0.85 µs'],
    [9994, '9.99 µs'],
    [9995, '10.0 µs'],
    [99_949, '99.9 µs'],
    [99_950, '100 µs'],
    [999_499, '999 µs'],
    [999_500, '1.00 ms'],
    [1_234_567, '1.23 ms'],
    [999_499_999, '999 ms'],
    [999_500_000, '1.00 s'],
    [59_949_999_999, '59.9 s'],
    [59_950_000_000, '1 min 00 s'],
    [3_725_000_000_000, '62 min 05 s'],
  ]

  it('has three digits and the unit that fits', () => {
    for (const [ns, text] of cases) assert.equal(durationText(BigInt(ns)), text)
  })

  it('is the same on the page', () => {
    for (const [ns, text] of cases) assert.equal(duration(ns), text)
  })
})

describe('paint', () => {
  const isColoured = (isTTY: boolean, env: NodeJS.ProcessEnv) => paintFor({ isTTY }, env) !== plainPaint

  it('is for terminals, unless the environment says otherwise', () => {
    assert.equal(isColoured(true, {}), true)
    assert.equal(isColoured(false, {}), false)
    assert.equal(isColoured(true, { NO_COLOR: '1' }), false)
    assert.equal(isColoured(true, { NO_COLOR: '' }), true)
    for (const on of ['', '1', '3', 'true']) assert.equal(isColoured(false, { FORCE_COLOR: on, NO_COLOR: '1' }), true)
    for (const off of ['0', 'false']) assert.equal(isColoured(true, { FORCE_COLOR: off }), false)
  })

  it('gives each service its own colour and keeps it', () => {
    const paint = paintFor({ isTTY: true }, {})
    const [web, db] = [paint.service('web', 'x'), paint.service('db', 'x')]
    assert.notEqual(web, db)
    assert.equal(paint.service('web', 'x'), web)
  })
})

describe('terminal text', () => {
  it('is measured in columns', () => {
    for (const [text, columns] of [
      ['abc', 3],
      ['é', 1],
      ['e\u0301', 1],
      ['漢字', 4],
      ['✗', 1],
      ['🚀', 2],
      ['─', 1],
    ] as const) {
      assert.equal(columnsOf(text), columns, text)
    }
  })

  it('is cut only when it must be', () => {
    assert.equal(cut('abcd', 4), 'abcd')
    assert.equal(cut('abcde', 4), 'abc…')
    assert.equal(cut('漢字漢字', 6), '漢字…')
    assert.equal(cut('ab cd', 4), 'ab…')
    assert.equal(cut('abc', 0), '')
  })
})

describe('time text', () => {
  const at = new Date(2026, 10, 21, 9, 5, 7, 42).getTime()

  it('is the time of day, with the date of another day', () => {
    assert.equal(timeText(at, 'minutes', at), '09:05')
    assert.equal(timeText(at, 'milliseconds', at), '09:05:07.042')
    assert.equal(timeText(at, 'minutes', at + 24 * 3600 * 1000), '2026-11-21 09:05')
  })
})
