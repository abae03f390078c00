// What the search box offers at the cursor, and that choosing it gives a query that finds it.

import assert from 'node:assert/strict'
import { pointAt } from '../../../src/local-agent/search/query-text'
import { suggestTerms } from '../../../src/local-agent/search/suggest-terms'

const KNOWN = {
  keys: ['http.method', 'http.status_code', 'user.first name', 'error.type'],
  values: new Map([
    ['service', ['web', 'web-postgres', 'shop']],
    ['resource_name', ['GET /', 'POST /orders']],
    ['@http.method', ['GET', 'POST']],
    ['duration', ['>=1ms', '>=100ms']],
  ]),
}

describe('suggest terms', () => {
  /** `|` is the cursor. */
  const suggested = (marked: string) => {
    const cursor = marked.indexOf('|')
    const text = marked.replace('|', '')
    const { from, to, terms } = suggestTerms(text, cursor, KNOWN)
    return terms.map((term) => text.slice(0, from) + term + text.slice(to))
  }

  const rows: [typed: string, offered: string[]][] = [
    ['serv|', ['service:']],
    ['sta|', ['status:', '@http.status_code:']],
    ['@ht|', ['@http.method:', '@http.status_code:']],
    ['http.m|', ['@http.method:']],
    ['a -serv|', ['a -service:']],
    ['(serv|', ['(service:']],
    ['first|', ['@user.first\\ name:']],
    ['service:we|', ['service:web', 'service:web-postgres']],
    ['service:gres|', ['service:web-postgres']],
    ['a OR -service:SH|', ['a OR -service:shop']],
    ['resource_name:"GET |', ['resource_name:"GET /"']],
    ['resource_name:ord|', ['resource_name:"POST /orders"']],
    ['@http.method:|', ['@http.method:GET', '@http.method:POST']],
    ['duration:1|', ['duration:>=1ms', 'duration:>=100ms']],
    ['unknown:x|', []],
    ['zzz|', []],
    ['serv| b', ['service: b']],
  ]
  for (const [typed, offered] of rows) {
    it(`offers ${offered.join(', ') || 'nothing'} for ${typed}`, () => assert.deepEqual(suggested(typed), offered))
  }

  it('offers some fields to an empty box', () => {
    assert.equal(suggested('|').length, 10)
    assert.equal(suggested('|')[0], 'service:')
  })

  it('points into queries of several lines on one', () => {
    assert.deepEqual(pointAt('a\n\tb)', 4), ['a  b)', '    ^'])
  })
})
