// Who calls whom: traced services, what only clients know, and how a map is cut to what can be read.

import assert from 'node:assert/strict'
import { MAX_SERVICES, ServiceGraph } from '../../../src/local-agent/analysis/service-map'
import { traceCalls } from '../../../src/local-agent/analysis/trace-calls'
import type { ReceivedSpan } from '../../../src/local-agent/received-span'
import { HOSTILE, span, traceOf } from './traces'

const client = (more: Record<string, string> = {}) => ({ 'span.kind': 'client', ...more })
const server = { 'span.kind': 'server' }

describe('trace calls', () => {
  const callsOf = (...spans: ReceivedSpan[]) =>
    traceCalls(traceOf(spans))
      .map(({ from, to, type, isExternal }) => `${from || '·'} → ${to} ${type}${isExternal ? ' outside' : ''}`)
      .sort()

  const cases: [what: string, spans: ReceivedSpan[], calls: string[]][] = [
    ['a request', [span(1, 0, 0, 9)], ['· → web web']],
    [
      'work inside of a service',
      [span(1, 0, 0, 9), span(2, 1, 1, 2, { name: 'express.middleware' }), span(3, 2, 1, 2)],
      ['· → web web'],
    ],
    [
      'a database with a service of its own',
      [span(1, 0, 0, 9), span(2, 1, 1, 2, { service: 'web-postgres', type: 'sql', meta: client() })],
      ['web → web-postgres db outside', '· → web web'],
    ],
    [
      'a database by its peer',
      [
        span(1, 0, 0, 9),
        span(2, 1, 1, 2, { type: 'sql', meta: client({ 'peer.service': 'users-db', 'out.host': 'h' }) }),
      ],
      ['web → users-db db outside', '· → web web'],
    ],
    [
      'databases by their host, on this machine by their kind too',
      [
        span(1, 0, 0, 9),
        span(2, 1, 1, 2, { type: 'sql', meta: client({ 'out.host': 'db.internal', 'db.type': 'postgres' }) }),
        span(3, 1, 1, 2, { type: 'sql', meta: client({ 'out.host': 'localhost', 'db.type': 'postgres' }) }),
        span(4, 1, 1, 2, { type: 'redis', meta: client({ 'out.host': '127.0.0.1' }) }),
        span(5, 1, 1, 2, { type: 'memcached', meta: client() }),
      ],
      [
        'web → db.internal db outside',
        'web → memcached cache outside',
        'web → postgres (localhost) db outside',
        'web → redis (127.0.0.1) cache outside',
        '· → web web',
      ],
    ],
    [
      'a remote host, from the URL if need be',
      [
        span(1, 0, 0, 9),
        span(2, 1, 1, 2, { type: 'http', meta: client({ 'out.host': 'api.test' }) }),
        span(3, 1, 1, 2, { type: 'http', meta: client({ 'http.url': 'https://pay.test:8443/x' }) }),
        span(4, 1, 1, 2, { type: 'http', meta: client({ 'http.url': 'not a url' }) }),
      ],
      ['web → api.test remote outside', 'web → pay.test:8443 remote outside', '· → web web'],
    ],
    [
      'a queue',
      [span(1, 0, 0, 9), span(2, 1, 1, 2, { service: 'web-kafka', meta: { 'span.kind': 'producer' } })],
      ['web → web-kafka queue outside', '· → web web'],
    ],
    [
      'another service that is traced, not its client',
      [
        span(1, 0, 0, 9),
        span(2, 1, 1, 8, { service: 'web-http-client', type: 'http', meta: client({ 'out.host': 'api' }) }),
        span(3, 2, 2, 7, { service: 'api', meta: server }),
        span(4, 3, 3, 4, { service: 'api' }),
      ],
      ['web → api web', '· → web web'],
    ],
    [
      'clients inside each other',
      [
        span(1, 0, 0, 9),
        span(2, 1, 1, 8, { service: 'web-elasticsearch', type: 'elasticsearch', meta: client() }),
        span(3, 2, 2, 7, { type: 'http', meta: client({ 'out.host': 'es.test' }) }),
        span(4, 1, 1, 8, { service: 'web-aws', meta: client() }),
        span(5, 4, 1, 8, { type: 'http', meta: client() }),
        span(6, 5, 1, 8, { service: 'worker', meta: { 'span.kind': 'consumer' }, type: 'worker' }),
      ],
      ['web → web-elasticsearch db outside', 'web → worker worker', '· → web web'],
    ],
    [
      'details of a client',
      [
        span(1, 0, 0, 9),
        span(2, 1, 1, 8, { service: 'web-pg', type: 'sql', meta: client() }),
        span(3, 2, 2, 3, { service: 'web-pg', name: 'connect', type: '' }),
        span(4, 2, 3, 4, { name: 'dns.lookup' }),
      ],
      ['web → web-pg db outside', '· → web web'],
    ],
    [
      'a service that calls itself',
      [span(1, 0, 0, 9), span(2, 1, 1, 8, { meta: client(), type: 'http' }), span(3, 2, 2, 7, { meta: server })],
      ['web → web web', '· → web web'],
    ],
    [
      'a script without a span of its own',
      [span(1, 0, 0, 9, { service: 'job-redis', type: 'redis', meta: client({ '_dd.base_service': 'job' }) })],
      ['job → job-redis cache outside'],
    ],
    [
      'types without a kind',
      [span(1, 0, 0, 9), span(2, 1, 1, 2, { service: 'pg', type: 'sql' })],
      ['web → pg db outside', '· → web web'],
    ],
    ['a service without its caller', [span(3, 99, 2, 7, { service: 'api' })], ['· → api web']],
  ]
  for (const [what, spans, calls] of cases) {
    it(`of ${what}`, () => {
      assert.deepEqual(callsOf(...spans), calls.toSorted())
      assert.deepEqual(callsOf(...spans.toReversed()), calls.toSorted())
    })
  }

  for (const [what, trace] of Object.entries(HOSTILE)) {
    it(`have an end for ${what}`, () => {
      const calls = traceCalls(trace)
      assert.ok(calls.length > 0 && calls.length <= trace.spans.size)
      const graph = new ServiceGraph()
      for (const call of calls) graph.add(call)
      assert.ok(graph.map().services.length > 0)
    })
  }
})

