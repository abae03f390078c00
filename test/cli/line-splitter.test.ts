// Lines of bounded length, and the backlog of what a program wrote.

import assert from 'node:assert/strict'
import { LineSplitter } from '../../src/cli/line-splitter'
import { LineBacklog } from '../../src/cli/run/line-backlog'

describe('line splitter', () => {
  it('finds lines wherever the bytes are cut, in a character too', () => {
    const bytes = Buffer.from('é1\n\nzwei €\r\nlast')
    for (let size = 1; size <= bytes.length; size++) {
      const lines: string[] = []
      const splitter = new LineSplitter(100, (line) => lines.push(line))
      for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size))
      splitter.end()
      splitter.end()
      assert.deepEqual(lines, ['é1', 'zwei €\r', 'last'], `pieces of ${size}`)
    }
  })

  it('keeps the beginning of a long line', () => {
    const lines: string[] = []
    const splitter = new LineSplitter(5, (line) => lines.push(line))
    splitter.push(Buffer.from('12345\n123456\n1234'))
    splitter.push(Buffer.from('567\nnext\n'))
    assert.deepEqual(lines, ['12345', '12345', '12345', 'next'])
  })
})

describe('line backlog', () => {
  it('reads all that waits at the end, and drops the oldest of too much', () => {
    const lines: string[] = []
    const backlog = new LineBacklog((line) => lines.push(line))
    // A line goes over the edge between two chunks.
    for (let at = 0; at < 20; at++) backlog.push(Buffer.from(`${'x'.repeat(100_000)} ${at}\n${at} and `))
    backlog.end()
    assert.equal(lines.at(-1), '19 and ')
    assert.ok(lines.length < 25)
    assert.ok(!lines.includes('0 and '))
    backlog.push(Buffer.from('more\n'))
    backlog.end()
    assert.equal(lines.at(-1), 'more')
  })
})
