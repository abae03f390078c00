// What the span of a request to a server of Node's `http` says, without secrets, and that it goes on with its caller's trace.

import { strict as assert } from 'node:assert'
import { type Span, tracer } from '../../src'
import { find } from '../support/agent'
import { ask, Dialogue, shut } from '../support/loopback'
import { done, serve, TracedProgram } from './http-serving'

describe('the span of a request to an http server', () => {
  const program = TracedProgram.declare()

  it('tells what was asked for, by whom, and what came of it', async () => {
    const span = await program.spanOf('GET /shoes?size=9', ['user-agent: curl/8'])
    const { name, type, resource, service, parent_id, error } = span
    assert.deepEqual(
      { name, type, resource, service, parent_id, error },
      { name: 'web.request', type: 'web', resource: 'GET', service: 'test', parent_id: '0', error: 0 },
    )
    const { meta, metrics } = span
    const tags = {
      component: 'http',
      '_dd.integration': 'http',
      'span.kind': 'server',
      'http.method': 'GET',
      'http.url': 'http://shop.example/shoes?size=9',
      'http.status_code': '200',
      'http.useragent': 'curl/8',
    }
    assert.deepEqual({ ...meta, ...tags }, meta)
    assert.equal(meta['http.route'], undefined)
    assert.equal(metrics['_dd.measured'], 1)
    assert.equal(metrics['_dd.top_level'], 1)
  })

  const urls: [line: string, headers: string[], url: string][] = [
    ['GET /', [], 'http://shop.example/'],
    ['GET /?', [], 'http://shop.example/?'],
    ['GET //other.example/a', [], 'http://shop.example//other.example/a'],
    ['GET /a%20b?c=%C3%A9', [], 'http://shop.example/a%20b?c=%C3%A9'],
    ['OPTIONS *', [], 'http://shop.example/*'],
    ['GET http://other.example/a?b', [], 'http://other.example/a?b'],
    ['GET http://me:mine@other.example/a@b', [], 'http://other.example/a@b'],
    ['GET /?token=abc&page=2', [], 'http://shop.example/?<redacted>&page=2'],
  ]
  for (const [line, headers, url] of urls) {
    it(`writes the URL of ${line} as ${url}`, async () => {
      assert.equal((await program.spanOf(line, headers)).meta['http.url'], url)
    })
  }

  it('does without a host, and without the credentials of one', async () => {
    const urlFor = async (request: string) => {
      program.tracing.clear()
      await Dialogue.open(program.port).say(request).answer()
      return find(await program.spans(), 'web.request').meta['http.url']
    }
    assert.equal(await urlFor('GET /a HTTP/1.0\r\n\r\n'), 'http://localhost/a')
    const host = 'host: me:mine@shop.example\r\nconnection: close'
    assert.equal(await urlFor(`GET /a HTTP/1.1\r\n${host}\r\n\r\n`), 'http://shop.example/a')
  })

  const from = { 'x-datadog-trace-id': '123', 'x-datadog-parent-id': '456' }
  const callers: [name: string, headers: Record<string, string>, expected: Partial<Record<string, unknown>>][] = [
    ['goes on with a trace', from, { trace: '123', parent: '456', priority: 1 }],
    ['keeps the priority -1', { ...from, 'x-datadog-sampling-priority': '-1' }, { trace: '123', priority: -1 }],
    ['keeps the priority 2', { ...from, 'x-datadog-sampling-priority': '2' }, { trace: '123', priority: 2 }],
    ['keeps the origin', { ...from, 'x-datadog-origin': 'rum' }, { trace: '123', origin: 'rum' }],
    ['keeps the upper half', { ...from, 'x-datadog-tags': '_dd.p.tid=640cfd8d00000000' }, { tid: '640cfd8d00000000' }],
    ['begins anew without a parent', { 'x-datadog-trace-id': '123' }, { parent: '0' }],
    ['begins anew on a trace id of 0', { ...from, 'x-datadog-trace-id': '0' }, { parent: '0' }],
    ['begins anew on a trace id of no number', { ...from, 'x-datadog-trace-id': 'abc' }, { parent: '0' }],
    ['begins anew on a trace id too large', { ...from, 'x-datadog-trace-id': '9'.repeat(30) }, { parent: '0' }],
  ]
  for (const [name, headers, expected] of callers) {
    it(name, async () => {
      const lines = Object.entries(headers).map(([header, value]) => `${header}: ${value}`)
      const { trace_id: trace, parent_id: parent, meta, metrics } = await program.spanOf('GET /', lines)
      const seen = { trace, parent, tid: meta['_dd.p.tid'], origin: meta['_dd.origin'] }
      const all: Record<string, unknown> = { ...seen, priority: metrics['_sampling_priority_v1'] }
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, all[key]])), expected)
      if (expected['parent'] === '0') assert.notEqual(trace, '123')
    })
  }

  it('begins anew when a caller sends its headers twice', async () => {
    const span = await program.spanOf('GET /', [
      ...Array(2).fill('x-datadog-trace-id: 123'),
      'x-datadog-parent-id: 456',
    ])
    assert.equal(span.parent_id, '0')
  })

  it('has no parent in what was active when the server began to listen', async () => {
    const [active, seen] = await tracer.trace('boot', async (boot) => {
      const early = await serve()
      let inside: Span | undefined
      early.server.on('request', (request, response) => {
        inside = tracer.activeSpan
        done(request, response)
      })
      await ask(early.port, 'GET /')
      await shut(early.server)
      return [boot, inside]
    })
    assert.notEqual(seen, active)
    const spans = await program.spans()
    assert.equal(find(spans, 'web.request').parent_id, '0')
    assert.notEqual(find(spans, 'web.request').trace_id, find(spans, 'boot').trace_id)
  })

  it('takes resource and service that the program gives', async () => {
    program.answer = (request, response) => {
      tracer.activeSpan?.setTag('resource.name', 'my own').setTag('service.name', 'shop')
      done(request, response)
    }
    const { resource, service } = await program.spanOf('GET /')
    assert.deepEqual([resource, service], ['my own', 'shop'])
  })
})
