// A program full of secrets, and `dd` at its most talkative: none of them is in what it says, and none in what it sends.

import { strict as assert } from 'node:assert'
import { startAgent } from '../support/agent'
import { runNode } from '../support/spawn'
import { INDEX, INIT } from './traced'

/** Each of them is another word, so that a failure says which got out. */
const word = (where: string) => `hunter2-${where}`

const PROGRAM = `
const { tracer, patchAll } = require(${JSON.stringify(INDEX)})
const http = require('node:http')
const fail = (where) => { throw Object.assign(new TypeError('hunter2-' + where), { input: 'hunter2-' + where }) }
tracer.sampler = { sample: () => fail('sampler') }
patchAll({
  http: {
    server: { blocklist: (url) => url.includes('/faulty') && fail('server-rule') },
    client: { blocklist: (url) => url.includes('/unruly') && fail('client-rule') },
  },
  undici: { propagationBlocklist: () => fail('fetch-rule') },
})
require('express')
tracer.extract('http_headers', new Proxy({}, { get: () => fail('carrier'), ownKeys: () => fail('carrier') }))
const server = http.createServer((request, response) => {
  request.resume().on('end', () => {
    response.setHeader('Set-Cookie', 'id=hunter2-cookie-set')
    response.writeHead(200, { 'X-Token': 'hunter2-response-header' }).end('hunter2-response-body')
  })
}).listen(0, '127.0.0.1', async () => {
  const { port } = server.address()
  const headers = {
    authorization: 'Bearer hunter2-bearer',
    cookie: 'id=hunter2-cookie',
    'x-api-key': 'hunter2-header',
    'x-forwarded-for': '203.0.113.77',
  }
  const query = 'password=hunter2-password&a=1&api_key=hunter2-key&access_token=hunter2-token&auth=hunter2-auth'
  const host = 'hunter2-user:hunter2-url@127.0.0.1:' + port
  const ask = (url, options) => new Promise((resolve) => {
    const request = http.request(url, { method: 'POST', headers, agent: false, ...options }, (response) => response.resume().on('close', resolve))
    request.on('error', resolve)
    request.end('hunter2-body')
  })
  for (const path of ['/login', '/faulty', '/unruly']) await ask('http://' + host + path + '?' + query)
  await ask('http://127.0.0.1:' + port, { auth: 'hunter2-user:hunter2-option', path: 'http://' + host + '/proxied?' + query })
  await fetch('http://127.0.0.1:' + port + '/fetched?' + query, { method: 'POST', headers, body: 'hunter2-fetched' }).then((response) => response.text())
  await fetch('http://127.0.0.1:1/refused?' + query, { headers }).catch(() => {})
  server.close()
  console.log('done')
})`

describe('a program with secrets', () => {
  it('keeps them to itself', async () => {
    const agent = await startAgent()
    const env = {
      DD_SERVICE: 'shop',
      DD_TRACE_DEBUG: 'true',
      DD_TRACE_STARTUP_LOGS: 'true',
      DD_TRACE_AGENT_URL: agent.url.replace('://', `://${word('agent-user')}:${word('agent-password')}@`),
      // What does not fit is named, not shown.
      DD_TRACE_AGENT_PORT: word('port'),
      DD_TRACE_RATE_LIMIT: word('limit'),
      DD_TRACE_SAMPLING_RULES: `[{"service":"${word('rules')}`,
      DD_SPAN_SAMPLING_RULES: `[{"${'sample_rate'}":"${word('rate')}"}]`,
      DD_TRACE_PROPAGATION_STYLE_EXTRACT: `datadog,${word('style')}`,
      DD_TRACE_HTTP_SERVER_ERROR_STATUSES: word('statuses'),
      DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP: undefined,
      DD_TRACE_SCOPE: word('scope'),
      DD_TRACE_HTTP_ENABLED: word('enabled'),
      // None of its business.
      DATABASE_URL: `postgres://me:${word('database')}@host/db`,
      SECRET: word('environment'),
    }
    const { code, stdout, stderr } = await runNode({ code: PROGRAM, env })
    assert.deepEqual([code, stdout], [0, 'done\n'], stderr)
    const sent = agent.requests.map(({ url, headers, body }) => url + JSON.stringify(headers) + body.toString('latin1'))
    const spans = agent.spans()
    await agent.close()

    const leaks = (text: string) => [...new Set(text.match(/hunter2-[\w-]+/g))]
    assert.deepEqual(leaks(stderr), [], stderr)
    assert.deepEqual(leaks(sent.join('\n')), [])
    assert.ok(!sent.join().includes('203.0.113.77'), 'an address is personal data')

    // It had enough to say, and to send.
    for (const said of [
      /dd debug: /,
      /DD_TRACE_RATE_LIMIT has a value/,
      /DD_TRACE_SAMPLING_RULES/,
      /DD_SPAN_SAMPLING_RULES/,
      /DD_TRACE_SCOPE has a value/,
      /propagation style/,
      /the http plugin failed in start \(TypeError at src\/linked\.js:\d+/,
      /the undici plugin failed in /,
      /tracer\.sampler failed \(TypeError/,
      /a carrier of headers cannot be read \(TypeError/,
    ]) {
      assert.match(stderr, said)
    }
    const urls = spans
      .filter(({ name }) => name === 'web.request')
      .map(({ meta }) => meta['http.url']?.replace(/:\d+/, ''))
    const redacted = '<redacted>&a=1&<redacted>&<redacted>&<redacted>'
    assert.deepEqual(
      urls.map((url) => url?.replace('access_<redacted>', '<redacted>')).sort(),
      ['/fetched', '/login', '/proxied', '/unruly'].map((path) => `http://127.0.0.1${path}?${redacted}`),
    )
  })

  it('keeps those of an Agent that cannot be reached', async () => {
    const env = {
      DD_TRACE_AGENT_URL: `http://${word('agent-user')}:${word('agent-password')}@127.0.0.1:1`,
      DD_TRACE_DEBUG: 'true',
    }
    const code = `require(${JSON.stringify(INDEX)}).tracer.trace('op', () => {})`
    const { stderr } = await runNode({ code, execArgv: ['--require', INIT], env })
    assert.match(stderr, /http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/)
    assert.doesNotMatch(stderr, /hunter2/)
  })

  it('keeps a bad URL of the Agent', async () => {
    for (const url of [word('url'), `ftp://me:${word('password')}@host`, `http://me:${word('password')}@host:port`]) {
      const code = `require(${JSON.stringify(INDEX)}).tracer.trace('op', () => {})`
      const env = { DD_TRACE_AGENT_URL: url, DD_TRACE_AGENT_PORT: '1', DD_TRACE_DEBUG: 'true' }
      const { stderr } = await runNode({ code, execArgv: ['--require', INIT], env })
      assert.match(stderr, /DD_TRACE_AGENT_URL must begin with/)
      assert.doesNotMatch(stderr, /hunter2/)
    }
  })
})
