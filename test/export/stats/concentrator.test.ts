// In which ten seconds a span is counted, and in which row, at the edges of both: times that are late, early and far off, and one
// value more than a limit allows.

import { strict as assert } from 'node:assert'
import { BUCKET_US, Concentrator } from '../../../src/export/stats/concentrator'
import { SpanReader } from '../../../src/export/stats/span-reader'
import { BLOCKED, type StatsLimits } from '../../../src/export/stats/stats-bucket'
import type { Dimensions, StatsRow } from '../../../src/export/stats/stats-row'
import type { FinishedSpan } from '../../../src/trace/chunk'
import { collectLog } from '../../support/log-lines'
import { madeChunk, type TraceFields } from '../made-chunk'

const NOW_US = 1_790_000_003_000_000
const THIS = NOW_US - 3_000_000
const process = { service: 'shop', tags: {}, runtimeId: () => 'r', pid: 1 }

type Made = Partial<FinishedSpan> & { trace?: TraceFields }

const PEERS = ['db.name', 'out.host', 'peer.service', '_dd.base_service']

function count(spans: readonly Made[], limits: StatsLimits = {}, peerTags: readonly string[] = PEERS) {
  const concentrator = new Concentrator(limits)
  const reader = new SpanReader(process, { countedKinds: new Set(['server', 'client']), peerTags })
  for (const { trace, ...span } of spans) {
    concentrator.add(madeChunk([{ startUs: NOW_US, durationUs: 0, ...span }], trace), reader, NOW_US)
  }
  return concentrator.takeUntil(Number.POSITIVE_INFINITY)
}

function rows(spans: readonly Made[], limits?: StatsLimits): readonly StatsRow[] {
  const [bucket, ...more] = count(spans, limits)
  assert.equal(more.length, 0)
  return bucket?.rows ?? []
}

function dimensionsOf(span: Made, peerTags?: readonly string[]): Dimensions {
  const [bucket] = count([span], {}, peerTags)
  assert.equal(bucket!.rows.length, 1)
  return bucket!.rows[0]!.dimensions
}

