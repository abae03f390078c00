// Reading order of spans whose parents may be late, missing, or nonsense.

import assert from 'node:assert/strict'
import { spanTree } from '../../src/local-agent/span-tree'
import { MAX_SERVICES, summarize } from '../../src/local-agent/trace-summary'
import { storedTrace } from './received'
import { START } from './wire-span'

describe('span tree', () => {
  const outline = (...spans: [id: string, parentId: string, startsAfter?: number][]) => {
    const trace = storedTrace(
      ...spans.map(([spanId, parentId, startsAfter = 0]) => ({ spanId, parentId, start: START + BigInt(startsAfter) })),
    )
    return spanTree(trace.spans.values()).map(({ span, depth }) => '.'.repeat(depth) + span.spanId)
  }

  it('puts children under their parents, by start', () => {
    assert.deepEqual(outline(['4', '2', 1], ['3', '1', 5], ['2', '1', 2], ['1', '0']), ['1', '.2', '..4', '.3'])
  })

  it('puts spans without their parent at the top, by start', () => {
    assert.deepEqual(outline(['3', '9', 3], ['1', '0', 1], ['2', '1', 2]), ['1', '.2', '3'])
  })

  it('shows each span of a circle once', () => {
    assert.deepEqual(outline(['1', '1']), ['1'])
    assert.deepEqual(outline(['1', '0'], ['2', '3', 1], ['3', '2', 2], ['4', '3', 3]), ['1', '2', '.3', '..4'])
  })

  it('goes as deep as it must', () => {
    const chain = Array.from({ length: 20_000 }, (_, index): [string, string] => [String(index + 1), String(index)])
    assert.equal(outline(...chain).at(-1), `${'.'.repeat(19_999)}20000`)
  })
})

describe('trace summary', () => {
  it('is named after the root, else after the earliest span', () => {
    const late = { spanId: '2', parentId: '1', name: 'late', start: START + 5n }
    const early = { spanId: '3', parentId: '1', name: 'early' }
    const root = { name: 'root', start: START + 9n }
    assert.equal(summarize(storedTrace(late, early)).name, 'early')
    assert.equal(summarize(storedTrace(late, early, root)).name, 'root')
    assert.equal(
      summarize(storedTrace(root, { spanId: '4', name: 'first root', start: START + 8n })).name,
      'first root',
    )
  })

  it('says of the root what a list shows, and of all spans whether one failed', () => {
    const http = { meta: { env: 'prod', 'http.status_code': '404' }, resource: 'GET /x', type: 'web' }
    const child = { spanId: '2', parentId: '1', error: 1 as const, meta: { env: 'test', 'http.status_code': '200' } }
    const { rootId, resource, type, env, statusCode, status, revision } = summarize(storedTrace(child, http))
    assert.deepEqual(
      { rootId, resource, type, env, statusCode, status, revision },
      { rootId: '1', resource: 'GET /x', type: 'web', env: 'prod', statusCode: '404', status: 'error', revision: 1 },
    )
    assert.equal(summarize(storedTrace({ metrics: { 'http.status_code': 201 } })).statusCode, '201')
    assert.equal(summarize(storedTrace({ meta: { 'grpc.status.code': 'OK' } })).statusCode, 'OK')
    assert.deepEqual(summarize(storedTrace({})).statusCode, '')
  })

  it('spans from the first start to the last end', () => {
    const trace = storedTrace(
      { start: START + 10n, duration: 20n },
      { spanId: '2', start: START, duration: 5n, error: 1, service: 'db' },
      { spanId: '3', start: START + 25n, duration: 10n, error: 1 },
    )
    const { start, duration, spanCount, errorCount, services } = summarize(trace)
    assert.deepEqual(
      { start, duration, spanCount, errorCount },
      { start: START, duration: 35n, spanCount: 3, errorCount: 2 },
    )
    assert.deepEqual(services, ['db', 'web'])
  })

  it('names so many services and no more', () => {
    const services = (count: number) =>
      summarize(
        storedTrace(...Array.from({ length: count }, (_, index) => ({ spanId: `${index}`, service: `${index}` }))),
      ).services
    assert.equal(services(MAX_SERVICES).length, MAX_SERVICES)
    assert.deepEqual(services(MAX_SERVICES + 1), services(MAX_SERVICES))
  })
})
