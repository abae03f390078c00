// What a newcomer sees first, line by line.

import assert from 'node:assert/strict'
import { colourPaint } from '../../src/cli/paint'
import { columnsOf } from '../../src/cli/terminal-text'
import { traceTree } from '../../src/cli/trace-tree'
import type { ReceivedSpan } from '../../src/local-agent/received-span'
import { storedTrace } from '../local-agent/received'
import { START } from '../local-agent/wire-span'

const MS = 1_000_000
const URL = 'http://127.0.0.1:8126/#/trace/68f1a2b3000000000000000000000001'

describe('trace tree', () => {
  const span = (
    id: number,
    parentId: number,
    service: string,
    name: string,
    resource: string,
    [fromMs, toMs]: [number, number],
    rest: Partial<ReceivedSpan> = {},
  ): Partial<ReceivedSpan> => ({
    spanId: String(id),
    parentId: String(parentId),
    service,
    name,
    resource,
    start: START + BigInt(Math.round(fromMs * MS)),
    duration: BigInt(Math.round((toMs - fromMs) * MS)),
    ...rest,
  })

  const users = [
    span(1, 0, 'web', 'express.request', 'GET /users/:id', [0, 12.4]),
    span(2, 1, 'web', 'express.middleware', 'jsonParser', [0.1, 0.41]),
    span(3, 1, 'web', 'users.load', 'users.load', [0.6, 11]),
    span(4, 3, 'web-redis', 'redis.command', 'GET', [0.7, 1.9]),
    span(5, 3, 'web-postgres', 'pg.query', 'SELECT *\n   FROM users\n  WHERE id = $1', [2, 9.92]),
    span(6, 1, 'web', 'express.response', 'render', [11.2, 12.3]),
  ]

  it('draws spans under their parents, with bars on one time axis', () => {
    assert.deepEqual(traceTree(storedTrace(...users), { url: URL }), [
      '── GET /users/:id · 12.4 ms · 6 spans ──────────────────────────────────────────────────────────────',
      'express.request  GET /users/:id                    ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  12.4 ms',
      '├─ express.middleware  jsonParser                  ━╸                                         310 µs',
      '├─ users.load                                       ╺━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╸      10.4 ms',
      '│  ├─ redis.command  GET                             ━━━━                                    1.20 ms',
      '│  └─ pg.query  SELECT * FROM users WHERE id = $1        ━━━━━━━━━━━━━━━━━━━━━━━━━━          7.92 ms',
      '└─ express.response  render                                                            ━━━╸  1.10 ms',
      '■ web ■ web-redis ■ web-postgres http://127.0.0.1:8126/#/trace/68f1a2b3000000000000000000000001',
    ])
  })

  const failing = [
    span(1, 0, 'web', 'express.request', 'POST /checkout', [0, 100], { error: 1 }),
    span(2, 1, 'payments', 'http.request', 'POST api.cardnet.example/v1/authorize', [20, 90], {
      error: 1,
      meta: { 'error.type': 'CardDeclined', 'error.message': 'insufficient\nfunds' },
    }),
    span(7, 99, 'mailer', 'amqp.send', 'publish', [95, 96]),
  ]

  it('says what failed, and shows spans without their parent at the top level', () => {
    assert.deepEqual(traceTree(storedTrace(...failing), { columns: 90 }), [
      '── POST /checkout · 100 ms · 3 spans · 2 errors ──────────────────────────────────────────',
      'express.request  POST /checkout   ━━━━━━━━━━━━━   100 ms  ✗ error',
      '└─ http.request  POST api.cardn…    ╺━━━━━━━━╸   70.0 ms  ✗ CardDeclined: insufficient fu…',
      'amqp.send  publish                            ╸  1.00 ms',
      '■ web ■ payments ■ mailer',
    ])
  })

  it('keeps to the width of the terminal', () => {
    for (const columns of [60, 80, 100, 200]) {
      for (const spans of [users, failing]) {
        for (const line of traceTree(storedTrace(...spans), { columns })) {
          assert.ok(columnsOf(line) <= columns, `${columns}: ${line}`)
        }
      }
    }
  })

  it('puts the link on its own line, and counts services, where there is no room', () => {
    const services = Array.from({ length: 9 }, (_, index) =>
      span(index + 1, index, `service-${index}`, 'a', 'b', [index, 9]),
    )
    assert.deepEqual(traceTree(storedTrace(...services), { columns: 60, url: URL }).slice(-2), [
      '■ service-0 ■ service-1 ■ service-2 ■ service-3 +5',
      URL,
    ])
  })

  it('shows the branches that go on behind the last row it draws', () => {
    const list = Array.from({ length: 120 }, (_, index) =>
      span(index + 1, index === 0 ? 0 : 1, 'web', 'step', `${index}`, [0, 1]),
    )
    const lines = traceTree(storedTrace(...list))
    assert.equal(lines.length, 103)
    assert.match(lines[100] ?? '', /^├─ step {2}99 /)
    assert.equal(lines[101], '… and 20 more spans')
    assert.match(traceTree(storedTrace(...list.slice(0, 100)))[100] ?? '', /^└─ step {2}99 /)
  })

  it('keeps the names of deep spans', () => {
    const chain = Array.from({ length: 30 }, (_, index) => span(index + 1, index, 'web', `step-${index}`, 'x', [0, 1]))
    assert.match(traceTree(storedTrace(...chain))[30] ?? '', /^… +└─ step-29 {2}x /)
  })

  it('draws a trace that takes no time', () => {
    assert.match(traceTree(storedTrace(span(1, 0, 'web', 'tick', 'tick', [0, 0])))[1] ?? '', /^tick {2}╸ +0\.00 µs$/)
  })

  it('lets no control character of a span through, nor what turns text around', () => {
    const evil = 'a\x1b[31mb\r\nc\u0007\u202ed\u200b'
    const error = { error: 1 as const, meta: { 'error.type': evil, 'error.message': evil } }
    const lines = traceTree(storedTrace(span(1, 0, evil, evil, `${evil}!`, [0, 1], error)))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    assert.doesNotMatch(lines.join(''), /[\x00-\x1f\x7f-\x9f\u200b\u202e]/)
    assert.match(lines[1] ?? '', /a \[31mb c d {2}a \[31mb c d! .*✗ a \[31mb c d: a \[31mb c d/)
  })

  it('aligns text of two columns per character', () => {
    const lines = traceTree(
      storedTrace(span(1, 0, 'web', 'step', '検索する', [0, 1]), span(2, 1, 'web', 'step', 'plain', [0, 1])),
    )
    assert.equal(columnsOf((lines[1] ?? '').split('━')[0] ?? ''), columnsOf((lines[2] ?? '').split('━')[0] ?? ''))
  })

  it('has colours that change nothing but colour', () => {
    const coloured = traceTree(storedTrace(...failing), { paint: colourPaint(), url: URL })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours.
    const stripped = coloured.map((line) => line.replace(/\x1b\[[\d;]*m/g, ''))
    assert.deepEqual(stripped, traceTree(storedTrace(...failing), { url: URL }))
    const [, first = '', second = ''] = coloured
    assert.ok(first.endsWith(colourPaint().error('✗ error')))
    const colourOf = (line: string, mark: string) => line.slice(0, line.indexOf(mark)).trimEnd().slice(-5)
    assert.notEqual(colourOf(first, '━'), colourOf(second, '╺'))
  })
})
