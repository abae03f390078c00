// A real proxy before a real server over TLS, in processes of their own: both clients of Datadog's API go through its tunnel, it sees neither
// keys nor data, and where it does not behave the process is not held up.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Certificate, selfSigned } from '../support/certificate'
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy'
import { freePort } from '../support/free-port'
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server'
import { type Finished, runNode } from '../support/spawn'

const CLIENT = join(__dirname, '../../src/alone/api.js')
const AGGREGATOR = join(__dirname, '../../src/alone/metrics.js')
const API_KEY = '0123456789abcdef0123456789abcdef'
const APPLICATION_KEY = 'fedcba9876543210fedcba9876543210fedcba98'
const TARGET = 'api.datadoghq.com:443'

describe('a proxy before Datadog', () => {
  let certificate: Certificate
  let folder: string
  let server: ScriptedServer
  let proxy: ConnectProxy

  before(() => {
    certificate = selfSigned(['api.datadoghq.com'])
    folder = mkdtempSync(join(tmpdir(), 'dd-proxy-'))
    writeFileSync(join(folder, 'ca.pem'), certificate.cert)
  })
  after(() => rmSync(folder, { recursive: true }))

  beforeEach(async () => {
    server = await startScriptedServer(certificate)
    proxy = await startConnectProxy(server.port)
  })
  afterEach(async () => {
    await proxy.close()
    await server.close()
    assert.deepEqual(proxy.others, [])
    for (const secret of [API_KEY, APPLICATION_KEY, 'secret text']) assert.ok(!proxy.bytes.includes(secret), secret)
  })

  /** A program that prints what `body` returns as JSON, and that must end by itself within the time. */
  async function run(body: string, env: Record<string, string | undefined> = {}): Promise<Finished> {
    const finished = await runNode({
      code: `
        const { DogHttpApi, isError } = require(${JSON.stringify(CLIENT)})
        const { DogStatsApi } = require(${JSON.stringify(AGGREGATOR)})
        ;(async () => { ${body} })().then((value) => value === undefined || console.log(JSON.stringify(value)))`,
      env: {
        NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
        DD_API_KEY: API_KEY,
        DD_APP_KEY: APPLICATION_KEY,
        DD_HOSTNAME: 'web-1',
        HTTPS_PROXY: proxy.url,
        ...env,
      },
      timeoutMs: 9000,
    })
    for (const secret of [API_KEY, APPLICATION_KEY, 'pass:word', 'pass%3Aword']) {
      assert.ok(!finished.stdout.includes(secret) && !finished.stderr.includes(secret), secret)
    }
    return finished
  }

  const targets = () => proxy.tunnels.map(({ target }) => target)
  const said = ({ stdout }: Finished) => JSON.parse(stdout) as unknown

  const THREE = `
    const api = new DogHttpApi({ swallow: false, ...OPTIONS })
    const first = await api.hostTags('web-1')
    await api.event('title', 'secret text')
    return [first, await api.request('GET', '/last')]`
  const three = (options: object = {}) => THREE.replace('OPTIONS', JSON.stringify(options))

  it('is gone through by the client of the API: one tunnel for several requests', async () => {
    server.manners.push({ json: { tags: ['a:b'] } }, { json: { event: { id: 1 } } }, { json: { done: true } })
    const finished = await run(three())
    assert.deepEqual([finished.code, finished.stderr], [0, ''])
    assert.deepEqual(said(finished), [['a:b'], { done: true }])
    assert.deepEqual(targets(), [TARGET])
    assert.equal(server.connections, 1)
    assert.deepEqual(server.lines, ['GET /api/v1/tags/hosts/web-1', 'POST /api/v1/events', 'GET /last'])
    const [tags, event] = server.asked
    assert.equal(tags?.headers['dd-application-key'], APPLICATION_KEY)
    assert.deepEqual([event?.headers['dd-api-key'], event?.body], [API_KEY, { title: 'title', text: 'secret text' }])
    assert.ok(proxy.bytes.length > 500)
    const { headers } = proxy.tunnels[0] ?? {}
    assert.deepEqual(Object.keys(headers ?? {}).sort(), ['connection', 'host'])
    assert.equal(headers?.host, TARGET)
  })

  it('is told of by an option, which goes before the environment, and can be told not to be used', async () => {
    server.always = { json: { tags: [], event: { id: 1 } } }
    const env = { HTTPS_PROXY: `http://127.0.0.1:${await freePort()}`, NO_PROXY: '*' }
    assert.equal((await run(three({ proxy: proxy.url }), env)).code, 0)
    assert.deepEqual(targets(), [TARGET])
    // Without it nothing leads to the server: the host is Datadog's.
    const direct = `const api = new DogHttpApi({ proxy: '', apiHost: 'https://127.0.0.1:${server.port}' }); return api.hostTags('h')`
    assert.deepEqual(said(await run(direct)), [])
    assert.equal(proxy.tunnels.length, 1)
  })

  const logins: [name: string, login: string, header: string | undefined][] = [
    ['nobody', '', undefined],
    ['a user and a password', 'user:pass%3Aword@', 'user:pass:word'],
    ['a user', 'user@', 'user:'],
    ['letters of any language', '%C3%BCser:p%E2%82%AC@', 'üser:p€'],
    ['a password with a percent sign', 'us%er:100%@', 'us%er:100%'],
  ]
  for (const [name, login, header] of logins) {
    it(`is told who asks: ${name}`, async () => {
      server.always = { json: { tags: [], event: { id: 1 } } }
      const { code, stderr } = await run(three(), { HTTPS_PROXY: proxy.url.replace('//', `//${login}`) })
      assert.deepEqual([code, stderr], [0, ''])
      const sent = proxy.tunnels[0]?.headers['proxy-authorization']
      const plain = sent?.startsWith('Basic ') ? Buffer.from(sent.slice(6), 'base64').toString() : sent
      assert.equal(plain, header)
      assert.ok(server.asked.every(({ headers }) => headers['proxy-authorization'] === undefined))
    })
  }

  const ONE = `
    const api = new DogHttpApi({ swallow: false, maxRetries: 0, timeout: 0.5 })
    return api.event('title', 'secret text').catch(({ name, code, message }) => ({ name, code, message }))`

  for (const [status, name] of [
    [407, 'wants to know who asks'],
    [403, 'refuses'],
    [502, 'does not find the server'],
  ] as const) {
    it(`that ${name} is named in the error, without its password`, async () => {
      proxy.manner = status
      const finished = await run(ONE, { HTTPS_PROXY: proxy.url.replace('//', '//user:pass%3Aword@') })
      const why = `the proxy 127.0.0.1:${proxy.port} answered ${status} to CONNECT ${TARGET}`
      assert.deepEqual(said(finished), {
        name: 'ClientError',
        code: 'ERR_PROXY_TUNNEL',
        message: `api.datadoghq.com: ${why}`,
      })
      assert.equal(server.connections, 0)
    })
  }

  it('that closes the connection, or is not there, is named in the error', async () => {
    proxy.manner = 'cut'
    const cut = said(await run(ONE)) as { message: string }
    assert.equal(cut.message, `api.datadoghq.com: the proxy 127.0.0.1:${proxy.port} cannot be reached (ECONNRESET)`)
    const port = await freePort()
    const away = said(await run(ONE, { HTTPS_PROXY: `127.0.0.1:${port}` })) as { message: string }
    assert.equal(away.message, `api.datadoghq.com: the proxy 127.0.0.1:${port} cannot be reached (ECONNREFUSED)`)
  })

  it('that says nothing makes a timeout, and holds neither the call nor the process', async () => {
    proxy.manner = 'hang'
    const finished = await run(`${ONE.replace('return', 'const late = await')}
      const stop = new AbortController()
      const given = api.with({ timeout: 60, signal: stop.signal }).validate().catch(({ code }) => code)
      setTimeout(() => stop.abort(), 50)
      return [late, await given]`)
    const [late, given] = said(finished) as [{ name: string; message: string }, string]
    assert.deepEqual([late.name, given], ['HttpTimeout', 'aborted'])
    assert.match(late.message, /^POST \/api\/v1\/events: no answer within 500 ms from api\.datadoghq\.com$/)
  })

  it('is tried again, also for what may be sent only once, since nothing can have arrived', async () => {
    proxy.manner = 502
    server.always = { json: { event: { id: 1 } } }
    const finished = await run("return new DogHttpApi({ maxRetries: 1 }).event('title', 'secret text')")
    assert.ok('errors' in (said(finished) as object))
    assert.equal(proxy.tunnels.length, 2)
  })

  it('does not make a server trusted that is another', async () => {
    const stranger = await startScriptedServer(selfSigned(['api.datadoghq.com']))
    const other = await startConnectProxy(stranger.port)
    const finished = await run(ONE, { HTTPS_PROXY: other.url })
    const wrongName = await run(ONE, { DD_SITE: 'datadoghq.eu' })
    await other.close()
    await stranger.close()
    assert.match((said(finished) as { code: string }).code, /SELF_SIGNED/)
    assert.equal((said(wrongName) as { code: string }).code, 'ERR_TLS_CERT_ALTNAME_INVALID')
    assert.deepEqual([stranger.asked.length, server.asked.length], [0, 0])
  })

  it('opens a tunnel again where the server has closed it', async () => {
    server.always = ({ path }) => (path === '/cut' ? 'cut' : { json: {} })
    const finished = await run(`
      const api = new DogHttpApi({ swallow: false, maxRetries: 0 })
      await api.request('GET', '/a')
      await api.request('GET', '/cut').catch(() => {})
      return api.request('GET', '/b')`)
    assert.deepEqual([said(finished), targets()], [{}, [TARGET, TARGET]])
  })

  it('carries several requests at once', async () => {
    server.always = ({ query }) => ({ json: query })
    const finished = await run(`
      const api = new DogHttpApi({ swallow: false })
      const all = Array.from({ length: 10 }, (_, n) => api.request('GET', '/x', { query: { n } }))
      return (await Promise.all(all)).map(({ n }) => Number(n))`)
    assert.deepEqual(said(finished), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('is not used for what goes without TLS, nor for this machine', async () => {
    const plain = await startScriptedServer()
    const env = { HTTPS_PROXY: `http://127.0.0.1:${await freePort()}`, HTTP_PROXY: proxy.url }
    for (const url of [plain.url, server.url]) {
      const finished = await run(
        `return new DogHttpApi({ apiHost: '${url}', maxRetries: 0 }).request('GET', '/x')`,
        env,
      )
      assert.deepEqual(said(finished), {})
    }
    await plain.close()
    assert.deepEqual([plain.asked.length, server.asked.length, proxy.tunnels.length], [1, 1, 0])
  })

  it('that is none, in the environment, is said once and not used', async () => {
    const body = `
      for (let n = 0; n < 3; n++) new DogHttpApi()
      return new DogHttpApi({ apiHost: '${server.url}' }).request('GET', '/x')`
    for (const wrong of ['socks5://user:pass:word@proxy:1080', 'http://', ':::']) {
      const { code, stdout, stderr } = await run(body, { HTTPS_PROXY: wrong })
      assert.deepEqual([code, stdout.trim()], [0, '{}'])
      assert.equal(
        stderr,
        'dd: the proxy in DD_PROXY_HTTPS or HTTPS_PROXY is no URL such as http://proxy:3128: it is not used\n',
      )
    }
    const asOption = await run(
      "try { new DogHttpApi({ proxy: 'socks5://user:pass:word@proxy' }) } catch ({ name, message }) { return [name, message] }",
    )
    assert.deepEqual(said(asOption), ['TypeError', 'proxy is the URL of an HTTP proxy, http://proxy:3128'])
  })

  const RECORD = `
    const metrics = new DogStatsApi()
    metrics.start({ flushInterval: 3600, flushIn: FLUSH_IN })
    metrics.increment('secret text', 2)
    metrics.event('secret text')`
  const ends: [name: string, body: string][] = [
    ['flushed', 'await metrics.flush(Infinity); metrics.increment("secret text"); await metrics.stop()'],
    ['at the end of the process', ''],
    ['at process.exit', 'process.exit(0)'],
  ]
  for (const flushIn of ['interval', 'worker', 'manual'] as const) {
    const record = RECORD.replace('FLUSH_IN', JSON.stringify(flushIn))
    for (const [name, body] of ends) {
      it(`is gone through by metrics that are ${name}, with flushIn: ${flushIn}`, async () => {
        server.always = { status: 202, json: { status: 'ok' } }
        const env = { HTTPS_PROXY: proxy.url.replace('//', '//user:pass%3Aword@') }
        const { code, stderr } = await run(`${record}; ${body}`, env)
        assert.deepEqual([code, stderr], [0, ''])
        const paths = new Set(server.asked.map(({ path }) => path))
        assert.deepEqual([...paths].sort(), ['/api/v1/events', '/api/v2/series'])
        assert.ok(server.asked.every(({ headers }) => headers['dd-api-key'] === API_KEY))
        assert.ok(proxy.tunnels.every(({ target, headers }) => target === TARGET && headers['proxy-authorization']))
      })
    }

    for (const manner of ['hang', 407] as const) {
      it(`does not hold the end of a process with metrics (${manner}), with flushIn: ${flushIn}`, async () => {
        proxy.manner = manner
        // The process comes to its end while a flush is under way.
        const { code } = await run(`${record.replace('3600', '1')}; setTimeout(() => {}, 1500)`)
        assert.equal(code, 0)
        assert.ok(proxy.tunnels.length > 0)
        assert.equal(server.asked.length, 0)
      })
    }
  }
})
