// Server-sent events as they may be cut on their way.

import assert from 'node:assert/strict'
import { EventReader } from '../../src/cli/tail/event-reader'

const STREAM =
  ': a comment\nretry: 1000\nid: a-1\nevent: trace\ndata: {"n":1}\n\ndata: one\ndata:two\r\n\r\nevent: status\n\nid\ndata\n\n'

const EVENTS = [
  { type: 'trace', data: '{"n":1}', lastId: 'a-1' },
  { type: 'message', data: 'one\ntwo', lastId: 'a-1' },
  // One without data is none, and an empty id takes the last one back.
  { type: 'message', data: '', lastId: '' },
]

describe('event reader', () => {
  it('reads events, wherever the text is cut', () => {
    for (let size = 1; size <= STREAM.length; size++) {
      const reader = new EventReader()
      const events = []
      for (let at = 0; at < STREAM.length; at += size) events.push(...reader.push(STREAM.slice(at, at + size)))
      assert.deepEqual(events, EVENTS, `pieces of ${size}`)
    }
  })

  it('keeps no more of an event than its bound', () => {
    const reader = new EventReader()
    assert.equal(reader.isOverfull, false)
    const line = `data: ${'x'.repeat(1024 * 1024)}\n`
    for (let at = 0; at < 9; at++) reader.push(line)
    assert.equal(reader.isOverfull, true)
    const endless = new EventReader()
    for (let at = 0; at < 9; at++) endless.push(line.trimEnd())
    assert.equal(endless.isOverfull, true)
  })
})