describe('service map', () => {
  const graphOf = (...calls: [from: string, to: string, duration?: number, error?: 0 | 1][]) => {
    const graph = new ServiceGraph()
    for (const [from, to, duration = 1, error = 0] of calls) {
      graph.add({ from, to, isExternal: to.startsWith('x'), type: 'web', duration, error })
    }
    return graph
  }
  const names = (graph: ServiceGraph, focus?: string, hops?: number) =>
    graph
      .map(focus, hops)
      .services.map(({ name }) => name)
      .sort()
      .join('')

  it('has exact figures of services and calls', () => {
    const graph = graphOf(['', 'a', 100], ['', 'a', 200, 1], ['a', 'xb', 1], ['a', 'xb', 3, 1], ['a', 'xb', 2])
    assert.deepEqual(graph.map(), {
      services: [
        { name: 'xb', type: 'web', requests: 3, errors: 1, p50: 2, p95: 3, p99: 3, isExternal: true },
        { name: 'a', type: 'web', requests: 2, errors: 1, p50: 100, p95: 200, p99: 200, isExternal: false },
      ],
      edges: [{ from: 'a', to: 'xb', calls: 3, errors: 1, p95: 3 }],
      capped: 0,
    })
  })

  it('shows callers that were never called, and no service as calling itself', () => {
    const { services, edges } = graphOf(['job', 'xdb'], ['job', 'job']).map()
    assert.deepEqual(services.map(({ name, requests }) => [name, requests]).sort(), [
      ['job', 1],
      ['xdb', 1],
    ])
    assert.equal(edges.length, 1)
    assert.equal(
      graphOf(['job', 'xdb'])
        .map()
        .services.find(({ name }) => name === 'job')?.requests,
      0,
    )
  })

  it('takes a service as traced as soon as one span of its own came', () => {
    const graph = new ServiceGraph()
    const call = { from: 'a', to: 'b', duration: 1, error: 0 as const }
    graph.add({ ...call, isExternal: true, type: 'remote' })
    graph.add({ ...call, isExternal: false, type: 'worker' })
    graph.add({ ...call, isExternal: true, type: 'remote' })
    const node = graph.map().services.find(({ name }) => name === 'b')
    assert.deepEqual([node?.type, node?.isExternal, node?.requests], ['worker', false, 3])
  })

  it('is cut to so many hops around one service, in both directions, through circles', () => {
    const graph = graphOf(['', 'a'], ['a', 'b'], ['b', 'c'], ['c', 'd'], ['d', 'e'], ['e', 'a'], ['', 'z'])
    assert.equal(names(graph), 'abcdez')
    assert.equal(names(graph, 'b', 0), 'b')
    assert.equal(names(graph, 'b', 1), 'abc')
    assert.equal(names(graph, 'b', 2), 'abcde')
    assert.equal(names(graph, 'b', 20), 'abcde')
    assert.equal(names(graph, 'nobody', 3), '')
    assert.deepEqual(graph.map('b', 1).edges.length, 2)
  })

  it('is cut to so many services: the busiest, or the nearest', () => {
    const star = (count: number) =>
      graphOf(...Array.from({ length: count - 1 }, (_, index): [string, string] => ['a', `s${index}`]))
    assert.equal(star(MAX_SERVICES).map().capped, 0)
    const graph = star(MAX_SERVICES + 5)
    graph.add({ from: '', to: 's203', isExternal: false, type: 'web', duration: 1, error: 0 })
    for (const map of [graph.map(), graph.map('a', 1)]) {
      assert.deepEqual([map.services.length, map.capped], [MAX_SERVICES, 5])
      const kept = new Set(map.services.map(({ name }) => name))
      assert.ok(kept.has('a'), 'who makes all the calls')
      assert.ok(map.edges.every(({ from, to }) => kept.has(from) && kept.has(to)))
    }
    assert.ok(graph.map().services.some(({ name }) => name === 's203'))
  })
})
