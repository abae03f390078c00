// Packages that bring an ES module beside their CommonJS, or nothing else: a program that imports them is traced as one that
// requires them.

import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith, postgres } from '../services'
import { outline, type ReceivedSpan, startAgent } from '../support/agent'
import { describePackages } from '../support/library'
import { runNode } from '../support/spawn'
import { REGISTER } from './traced'

const PACKAGES = { '@koa/router': '15.7.0', keyv: '5.6.0', koa: '3.3.0', postgres: '3.4.9' }

const KOA = `
import Koa from 'koa'
import Router from '@koa/router'
import { createServer, get } from 'node:http'
const app = new Koa()
const router = new Router({ prefix: '/api' })
router.get('/users/:id', async function show(context) { context.body = context.params.id })
app.use(router.routes())
const server = createServer(app.callback()).listen(0, '127.0.0.1', () => {
  get({ host: '127.0.0.1', port: server.address().port, path: '/api/users/7', agent: false }, (response) => {
    response.on('data', (data) => console.log(response.statusCode, String(data))).on('end', () => server.close())
  })
})`

const KEYV = `
import Keyv from 'keyv'
const store = new Keyv()
await store.set('a', 1)
console.log(await store.get('a'), await store.get('b'))`

const POSTGRES = `
import postgres from 'postgres'
const sql = postgres(process.env.DATABASE_URL)
console.log(await sql\`select \${7}::int as n\`)
await sql.end()`

const SPANS = {
  koa: [
    'http.request [GET] of shop',
    '  koa.request [GET /api/users/:id] of shop',
    '    koa.middleware [router] of shop',
    '      koa.middleware [show] of shop',
  ],
  keyv: ['keyv.set [set] of shop', 'keyv.get [get] of shop', 'keyv.get [get] of shop'],
  postgres: ['postgres.query [select $1::int as n] of shop-postgres'],
}

const outlineOf = (spans: ReceivedSpan[]) =>
  outline(spans)
    .split('\n')
    .map((line) => line.slice(2))

describePackages('a program that imports ES modules', PACKAGES, undefined, (set) => {
  /** Runs it plain and traced, and gives the spans as lines. */
  const run = async (name: string, code: string, env: Record<string, string> = {}) => {
    const file = join(set.folder, `${name}.mjs`)
    writeFileSync(file, code)
    const agent = await startAgent()
    const plain = await runNode({ file, env })
    assert.equal(plain.code, 0, plain.stderr)
    const traced = { ...env, DD_SERVICE: 'shop', DD_TRACE_AGENT_URL: agent.url }
    const result = await runNode({ file, env: traced, execArgv: ['--import', REGISTER] })
    assert.deepEqual([result.code, result.stdout, result.stderr], [plain.code, plain.stdout, plain.stderr])
    assert.deepEqual(agent.violations, [])
    const spans = agent.spans()
    await agent.close()
    return { spans, lines: outlineOf(spans) }
  }

  it('of Koa and its router', async () => assert.deepEqual((await run('koa', KOA)).lines, SPANS.koa))

  it('of Keyv', async () => assert.deepEqual((await run('keyv', KEYV)).lines, SPANS.keyv))

  describeWith(postgres, 'with a server', (server) => {
    it('of postgres.js', async () => {
      const { url } = server()
      const { spans, lines } = await run('postgres', POSTGRES, { DATABASE_URL: url })
      assert.deepEqual(lines, SPANS.postgres)
      const { hostname, port, pathname } = new URL(url)
      const [{ meta, metrics }] = spans as [ReceivedSpan]
      assert.deepEqual([meta['out.host'], meta['db.name']], [hostname, pathname.slice(1)])
      assert.equal(metrics['network.destination.port'], Number(port))
    })
  })
})
