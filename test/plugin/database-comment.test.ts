// The text of comments by itself: what is encoded, where it goes, how many are kept.

import { strict as assert } from 'node:assert'
import type { PluginOptions } from '../../src/plugin/contract'
import { commentLength, DatabaseComment, MAX_KEPT } from '../../src/plugin/database-comment'
import { copyWith, duringCall } from '../../src/plugin/other-value'
import { Patcher } from '../../src/plugin/patcher'
import type { Naming } from '../../src/trace/naming'
import { collectLog } from '../support/log-lines'
import { MadeTracer } from '../trace/made-tracer'

const template = { system: 'postgres', peerTags: ['db.name'] }

describe('a comment in a query', () => {
  const lines = collectLog()
  let tracer: MadeTracer
  beforeEach(() => {
    tracer = new MadeTracer()
  })
  const made = (options: PluginOptions) => DatabaseComment.of(new Patcher('pg', options, tracer), template)
  const comments = (options: PluginOptions = { dbmPropagationMode: 'service' }) => made(options) as DatabaseComment
  const spanOf = (tags: Record<string, string> = {}) => tracer.startSpan('query', { service: 'shop-db', tags })
  const fixed = ",dde='',ddh='h',ddps='shop',ddpv=''"

  it('is made only where a mode asks for it, and a word that is none is told once', () => {
    for (const options of [{}, { dbmPropagationMode: 'disabled' }, { dbmPropagationMode: 'all' }]) {
      assert.equal(made(options), undefined)
    }
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /dbmPropagationMode of pg is none of disabled, service, full, dynamic_service/)
  })

  it('ends neither its values nor itself, whatever these are', () => {
    const span = spanOf({ 'db.name': "a'b*/ ? :c @d \\ ü \ud800", 'out.host': 'h' })
    const name = 'a%27b%2A%2F%20%3F%20%3Ac%20%40d%20%5C%20%C3%BC%20%EF%BF%BD'
    assert.equal(comments().text(span), `dddb='${name}',dddbs='shop-db'${fixed}`)
  })

  it('names the peer that the program has set', () => {
    const span = spanOf({ 'out.host': 'h', 'peer.service': 'bank' })
    assert.equal(comments().text(span), `dddb='',dddbs='shop-db'${fixed},ddprs='bank'`)
  })

  it('names the peer in place of the service where peers are worked out', () => {
    tracer = new (class extends MadeTracer {
      override get naming(): Naming {
        return { schema: 'v1', removesIntegrationNames: false, services: undefined, peers: { a: 'orders' } }
      }
    })()
    const span = spanOf({ 'db.name': 'a', 'out.host': 'h' })
    assert.equal(comments().text(span), `dddb='a',dddbs='orders'${fixed}`)
  })

  const places: [title: string, appends: boolean, sql: string, begin: string, end: string][] = [
    ['before the text', false, 'select 1', 'C ', ''],
    ['behind a hint to the planner, which is the first', false, '/*+ SeqScan(a) */ select 1', '', ' C'],
    ['behind the text', true, 'select 1', '', ' C'],
  ]
  for (const [title, appendComment, sql, begin, end] of places) {
    it(`stands ${title}`, () => {
      const span = spanOf({ 'out.host': 'h' })
      const comment = comments({ dbmPropagationMode: 'service', appendComment })
      const text = `/*${comment.text(span)}*/`
      assert.equal(comment.added(sql, span), `${begin}${sql}${end}`.replace('C', text))
      assert.equal(commentLength(span), begin === '' ? 0 : text.length + 1)
      assert.equal(comment.takenOut(comment.added(sql, span)), sql)
    })
  }

  it('stands before the semicolons and blanks at the end', () => {
    const comment = comments({ dbmPropagationMode: 'service', appendComment: true })
    const text = comment.added('select 1 ;\n ', spanOf())
    assert.match(text, /^select 1 \/\*dddb=[^*]*\*\/ ;\n $/)
    assert.match(comment.added(';', spanOf()), /^ \/\*dddb=[^*]*\*\/;$/)
  })

  it('is kept for as many databases as there is room for', () => {
    const comment = comments()
    const texts = Array.from({ length: MAX_KEPT + 1 }, (_, n) => comment.text(spanOf({ 'db.name': `d${n}` })))
    assert.equal(new Set(texts).size, MAX_KEPT + 1)
    assert.equal(comment.text(spanOf({ 'db.name': 'd0' })), texts[0])
    assert.equal(comment.keptCount, MAX_KEPT)
  })

  it('names the span in mode full, but not in a text that the server keeps', () => {
    const comment = comments({ dbmPropagationMode: 'full' })
    const span = spanOf()
    assert.doesNotMatch(comment.text(span, true), /traceparent/)
    assert.equal(span.getTag('_dd.dbm_trace_injected'), undefined)
    assert.ok(comment.text(span).endsWith(`,traceparent='00-${span.traceId}-${span.spanId}-01'`))
    assert.equal(span.getTag('_dd.dbm_trace_injected'), 'true')
    assert.equal(span.trace.hasLeft, true)
  })
})

describe('another value', () => {
  it('is that of a copy, which is otherwise like its original', () => {
    class Query {
      readonly #secret = 1
      readonly values = [1]
      get text() {
        return `select ${this.#secret}`
      }
    }
    const query = Object.freeze(new Query())
    const copy = copyWith(query, 'text', 'select 2')
    assert.deepEqual([copy.text, copy.values, copy instanceof Query], ['select 2', [1], true])
    assert.equal(query.text, 'select 1')
  })

  const asked = { text: 'mine', send: () => '' }
  const sending = (text: string) => ({
    text,
    send() {
      return this.text
    },
  })

  it('is there during one call, and leaves nothing behind', () => {
    const query = sending('mine')
    const before = Object.getOwnPropertyDescriptors(query)
    duringCall(query, 'send', 'text', 'other')
    assert.equal(query.text, 'mine')
    assert.deepEqual([query.send(), query.send()], ['other', 'mine'])
    assert.deepEqual(Object.getOwnPropertyDescriptors(query), before)
  })

  it('goes also when the call throws, and from where there was none', () => {
    class Query {
      text?: string
      send() {
        throw new Error(this.text)
      }
    }
    const query = Object.create(Query.prototype) as Query
    duringCall(query, 'send', 'text', 'other')
    assert.throws(() => query.send(), /other/)
    assert.deepEqual(Reflect.ownKeys(query), [])
  })

  it('is not given to what cannot be changed, or has no such method', () => {
    const fixed = Object.defineProperty(sending('mine'), 'text', { configurable: false })
    for (const query of [Object.freeze(sending('mine')), fixed]) {
      duringCall(query, 'send', 'text', 'other')
      assert.equal(query.send(), 'mine')
    }
    duringCall({ ...asked, send: undefined }, 'send', 'text', 'other')
  })
})
