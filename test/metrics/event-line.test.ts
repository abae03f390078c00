// Events as lines: fields in their order, nothing in them that ends a field or the line, and texts cut to what a packet takes.

import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { eventLine } from '../../src/metrics/dogstatsd/event-line'
import { recordedClient } from './recorded-client'

describe('an event', () => {
  it('has its fields in the order of Datadog, and no separators in them', () => {
    const { client, take } = recordedClient({ containerId: 'ci-1', cardinality: 'low' })
    client.event('a|b', 'c|d\r\ne\rf', {
      timestamp: new Date(5000),
      hostname: 'h|\n1',
      aggregationKey: 'k|2',
      priority: 'low',
      sourceType: 's\u2028|',
      alertType: 'success',
      tags: ['x:|'],
      cardinality: 'high',
    })
    assert.deepEqual(take(), ['_e{3,9}:a|b|c|d\\ne\\nf|d:5|h:h__1|k:k_2|p:low|s:s__|t:success|#x:_|c:ci-1|card:high'])
  })

  it('has its title for a text, unless there is one', () => {
    const { client, take } = recordedClient()
    client.event('title')
    client.event('title', '')
    client.event('title', undefined, { hostname: '' })
    assert.deepEqual(take(), ['_e{5,5}:title|title', '_e{5,0}:title|', '_e{5,5}:title|title'])
  })

  it('leaves out a time that is none', () => {
    const { client, take } = recordedClient()
    client.event('t', 'x', { timestamp: -1 })
    assert.deepEqual(take(), ['_e{1,1}:t|x'])
  })

  for (const [what, act, message] of [
    ['without a title', ['', 'text'], /^title is required/],
    ['with a title of another kind', [5], /^title is required/],
    ['with options in the place of a text', ['t', { tags: ['a'] }], /event\(title, text, options\)/],
    ['of a priority that there is not', ['t', '', { priority: 'high' }], /priority is one of normal, low, not high/],
    [
      'of a type that there is not',
      ['t', '', { alertType: 'warn' }],
      /alertType is one of error, warning, info, success/,
    ],
  ] as const) {
    it(`${what} is refused`, () => {
      const { client } = recordedClient()
      const isRight = (error: unknown) => error instanceof TypeError && message.test(error.message)
      assert.throws(() => Reflect.apply(client.event, client, act), isRight)
      assert.equal(client.stats().recorded, 0)
    })
  }

  it('whose title is too long is dropped and counted', () => {
    const { client, take, errors } = recordedClient({ packetBytes: 20 })
    client.event('t'.repeat(10), 'text')
    client.event('t'.repeat(11), 'text')
    assert.deepEqual(take(), ['_e{10,0}:tttttttttt|'])
    assert.equal(client.stats().droppedTooLong, 1)
    assert.equal(errors[0]?.code, 'too-long')
  })

  it('is cut to what fits, between two characters and not within an escaped newline', () => {
    const cut = (text: string, maxBytes: number) => eventLine('t', text, undefined, '|#a', maxBytes)
    const whole = '_e{1,5}:t|a\\né|#a'
    assert.equal(cut('a\né', Buffer.byteLength(whole)), whole)
    assert.equal(cut('a\né', Buffer.byteLength(whole) - 1), '_e{1,3}:t|a\\n|#a')
    assert.equal(cut('a\né', Buffer.byteLength(whole) - 3), '_e{1,1}:t|a|#a')
    assert.equal(cut('a\né', 13), '_e{1,0}:t||#a')
    assert.equal(cut('a\né', 12), undefined)
    assert.equal(cut('😀😀', 20), '_e{1,4}:t|😀|#a')
  })

  it('is as long as it says, and as a packet may be', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 })
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1, max: 500 }), (title, body, maxBytes) => {
        fc.pre(title !== '')
        const line = eventLine(title, body, undefined, '|#a:1', maxBytes)
        if (line === undefined) return
        const bytes = Buffer.from(line)
        assert.ok(bytes.length <= maxBytes)
        assert.ok(!line.includes('\n'))
        const [head = '', titleBytes, textBytes] = /^_e\{(\d+),(\d+)\}:/.exec(line) ?? []
        const rest = bytes.subarray(head.length + Number(titleBytes))
        assert.equal(rest.subarray(0, 1).toString(), '|')
        assert.equal(rest.subarray(1 + Number(textBytes)).toString(), '|#a:1')
      }),
    )
  })
})
