// What `npm run everyday` would not let pass: made-up answers, endings and spans, each with one thing wrong.

import { strict as assert } from 'node:assert'
import { gzipSync } from 'node:zlib'
import type { ReceivedSpan } from '../support/received-span'
import { type Ending, endingDifferences, exchangeDifferences } from './answer-differences'
import type { Asked, Exchange } from './asker'
import { spanFaults } from './span-faults'

const answer: Exchange = {
  title: 'GET /a',
  status: 200,
  statusText: 'OK',
  headers: [
    ['Date', 'Sunday'],
    ['ETag', '"1"'],
  ],
  trailers: [],
  body: Buffer.from('text'),
  isReused: true,
}

describe('the judgement of everyday programs: answers', () => {
  const differences = (other: Partial<Exchange>, one: Partial<Exchange> = {}, varies = {}) =>
    exchangeDifferences([{ ...answer, ...one }], [{ ...answer, ...other }], varies)

  it('are the same on another day', () => {
    assert.deepEqual(differences({ headers: [['Date', 'Monday'], answer.headers[1]!] }), [])
  })

  const wrong: [what: string, other: Partial<Exchange>, said: RegExp][] = [
    ['another status', { status: 500 }, /status: without "200 OK", with "500 OK"/],
    ['another phrase', { statusText: 'Fine' }, /status/],
    ['another header', { headers: [answer.headers[0]!, ['ETag', '"2"']] }, /headers/],
    ['a header in other letters', { headers: [answer.headers[0]!, ['etag', '"1"']] }, /headers/],
    ['no date', { headers: [answer.headers[1]!] }, /headers/],
    ['another byte', { body: Buffer.from('tex\xff', 'latin1') }, /body/],
    ['a trailer', { trailers: ['a', 'b'] }, /trailers/],
    ['a connection that was not kept', { isReused: false }, /connection/],
    ['an answer that broke off', { failure: 'ECONNRESET' }, /failure/],
    ['another request', { title: 'GET /b' }, /followed by something else, GET \/b/],
  ]
  for (const [what, other, said] of wrong) {
    it(`are not with ${what}`, () => {
      const [difference, ...more] = differences(other)
      assert.match(difference ?? '', said)
      assert.deepEqual(more, [])
    })
  }

  it('are not where neither run had a whole one', () => {
    assert.match(differences({ failure: 'no answer' }, { failure: 'no answer' })[0] ?? '', /got no whole answer/)
  })

  it('are not where one is missing, or one too many', () => {
    assert.match(exchangeDifferences([answer], [], {})[0] ?? '', /nothing/)
    assert.match(exchangeDifferences([], [answer], {})[0] ?? '', /1 more requests with dd/)
  })

  it('are the same but for what a program names as varying, compressed or not', () => {
    const varies = { headers: ['etag'], bodies: [[/at \d+/, 'at *']] as [RegExp, string][] }
    const at = (time: string, etag: string): Partial<Exchange> => ({
      headers: [
        ['ETag', etag],
        ['Content-Encoding', 'gzip'],
      ],
      body: gzipSync(`at ${time}`),
    })
    assert.deepEqual(differences(at('7', 'a'), at('8', 'b'), varies), [])
    assert.match(differences(at('noon', 'a'), at('8', 'b'), varies)[0] ?? '', /body/)
  })

  it('are the same but for the frames of a stack, of which the length depends', () => {
    const page = (frames: string): Partial<Exchange> => ({
      headers: [['Content-Length', String(frames.length)]],
      body: Buffer.from(`Error: boom${frames}\nend`),
    })
    assert.deepEqual(differences(page('\n    at a (b.js:1:2)'), page('\n    at c\n    at d')), [])
    assert.equal(differences(page(''), page('\n    at d')).length, 1)
  })
})

describe('the judgement of everyday programs: endings', () => {
  const ending: Ending = { code: 0, signal: null, stdout: 'ready in 12 ms\n', stderr: '' }
  const differences = (other: Partial<Ending>, varies = {}) =>
    endingDifferences(ending, { ...ending, ...other }, varies)

  it('are the same but for durations', () => assert.deepEqual(differences({ stdout: 'ready in 1.5 s\n' }), []))
  it('differ by their code', () => assert.match(differences({ code: 1 })[0] ?? '', /^end: /))
  it('differ by their signal', () => assert.match(differences({ signal: 'SIGTERM' })[0] ?? '', /^end: /))
  it('differ by a warning', () => assert.match(differences({ stderr: 'dd: careful\n' })[0] ?? '', /^stderr: /))
  it('may have their lines in any order, but the same', () => {
    const two = { ...ending, stdout: 'a\nb\n' }
    const varies = { lines: 'in any order' } as const
    assert.deepEqual(endingDifferences(two, { ...two, stdout: 'b\na\n' }, varies), [])
    assert.equal(endingDifferences(two, { ...two, stdout: 'b\na\n' }, {}).length, 1)
    assert.equal(endingDifferences(two, { ...two, stdout: 'a\n' }, varies).length, 1)
  })
})

