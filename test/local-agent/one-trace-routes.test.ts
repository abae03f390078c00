// The addresses of one trace, over HTTP, of a real agent that was sent real payloads.

import assert from 'node:assert/strict'
import { put, send } from './send'
import { agent, GOOD_ID, get, ID, MS, query, read, useTwoTraces } from './two-traces'
import { START, v04, wireSpan } from './wire-span'

describe('trace routes: one trace', () => {
  useTwoTraces()

  it('is found in every form of its id', async () => {
    for (const id of [ID, ID.toUpperCase(), '77', '4d'.padStart(32, '0')]) {
      for (const form of ['', '/skeleton', '/search', '/export']) {
        assert.equal((await get(`/api/traces/${id}${form}`)).status, 200, id + form)
      }
    }
  })

  it('has a skeleton', async () => {
    const { id, spans, critical, serviceTable, summary, services } = await read(`/api/traces/${ID}/skeleton`)
    assert.deepEqual([id, summary.id, services], [ID, ID, ['web', 'web-postgres']])
    assert.deepEqual(spans.id, ['1', '18446744073709551615'])
    assert.deepEqual(
      [spans.start, spans.duration, spans.self],
      [
        [0, 5000],
        [20_000, 10_000.001],
        [9999.999, 10_000.001],
      ],
    )
    assert.deepEqual(critical, [
      { span: 0, start: 0, end: 5000 },
      { span: 1, start: 5000, end: 15_000.001 },
      { span: 0, start: 15_000.001, end: 20_000 },
    ])
    assert.deepEqual(serviceTable[0].service, 'web-postgres')
  })

  it('has spans with events, links and errors', async () => {
    const span = await read(`/api/traces/${ID}/spans/18446744073709551615`)
    assert.deepEqual(
      [span.spanId, span.title, span.meta.note, span.metrics['db.row_count']],
      ['18446744073709551615', 'SELECT * FROM users', '<b>not HTML</b>', 3],
    )
    assert.deepEqual(span.error, {
      type: 'DatabaseError',
      message: 'timeout after 10 ms',
      stack: 'DatabaseError: timeout\n    at query (pg.js:1:1)',
    })
    assert.deepEqual(span.events, [{ name: 'retry', time_unix_nano: String(START + 6n * MS), attributes: { n: 1 } }])
    assert.deepEqual(span.links, [
      { trace_id: GOOD_ID, span_id: '5'.padStart(16, '0'), attributes: {}, isHere: true },
      { trace_id: '1'.padStart(32, '0'), span_id: '5'.padStart(16, '0'), attributes: {}, isHere: false },
    ])
    assert.deepEqual(span.logs, [])
    const root = await read(`/api/traces/${ID}/spans/1`)
    assert.deepEqual([root.error, root.events, root.links], [0, [], []])
  })

  it('has spans whose events are nonsense', async () => {
    const nonsense = ['', '{}', '[1,null,[]]', '[{"name":', '['.repeat(20_000), '"x"', '[{"name":1}]']
    const spans = nonsense.map((events, index) =>
      wireSpan({ trace_id: 9n, span_id: BigInt(index + 1), meta: { events, '_dd.span_links': events } }),
    )
    await put(`${agent.url}/v0.4/traces`, v04(spans))
    for (const [index] of nonsense.entries()) {
      const { events, links } = await read(`/api/traces/9/spans/${index + 1}`)
      assert.deepEqual(events, index === 6 ? [{ name: 1 }] : [])
      assert.equal(links.length, events.length)
    }
  })

  it('is searched', async () => {
    const matches = async (text: string) => (await read(`/api/traces/${ID}/search?${query(text)}`)).matches
    assert.deepEqual(await matches(''), [0, 1])
    assert.deepEqual(await matches('timeout'), [1])
    assert.deepEqual(await matches('error.type=data'), [1])
    assert.deepEqual(await matches('18446744073709551615'), [1])
    assert.deepEqual(await matches('users -type:sql'), [0])
    assert.deepEqual(await matches('nowhere'), [])
  })

  it('is not there under wrong addresses', async () => {
    for (const path of [
      ...[
        '1',
        'import/skeleton',
        `${ID}/`,
        `${ID}/nothing`,
        `${ID}/spans`,
        `${ID}/spans/`,
        `${ID}/spans/2`,
        `${ID}/spans/x`,
      ],
      ...[`${ID}/skeleton/1`, `${ID}/spans/1/`, '%2e%2e/x', `${'9'.repeat(21)}`],
    ]) {
      assert.equal((await send(`${agent.url}/api/traces/${path}`)).status, 404, path)
    }
  })
})
