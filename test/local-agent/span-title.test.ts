// A span's title is its resource, unless that is a bare HTTP method.

import { strict as assert } from 'node:assert'
import { spanTitle } from '../../src/local-agent/span-title'

describe('spanTitle', () => {
  const url = 'http://shop:8080/items/2?token=x'
  const titles: [title: string, resource: string, meta: Record<string, string>][] = [
    ['select 1', 'select 1', {}],
    ['GET /items/:id', 'GET /items/:id', { 'http.method': 'GET', 'http.url': url }],
    ['GET /items/2', 'GET', { 'http.method': 'GET', 'http.url': url, 'span.kind': 'server' }],
    ['GET shop:8080/items/2', 'GET', { 'http.method': 'GET', 'http.url': url, 'span.kind': 'client' }],
    ['GET', 'GET', { 'http.method': 'GET' }],
    ['GET', 'GET', { 'http.method': 'GET', 'http.url': 'not a URL' }],
  ]
  for (const [title, resource, meta] of titles) {
    it(`is "${title}" for "${resource}" of ${JSON.stringify(meta)}`, () => {
      assert.equal(spanTitle({ resource, meta }), title)
    })
  }
})