describe('the judgement of everyday programs: spans', () => {
  const asked: Asked = {
    title: 'GET /a/1',
    method: 'GET',
    path: '/a/1',
    status: 200,
    traceId: '7',
    parentId: '8',
    route: '/a/:id',
  }
  const first: ReceivedSpan = {
    service: 'shop',
    name: 'express.request',
    resource: 'GET /a/:id',
    type: 'web',
    trace_id: '7',
    span_id: '1',
    parent_id: '8',
    start: 1_000_000_000n,
    duration: 5n,
    error: 0,
    meta: {
      'span.kind': 'server',
      'http.method': 'GET',
      'http.status_code': '200',
      'http.route': '/a/:id',
      'http.url': 'http://127.0.0.1/a/1',
    },
    metrics: {},
  }
  const child: ReceivedSpan = {
    ...first,
    span_id: '2',
    parent_id: '1',
    name: 'express.middleware',
    resource: 'list',
    meta: { 'span.kind': 'internal' },
  }
  const faults = (spans: ReceivedSpan[], about: Partial<Asked> = {}, besides?: RegExp) =>
    spanFaults(spans, [{ ...asked, ...about }], { service: 'shop', besides })

  it('make sense', () => {
    assert.deepEqual(faults([first, child], { spans: ['express.middleware list'] }), [])
    assert.deepEqual(faults([first, { ...child, error: 1 }], { errors: /list$/ }), [])
    assert.deepEqual(faults([], { unseen: true }), [])
    const call = { ...child, meta: { 'span.kind': 'client' } }
    assert.deepEqual(faults([first, call, { ...first, span_id: '3', parent_id: '2' }]), [])
    assert.deepEqual(faults([first, { ...child, trace_id: '9', parent_id: '0' }], {}, /list$/), [])
  })

  const wrong: [what: string, spans: ReceivedSpan[], said: RegExp, about?: Partial<Asked>][] = [
    ['there are none', [], /has 0 first spans/],
    ['there are two', [first, { ...first, span_id: '3' }], /has 2 first spans/],
    ['the service is another', [{ ...first, service: 'node' }], /its service is node, not shop/],
    ['the resource is another', [{ ...first, resource: 'GET' }], /its resource is GET/],
    ['the type is another', [{ ...first, type: 'http' }], /its type is http/],
    ['the kind is another', [{ ...first, meta: { ...first.meta, 'span.kind': 'client' } }], /its kind is client/],
    ['the status is another', [first], /its status is 200, not 404/, { status: 404 }],
    ['the URL is another', [first], /its URL is/, { path: '/b' }],
    ['there is no route', [{ ...first, meta: { ...first.meta, 'http.route': '' } }], /its route is/],
    ['a parent has not come', [first, { ...child, parent_id: '5' }], /has a parent that has not come/],
    ['a child began before its parent', [first, { ...child, start: 1n }], /began before its parent/],
    ['a good request is an error', [{ ...first, error: 1 }], /its first span is an error/],
    ['a failure is none', [first], /its first span is no error/, { isError: true }],
    ['a child is an error', [first, { ...child, error: 1 }], /express.middleware list is an error/],
    ['a child is none that should be', [first, child], /no span below the first is an error/, { errors: /list/ }],
    ['one is missing', [first], /there is no span "pg.query"/, { spans: ['pg.query'] }],
    ['one belongs to no request', [first, { ...child, trace_id: '9', parent_id: '0' }], /belong to no request/],
    ['a request has a second one', [first, child, { ...first, span_id: '3', parent_id: '2' }], /has a span already/],
    ['one has no end', [first, { ...child, duration: -1n }], /took -1 ns/],
  ]
  for (const [what, spans, said, about] of wrong) {
    it(`make none where ${what}`, () => assert.match(faults(spans, about).join('\n'), said))
  }
})
