// What is read of the lines that loggers of all kinds write: message, level, time and the ids of the span.

import assert from 'node:assert/strict'
import type { NewLog } from '../../../src/local-agent/logs/log'
import { readLogLine } from '../../../src/local-agent/logs/read-log-line'

const NOW = 1_700_000_000_000
const read = (text: string, stream: 'stdout' | 'stderr' = 'stdout') =>
  readLogLine({ stream, service: 'app', text, receivedAt: NOW })

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const LOW = '9532127138774266268'

describe('a line of a log', () => {
  const rows: [string, Partial<NewLog>][] = [
    // pino
    [
      `{"level":40,"time":${NOW - 5},"pid":7,"hostname":"h","dd":{"trace_id":"${TRACE}","span_id":"123","service":"api"},"msg":"slow"}`,
      { level: 'warn', time: NOW - 5, message: 'slow', service: 'api', traceId: TRACE, spanId: '123' },
    ],
    // winston
    [
      `{"level":"error","message":"bad","dd":{"trace_id":"${LOW}","span_id":"18446744073709551615"},"timestamp":"2023-11-14T22:13:19.500Z"}`,
      {
        level: 'error',
        message: 'bad',
        time: NOW - 500,
        traceId: `${'0'.repeat(16)}8448eb211c80319c`,
        spanId: '18446744073709551615',
      },
    ],
    // Flat fields, and numbers beyond 2^53.
    [
      `{"dd.trace_id":${LOW},"dd.span_id":9532127138774266269,"msg":"x","level":"INFO"}`,
      { level: 'info', traceId: `${'0'.repeat(16)}8448eb211c80319c`, spanId: '9532127138774266269' },
    ],
    // OpenTelemetry's loggers
    [
      `{"severity":"CRITICAL","trace_id":"${TRACE}","span_id":"b7ad6b7169203331","message":"y"}`,
      { level: 'fatal', traceId: TRACE, spanId: String(0xb7ad6b7169203331n) },
    ],
    // A field that is none of these stays, whatever it is.
    [
      '{"msg":"a","user":{"id":7},"list":[1]}',
      { message: 'a', level: 'info', attributes: { user: { id: 7 }, list: [1] } },
    ],
    ['{"a":1}', { message: '{"a":1}', attributes: { a: 1 } }],
    ['{"level":"purple","msg":7}', { level: 'info', message: '{"level":"purple","msg":7}' }],
    ['{"msg":"early","time":1}', { time: NOW }],
    ['{"msg":"seconds","time":1700000000.25}', { time: NOW + 250 }],
    // Looks like JSON, but is a text.
    ['{ not json }', { message: '{ not json }', level: 'info', attributes: {} }],
    [`{"a":${'['.repeat(20)}${']'.repeat(20)}}`, { attributes: {} }],
    // Texts
    [
      `[dd.service=web dd.trace_id=${LOW} dd.span_id=77] hello`,
      { traceId: `${'0'.repeat(16)}8448eb211c80319c`, spanId: '77' },
    ],
    [`x trace_id=${TRACE} span_id=b7ad6b7169203331 y`, { traceId: TRACE, spanId: String(0xb7ad6b7169203331n) }],
    ['trace_id=0 span_id=5', { message: 'trace_id=0 span_id=5' }],
    ['trace_id=99999999999999999999', {}],
    ['plain', { level: 'info', message: 'plain', service: 'app', time: NOW }],
    ['\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07', { message: 'red link' }],
    ['a\x00b\x07c\x7f\td', { message: 'abc\td' }],
    ['2024-01-01 12:00:00 [app] [warn] x', { level: 'warn' }],
    ['WARN  slow', { level: 'warn' }],
    ['error: no', { level: 'error' }],
    ['level=debug msg=x', { level: 'debug' }],
    ['no errors found, no warnings', { level: 'info' }],
    ['an INFORMATION-less word: ERRORS', { level: 'info' }],
    ['TypeError: x is not a function', { level: 'error' }],
    ['(node:12) [DEP0005] DeprecationWarning: Buffer()', { level: 'warn' }],
    ['http://localhost:3000 is open', { level: 'info' }],
  ]
  for (const [text, wanted] of rows) {
    it(`is read: ${JSON.stringify(text.slice(0, 80))}`, () => {
      const log = read(text)
      assert.deepEqual({ ...log, ...wanted }, log)
      if (wanted.traceId === undefined) assert.equal(log.traceId, undefined)
      if (wanted.spanId === undefined) assert.equal(log.spanId, undefined)
    })
  }

  it('is an error on stderr, unless it says otherwise', () => {
    assert.equal(read('oops', 'stderr').level, 'error')
    assert.equal(read('[info] fine', 'stderr').level, 'info')
    assert.equal(read('{"msg":"x","level":20}', 'stderr').level, 'debug')
  })

  it('is read in a time that grows with its length only', () => {
    for (const piece of ['\x1b', '\x1b[', '\x1b]', 'trace_id=', '"', '{"a":', '[', 'ERROR', 'level=', '\\']) {
      const text = piece.repeat(65_536 / piece.length)
      const at = process.hrtime.bigint()
      for (const line of [text, `{${text}}`]) read(line)
      assert.ok(process.hrtime.bigint() - at < 2_000_000_000n, JSON.stringify(piece))
    }
  })
})
