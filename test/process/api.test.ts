// The API client in a process of its own: a call keeps it until its answer, nothing keeps it after that, and what the client asks is not
// traced, while what the program asks around it is.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FakeAgent, startAgent } from '../support/agent'
import { API_KEY, APPLICATION_KEY } from '../support/api-suite'
import { selfSigned } from '../support/certificate'
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy'
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server'
import { type Finished, runNode } from '../support/spawn'
import { INDEX, traced } from './traced'

const CLIENT = join(__dirname, '../../src/alone/api.js')

/** Longer than a process may stay when it has nothing to do, shorter than idle connections are kept. */
const HELD_MS = 1500

describe('a script that calls the API', () => {
  let certificate: ReturnType<typeof selfSigned>
  let folder: string
  let plain: ScriptedServer
  let secure: ScriptedServer
  let proxy: ConnectProxy

  before(() => {
    certificate = selfSigned(['api.datadoghq.com'])
    folder = mkdtempSync(join(tmpdir(), 'dd-api-'))
    writeFileSync(join(folder, 'ca.pem'), certificate.cert)
  })
  after(() => rmSync(folder, { recursive: true }))
  beforeEach(async () => {
    plain = await startScriptedServer()
    secure = await startScriptedServer(certificate)
    proxy = await startConnectProxy(secure.port)
  })
  afterEach(() => Promise.all([proxy.close(), plain.close(), secure.close()]))

  const ways: [name: string, env: () => Record<string, string>, server: () => ScriptedServer][] = [
    ['directly', () => ({ DATADOG_HOST: plain.url }), () => plain],
    ['through a proxy', () => ({ HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') }), () => secure],
  ]
  for (const [name, env, server] of ways) {
    const run = (body: string): Promise<Finished> =>
      runNode({
        module: 'esm',
        code: `
          import { createRequire } from 'node:module'
          const { DogHttpApi } = createRequire(import.meta.url)(${JSON.stringify(CLIENT)})
          const api = new DogHttpApi({ swallow: false, apiKey: '${API_KEY}', applicationKey: '${APPLICATION_KEY}', timeout: 10 })
          ${body}
          setTimeout(() => console.log('held'), ${HELD_MS}).unref()`,
        env: { DD_HOSTNAME: 'web-1', ...env() },
      })

    it(`ends when its calls are done, ${name}`, async () => {
      server().always = { json: { id: 1 } }
      const { code, stdout, stderr } = await run(`
        console.log((await api.getMonitor(1)).id)
        await Promise.all([api.validate(), api.metric('m', 1)])`)
      assert.deepEqual([code, stdout, stderr], [0, '1\n', ''])
      assert.equal(server().asked.length, 3)
    })

    it(`ends when its calls have failed, ${name}`, async () => {
      server().manners.push({ status: 403 }, 'cut', 'hang')
      const { code, stdout } = await run(`
        const once = api.with({ maxRetries: 0 })
        for (const call of [() => once.validate(), () => once.validate(), () => once.with({ timeout: 0.1 }).validate()])
          await call().catch(({ name }) => console.log(name))`)
      assert.deepEqual([code, stdout], [0, 'ApiError\nClientError\nHttpTimeout\n'])
    })

    it(`is kept until the answer comes, ${name}`, async () => {
      server().always = { json: { id: 2 } }
      // The first is given up by its timeout, the second waits for a moment before it is sent again.
      server().manners.push('hang', { status: 429, headers: { 'Retry-After': '0.3' } })
      const { code, stdout } = await run(`
        await api.with({ timeout: 0.4 }).getMonitor(1).catch(({ name }) => console.log(name))
        console.log((await api.getMonitor(2)).id)`)
      assert.deepEqual([code, stdout], [0, 'HttpTimeout\n2\n'])
    })

    it(`ends where nobody waits for the answer, but not before it is there, ${name}`, async () => {
      const { code, stdout } = await run("api.event('t', 'x').catch(() => {})")
      assert.deepEqual([code, stdout], [0, ''])
      assert.deepEqual(server().lines, ['POST /api/v1/events'])
    })
  }

  it('is kept by a fetch of its own that has nothing else to keep it', async () => {
    const { code, stdout } = await runNode({
      module: 'esm',
      code: `
        import { createRequire } from 'node:module'
        const { DogHttpApi } = createRequire(import.meta.url)(${JSON.stringify(CLIENT)})
        const api = new DogHttpApi({ apiKey: '${API_KEY}', timeout: 0.2, fetch: () => new Promise(() => {}) })
        console.log((await api.validate()).errors.length)`,
    })
    assert.deepEqual([code, stdout], [0, '1\n'])
  })
})

describe('calls on tracer.api', () => {
  let agent: FakeAgent
  let server: ScriptedServer

  beforeEach(async () => {
    agent = await startAgent()
    server = await startScriptedServer()
    server.always = { json: { id: 1, valid: true } }
  })
  afterEach(async () => {
    await server.close()
    await agent.close()
  })

  const program = (body: string) => `
    const { tracer } = require(${JSON.stringify(INDEX)})
    const ask = (path) => fetch('${server.url}' + path).then((response) => response.text())
    tracer.trace('job', async () => { ${body} })`

  it('are not traced, and what the program asks before, meanwhile and after is', async () => {
    const code = program(`
      await ask('/before')
      const [monitor] = await Promise.all([tracer.api.getMonitor(1), ask('/meanwhile'), tracer.api.metric('m', 1)])
      await ask('/after')
      console.log(monitor.id)`)
    const {
      stdout,
      stderr,
      code: exitCode,
    } = await runNode(
      traced({ code }, agent.url, { DD_API_KEY: API_KEY, DD_APP_KEY: APPLICATION_KEY, DATADOG_HOST: server.url }),
    )
    assert.equal(exitCode, 0, stderr)
    assert.equal(stdout, '1\n')
    const spans = agent.spans()
    const [job] = spans.filter(({ name }) => name === 'job')
    const asked = spans.filter(({ name }) => name !== 'job')
    assert.deepEqual(asked.map(({ meta }) => new URL(meta['http.url'] ?? 'http://x').pathname).sort(), [
      '/after',
      '/before',
      '/meanwhile',
    ])
    assert.ok(asked.every(({ parent_id }) => parent_id === job?.span_id))
    const own = server.asked.filter(({ path }) => path.startsWith('/api/'))
    assert.deepEqual(own.map(({ path }) => path).sort(), ['/api/v1/monitor/1', '/api/v1/series'])
    assert.ok(
      own.every(({ headers }) => headers['x-datadog-trace-id'] === undefined && headers['traceparent'] === undefined),
    )
  })

  it('have keys and host of the tracer, and never the keys in a trace or a line of the log', async () => {
    server.always = ({ headers }) => ({ status: 403, json: { errors: [`no ${headers['dd-api-key']}`] } })
    const code = program('await tracer.api.getMonitor(1)')
    const env = { DD_API_KEY: API_KEY, DD_APP_KEY: APPLICATION_KEY, DATADOG_HOST: server.url, DD_TRACE_DEBUG: 'true' }
    const { stdout, stderr } = await runNode(traced({ code }, agent.url, env))
    assert.equal(server.asked[0]?.headers['dd-application-key'], APPLICATION_KEY)
    const sent = JSON.stringify(agent.spans(), (_name, value: unknown) =>
      typeof value === 'bigint' ? `${value}` : value,
    )
    for (const key of [API_KEY, APPLICATION_KEY]) assert.ok(![stdout, stderr, sent].join('').includes(key))
    assert.match(stderr, /no \(key\)/)
  })
})