describe('the concentrator', () => {
  const lines = collectLog()

  describe('puts a span into the ten seconds', () => {
    const times: [title: string, endUs: number, startUs: number][] = [
      ['in which it ended', NOW_US, THIS],
      ['that begin when it ended', THIS, THIS],
      ['before, if it ended a microsecond earlier', THIS - 1, THIS - BUCKET_US],
      ['before, from their beginning', THIS - BUCKET_US, THIS - BUCKET_US],
      ['before, if it is older', THIS - BUCKET_US - 1, THIS - BUCKET_US],
      ['before, if it is ancient', 1_000_000_000_000_000, THIS - BUCKET_US],
      ['of now, if it ended later', NOW_US + BUCKET_US, THIS],
      ['of now, if it ended in another century', NOW_US * 2, THIS],
    ]
    for (const [title, endUs, startUs] of times) {
      it(title, () => {
        const buckets = count([{ startUs: endUs - 500, durationUs: 500 }])
        assert.deepEqual(
          buckets.map((bucket) => bucket.startUs),
          [startUs],
        )
      })
    }

    it('by its end, not by its beginning', () => {
      const [bucket] = count([{ startUs: THIS - 5_000_000, durationUs: 5_000_001 }])
      assert.equal(bucket!.startUs, THIS)
    })

    it('and gives away only those that began before', () => {
      const concentrator = new Concentrator({})
      const reader = new SpanReader(process, { countedKinds: new Set(), peerTags: [] })
      for (const startUs of [THIS - 1, THIS]) {
        concentrator.add(madeChunk([{ startUs, durationUs: 0 }]), reader, NOW_US)
      }
      assert.deepEqual(
        concentrator.takeUntil(THIS).map(({ startUs }) => startUs),
        [THIS - BUCKET_US],
      )
      assert.equal(concentrator.isEmpty, false)
      assert.deepEqual(
        concentrator.takeUntil(THIS + 1).map(({ startUs }) => startUs),
        [THIS],
      )
      assert.equal(concentrator.isEmpty, true)
    })
  })

  describe('counts', () => {
    const inner = { isTopLevel: false }
    const cases: [title: string, span: Made, isCounted: boolean][] = [
      ['what is top-level', {}, true],
      ['nothing that is inside', inner, false],
      ['what is measured', { ...inner, tags: ['_dd.measured', 1] }, true],
      ['nothing that is measured no more', { ...inner, tags: ['_dd.measured', 0] }, false],
      ['what has a kind that the Agent counts', { ...inner, tags: ['span.kind', 'client'] }, true],
      ['whatever its case', { ...inner, tags: ['span.kind', 'SERVER'] }, true],
      ['no other kind', { ...inner, tags: ['span.kind', 'internal'] }, false],
      ['no part of a span that still runs', { tags: ['_dd.partial_version', 0] }, false],
      ['a span that was once sent in part', { tags: ['_dd.partial_version', -1] }, true],
    ]
    for (const [title, span, isCounted] of cases) {
      it(title, () => assert.equal(rows([span]).length, isCounted ? 1 : 0))
    }

    it('hits, errors, top levels and durations of a row', () => {
      const kind = ['span.kind', 'client'] as const
      const [row, ...more] = rows([
        { durationUs: 10, tags: kind, startUs: THIS },
        { durationUs: 20, tags: kind, startUs: THIS, error: 1 },
        { durationUs: 30, tags: kind, startUs: THIS, isTopLevel: false },
      ])
      assert.deepEqual([row!.hits, row!.errors, row!.topLevelHits, row!.durationUs, more.length], [3, 1, 2, 60, 0])
    })
  })

  describe('tells rows apart by', () => {
    const cases: [what: keyof Dimensions, span: Made, value: unknown][] = [
      ['service', { service: 'other' }, 'other'],
      ['name', { name: 'web.request' }, 'web.request'],
      ['resource', { resource: 'POST /' }, 'POST /'],
      ['type', { type: 'http' }, 'http'],
      ['dbType', { type: 'sql', tags: ['db.type', 'postgres'] }, 'postgres'],
      ['spanKind', { tags: ['span.kind', 'server'] }, 'server'],
      ['serviceSource', { tags: ['_dd.svc_src', 'pg'] }, 'pg'],
      ['httpStatus', { tags: ['http.status_code', '404'] }, 404],
      ['httpStatus', { tags: ['http.status_code', 503] }, 503],
      ['httpStatus', { tags: ['http.response.status_code', 201] }, 201],
      ['httpMethod', { tags: ['http.method', 'GET'] }, 'GET'],
      ['httpEndpoint', { tags: ['http.route', '/a/:b'] }, '/a/:b'],
      ['httpEndpoint', { tags: ['http.endpoint', '/a/{param:int}'] }, '/a/{param:int}'],
      ['grpcStatus', { tags: ['grpc.status.code', 5] }, '5'],
      ['grpcStatus', { tags: ['rpc.grpc.status_code', 'NOT_FOUND'] }, '5'],
      ['grpcStatus', { tags: ['grpc.code', 'StatusCode.Canceled'] }, '1'],
      ['peerTags', { tags: ['span.kind', 'client', 'db.name', 'shop'] }, ['db.name:shop']],
      ['isSynthetic', { trace: { origin: 'synthetics-browser' } }, true],
      ['root', { parentLow: 5 }, 2],
    ]
    for (const [what, span, value] of cases) {
      it(`${what}: ${JSON.stringify(span)}`, () => {
        const plain = what === 'dbType' ? { type: 'sql' } : {}
        const both = rows([span, { ...plain, tags: what === 'peerTags' ? ['span.kind', 'client'] : [] }, span])
        assert.deepEqual(
          both.map(({ dimensions, hits }) => [dimensions[what], hits]).filter(([, hits]) => hits === 2),
          [[value, 2]],
        )
        assert.equal(both.length, 2)
      })
    }

    it('not by what nobody asks for', () => {
      const spans = ['a', 'b'].map((value) => ({
        tags: ['http.url', value, 'db.type', value, 'http.status_code', 'x'],
      }))
      const [row, ...more] = rows(spans)
      assert.deepEqual([row!.hits, row!.dimensions.httpStatus, row!.dimensions.dbType, more.length], [2, 0, '', 0])
    })

    it('the route, where there is an endpoint too', () => {
      const tags = ['http.endpoint', '/guess', 'http.route', '/known']
      assert.equal(dimensionsOf({ tags }).httpEndpoint, '/known')
    })

    it('many at once, in turns, as if each came alone', () => {
      const spans: Made[] = []
      for (let i = 0; i < 3000; i++) {
        const tags = ['span.kind', 'client', 'http.status_code', String(200 + (i % 20)), 'out.host', `db${i % 3}`]
        spans.push({ resource: `r${i % 7}`, tags, error: i % 5 === 0 ? 1 : 0 })
      }
      const all = rows(spans)
      assert.equal(all.length, 420)
      for (const { hits, dimensions } of all) {
        const { resource, httpStatus, peerTags } = dimensions
        const same = spans.filter(
          ({ resource: r, tags }) =>
            r === resource && tags![3] === String(httpStatus) && peerTags[0] === `out.host:${tags![5]}`,
        )
        assert.equal(hits, same.length)
      }
    })
  })

  it('uses the names with which spans are sent', () => {
    const { service, name, resource } = dimensionsOf({ service: 'My Shop', name: 'a b', resource: '' })
    assert.deepEqual([service, name, resource], ['My Shop', 'a b', 'a b'])
    assert.equal(dimensionsOf({ service: '' }).service, 'shop')
  })

  describe('takes as peer tags', () => {
    const client = ['span.kind', 'client']
    const cases: [title: string, span: Made, tags: readonly string[]][] = [
      [
        'those of a client, sorted',
        { tags: [...client, 'out.host', 'db', 'db.name', 'x'] },
        ['db.name:x', 'out.host:db'],
      ],
      ['those of a producer', { tags: ['span.kind', 'Producer', 'out.host', 'mq'] }, ['out.host:mq']],
      ['none of a server', { tags: ['span.kind', 'server', 'out.host', 'db'] }, []],
      ['none that is empty', { tags: [...client, 'out.host', ''] }, []],
      ['none that the Agent did not name', { tags: [...client, 'db.user', 'me'] }, []],
      ['the base service of a client', { service: 'shop-pg', tags: client }, ['_dd.base_service:shop']],
      [
        'the base service of an inner span, alone',
        { service: 'b', tags: ['out.host', 'x'] },
        ['_dd.base_service:shop'],
      ],
      ['no base service where it is the same', { service: 'SHOP', tags: client }, []],
      ['a host without its address', { tags: [...client, 'out.host', '10.1.2.3'] }, ['out.host:blocked-ip-address']],
    ]
    for (const [title, span, tags] of cases) it(title, () => assert.deepEqual(dimensionsOf(span).peerTags, tags))

    it('none at all where the Agent names none', () => {
      assert.deepEqual(dimensionsOf({ service: 'b', tags: [...client, 'out.host', 'x'] }, []).peerTags, [])
    })
  })

  describe('has a limit of', () => {
    const cases: [
      what: string,
      limits: StatsLimits,
      most: number,
      span: (i: number) => Made,
      field: keyof Dimensions,
    ][] = [
      ['resources', { statsResourceCardinalityLimit: 3 }, 3, (i) => ({ resource: `r${i}` }), 'resource'],
      ['endpoints', {}, 512, (i) => ({ tags: ['http.route', `/${i}`] }), 'httpEndpoint'],
      ['peers', {}, 512, (i) => ({ tags: ['span.kind', 'client', 'out.host', `h${i}`] }), 'peerTags'],
    ]
    for (const [what, limits, most, span, field] of cases) {
      it(`${what}: ${most}, and no more`, () => {
        const spans = Array.from({ length: most }, (_, i) => span(i))
        assert.deepEqual([rows(spans, limits).length, lines], [most, []])
        const over = rows([...spans, span(most), span(most + 1), span(0)], limits)
        assert.equal(over.length, most + 1)
        assert.equal(String(over.at(-1)!.dimensions[field]), BLOCKED)
        assert.deepEqual([over.at(-1)!.hits, over[0]!.hits], [2, 2])
        assert.equal(lines.length, 1)
      })
    }

    it('rows: what is more is counted in one that has no other name', () => {
      const limits = { statsCardinalityLimit: 3 }
      const spans = Array.from({ length: 3 }, (_, i) => ({ name: `n${i}` }))
      assert.deepEqual([rows(spans, limits).length, lines], [3, []])
      const over = rows([...spans, { name: 'n3' }, { name: 'n4', error: 1 as const }, { name: 'n0' }], limits)
      const { dimensions, hits, errors } = over.at(-1)!
      assert.deepEqual([over.length, hits, errors, over[0]!.hits], [4, 2, 1, 2])
      assert.deepEqual(
        [dimensions.service, dimensions.name, dimensions.resource, dimensions.root, dimensions.isSynthetic],
        [BLOCKED, BLOCKED, BLOCKED, 0, false],
      )
    })

    it('the length of texts, as the Agent does', () => {
      const long = 'x'.repeat(30_000)
      const { service, name, type, resource } = dimensionsOf({ service: long, name: long, type: long, resource: long })
      assert.deepEqual([service.length, name.length, type.length, resource.length], [100, 100, 100, 5000])
    })
  })
})
