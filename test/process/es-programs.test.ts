// Programs of ES modules in all the ways that they are written: each runs plain, with `dd/register` by both flags, and with only
// `dd/init`, and behaves the same. The first sees everything; the second does so where Node has hooks in the program's thread, and
// elsewhere says once what it cannot see. No run may meet a deprecation.

import { strict as assert } from 'node:assert'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hasThreadHooks } from '../../src/plugin/node-hooks'
import { outline, startAgent } from '../support/agent'
import { describePackages } from '../support/library'
import { type Finished, runNode, startNode } from '../support/spawn'
import { INIT, REGISTER } from './traced'

const PACKAGES = {
  '@hono/node-server': '1.19.6',
  'cache-manager': '7.2.9',
  express: '5.3.0',
  hono: '4.13.19',
  keyv: '5.6.0',
  tsx: '4.23.15',
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const STRIPS_TYPES = major > 22 || (major === 22 && minor >= 18)

/** Nothing deprecated may be used, by `dd` or because of it. */
const STRICT = ['--trace-deprecation', '--throw-deprecation']

interface Program {
  readonly name: string
  /** By path; the first is the program. */
  readonly files: Readonly<Record<string, string>>
  readonly execArgv?: readonly string[]
  /** What `dd/register` sees. */
  readonly spans: readonly string[]
  /** What `dd/init` sees where it does not see ES modules. */
  readonly spansOfInit?: readonly string[]
  /** What it says there that it does not see. */
  readonly unseen?: string
  readonly skip?: boolean
}

const manifest = '{ "type": "module" }'
const keyv = ['keyv.set', 'keyv.get']
const use = "await store.set('a', 1)\nconsole.log(await store.get('a'))\n"

const programs: Program[] = [
  {
    name: 'a default import',
    files: { 'app.mjs': `import Keyv from 'keyv'\nconst store = new Keyv()\n${use}` },
    spans: keyv,
    unseen: 'keyv',
  },
  {
    name: 'a named import',
    files: { 'app.mjs': `import { Keyv } from 'keyv'\nconst store = new Keyv()\n${use}` },
    spans: keyv,
    unseen: 'keyv',
  },
  {
    name: 'a namespace import',
    files: {
      'app.mjs': `import * as all from 'keyv'\nconst store = new all.Keyv()\nconsole.log(Object.keys(all).join(), Object.prototype.toString.call(all))\n${use}`,
    },
    spans: keyv,
    unseen: 'keyv',
  },
  {
    name: 'a named import of a function that is replaced',
    files: {
      'app.mjs': `import { createCache } from 'cache-manager'
import * as all from 'cache-manager'
const store = createCache()
console.log(all.createCache === createCache, createCache.name, createCache.length, Object.keys(all).join())
${use}`,
    },
    // Its store is a Keyv.
    spans: ['cache-manager.set', '  keyv.set', 'cache-manager.get', '  keyv.get'],
    unseen: 'cache-manager',
  },
  {
    name: 're-exports',
    files: {
      'app.js': `import { createCache, Store } from './stores.js'\nconst store = new Store()\ncreateCache()\n${use}`,
      'stores.js': "export { default as Store } from 'keyv'\nexport * from 'cache-manager'\n",
      'package.json': manifest,
    },
    spans: keyv,
    unseen: 'cache-manager, keyv',
  },
  {
    name: 'a dynamic import',
    files: { 'app.mjs': `const { default: Keyv } = await import('keyv')\nconst store = new Keyv()\n${use}` },
    spans: keyv,
    unseen: 'keyv',
  },
  {
    name: 'a dynamic import by CommonJS',
    files: {
      'app.cjs': `import('keyv').then(async ({ default: Keyv }) => {\nconst store = new Keyv()\n${use}})`,
    },
    spans: keyv,
  },
  {
    name: 'an import of CommonJS',
    files: {
      'app.mjs': `import express, { Router } from 'express'
import * as all from 'express'
import { createServer, get } from 'node:http'
console.log(typeof Router, Object.keys(all).join())
const app = express()
app.get('/hello/:name', function hello(request, response) { response.send(request.params.name) })
const server = createServer(app).listen(0, '127.0.0.1', () => {
  get({ host: '127.0.0.1', port: server.address().port, path: '/hello/you', agent: false }, (response) => {
    response.on('data', (data) => console.log(response.statusCode, String(data))).on('end', () => server.close())
  })
})`,
    },
    spans: ['http.request', '  express.request', '    express.middleware'],
    spansOfInit: ['http.request', '  express.request', '    express.middleware'],
  },
  {
    name: 'a framework of ES modules',
    files: {
      'app.mjs': `import { Hono } from 'hono'
import { serve } from '@hono/node-server'
const app = new Hono().get('/hello/:name', (context) => context.text(context.req.param('name')))
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, async ({ port }) => {
  console.log(await (await fetch('http://127.0.0.1:' + port + '/hello/you')).text())
  server.close()
})`,
    },
    spans: ['http.request', '  hono.request', '    hono.middleware'],
    unseen: 'hono',
    spansOfInit: ['http.request', '  web.request'],
  },
  {
    name: 'require of an ES module',
    files: {
      'app.cjs': `const { ask } = require('./ask.mjs')\nask()\n`,
      'ask.mjs': `import Keyv from 'keyv'\nexport async function ask() {\nconst store = new Keyv()\n${use}}\n`,
    },
    execArgv: ['--no-warnings=ExperimentalWarning'],
    spans: keyv,
    // Where the hook has a thread of its own, what is required does not pass through it.
    skip: !hasThreadHooks,
  },
  {
    name: 'an await at the top',
    files: {
      'app.js': `import store, { stored } from './store.js'\nconsole.log(stored)\n${use}`,
      'store.js': `import Keyv from 'keyv'\nconst store = new Keyv()\nexport const stored = await store.set('b', 2)\nexport default store\n`,
      'package.json': manifest,
    },
    spans: ['keyv.set', ...keyv],
    unseen: 'keyv',
  },
  {
    name: "package.json's imports",
    files: {
      'src/app.js': `import Keyv from '#store'\nimport { named } from '#own/named.js'\nconst store = new Keyv()\nconsole.log(named)\n${use}`,
      'src/own/named.js': 'export const named = import.meta.url.slice(-8)\n',
      'package.json': `{ "type": "module", "imports": { "#store": "keyv", "#own/*": "./src/own/*" } }`,
    },
    spans: keyv,
  },
  {
    name: 'createRequire',
    files: {
      'app.mjs': `import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const { Keyv } = require('keyv')
const store = new Keyv()
console.log(Object.keys(require.cache).length > 0, require.resolve('keyv').endsWith('.cjs'))
${use}`,
    },
    spans: keyv,
    spansOfInit: keyv,
  },
  {
    name: "Node's own http2",
    files: {
      'app.mjs': `import http2, { connect, createServer } from 'node:http2'
console.log(connect === http2.connect)
const server = createServer((request, response) => response.end('hello')).listen(0, '127.0.0.1', () => {
  const session = connect('http://127.0.0.1:' + server.address().port)
  session.request({ ':path': '/hello' }).on('response', (headers) => console.log(headers[':status'])).on('end', () => {
    session.close()
    server.close()
  }).resume()
})`,
    },
    spans: ['http.request', '  web.request'],
    spansOfInit: ['http.request', '  web.request'],
  },
  {
    name: 'TypeScript that Node strips',
    files: {
      'app.ts': `import { Keyv } from 'keyv'\nimport { answer, type Answer } from './answer.ts'\nconst store: Keyv = new Keyv()\nconst given: Answer = answer\nconsole.log(given)\n${use}`,
      'answer.ts': 'export interface Answer { value: number }\nexport const answer: Answer = { value: 42 }\n',
      'package.json': manifest,
    },
    execArgv: ['--no-warnings=ExperimentalWarning'],
    spans: keyv,
    unseen: 'keyv',
    skip: !STRIPS_TYPES,
  },
  {
    name: 'odd files',
    files: {
      'app.mjs': `import data from './data.json' with { type: 'json' }
import './empty.mjs'
import common from './common.cjs'
import { fileURLToPath } from 'node:url'
console.log(data.a, common.name, common.main, fileURLToPath(import.meta.url) === process.argv[1], import.meta.resolve('keyv').slice(-8))
await import('./missing.mjs').catch((error) => console.log(error.code))
await import('./wrong.mjs').catch((error) => console.log(error.name))
await import('./throws.mjs').catch((error) => console.log(error.stack.split('\\n')[1].trim().replace(/file:.*\\//, '')))
console.log(await import('data:text/javascript,export default 7').then((all) => all.default))`,
      'data.json': '{ "a": 1 }',
      'empty.mjs': '',
      'common.cjs': 'exports.name = __filename.slice(-10)\nexports.main = require.main === module\n',
      'wrong.mjs': 'export const = 1\n',
      'throws.mjs': "\n\nthrow new Error('thrown')\n",
    },
    execArgv: ['--no-warnings=ExperimentalWarning'],
    spans: [],
  },
]

describePackages('a program of ES modules', PACKAGES, undefined, (set) => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(set.folder, 'es-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const write = ({ files }: Pick<Program, 'files'>): string => {
    for (const [path, text] of Object.entries({ 'package.json': '{}', ...files })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    return join(folder, Object.keys(files)[0]!)
  }

  const outcome = ({ code, signal, stdout, stderr }: Finished) => ({
    code,
    signal,
    stdout,
    stderr: stderr.replace(/^dd: .*\n/gm, ''),
  })

  /** What `dd` says, and the names of the spans. */
  async function trace(file: string, plain: Finished, execArgv: readonly string[]) {
    const agent = await startAgent()
    const env = { DD_SERVICE: 'shop', DD_TRACE_AGENT_URL: agent.url }
    const run = await runNode({ file, cwd: folder, env, execArgv: [...execArgv] })
    assert.deepEqual(outcome(run), outcome(plain))
    assert.deepEqual(agent.violations, [])
    const lines = agent.spans().length === 0 ? [] : outline(agent.spans()).split('\n')
    await agent.close()
    return {
      spans: lines.map((line) => line.slice(2).replace(/^( *\S+).*/, '$1')),
      said: run.stderr.match(/^dd: .*/gm) ?? [],
    }
  }

  for (const program of programs) {
    const { name, spans, spansOfInit = [], unseen, skip = false } = program
    ;(skip ? it.skip : it)(`with ${name}`, async () => {
      const file = write(program)
      const execArgv = [...STRICT, ...(program.execArgv ?? [])]
      const plain = await runNode({ file, cwd: folder, execArgv })
      assert.deepEqual([plain.code, plain.stderr], [0, ''])
      for (const flag of ['--import', '--require']) {
        assert.deepEqual(await trace(file, plain, [flag, REGISTER, ...execArgv]), { spans, said: [] }, flag)
      }
      const required = await trace(file, plain, ['--require', INIT, ...execArgv])
      const said = unseen === undefined || hasThreadHooks ? 0 : 1
      assert.deepEqual([required.spans, required.said.length], [hasThreadHooks ? spans : spansOfInit, said])
      if (said > 0) assert.ok(required.said[0]!.startsWith(`dd: ${unseen} `), required.said[0])
    })
  }

  it('that imports dd itself has some of its imports behind it, and is told so', async () => {
    const text = `import Keyv from 'keyv'\nimport { createServer } from 'node:http2'\nconst store = new Keyv()\ncreateServer()\n${use}`
    const later = "const { createCache } = await import('cache-manager')\nawait createCache().get('b')\n"
    const file = write({ files: { 'app.mjs': `import ${JSON.stringify(INIT)}\n${text}${later}` } })
    const plain = { code: 0, signal: null, stdout: '1\n', stderr: '', durationMs: 0 }
    const { spans, said } = await trace(file, plain, STRICT)
    assert.deepEqual(spans, hasThreadHooks ? ['cache-manager.get'] : [])
    assert.equal(said.length, 1)
    assert.match(said[0]!, hasThreadHooks ? /^dd: keyv cannot be seen / : /^dd: cache-manager, keyv cannot be seen /)
  })

  it('that goes on is told, too', async () => {
    const code = "import 'keyv'\nsetInterval(() => {}, 1000)\n"
    const file = write({ files: { 'app.mjs': `import ${JSON.stringify(INIT)}\n${code}` } })
    const env = { DD_TRACE_AGENT_URL: 'http://127.0.0.1:9' }
    await using program = await startNode({ file, env, ready: /^dd: keyv cannot be seen .*dd\/register/m })
    assert.equal(program.stdout, '')
  })

  // Loaders of others stand beside ours; what they use themselves is theirs.
  for (const flag of ['--import', '--require']) {
    it(`with tsx and ${flag}`, async () => {
      const files = {
        'app.ts': `import { Keyv } from 'keyv'\nenum Answer { Yes = 7 }\nconst store: Keyv = new Keyv()\nconsole.log(Answer.Yes)\nasync function main() {\n${use}}\nmain()\n`,
      }
      const file = write({ files })
      const plain = await runNode({ file, cwd: folder, execArgv: ['--import', 'tsx'] })
      assert.deepEqual([plain.code, plain.stdout], [0, '7\n1\n'], plain.stderr)
      assert.deepEqual(await trace(file, plain, [flag, REGISTER, '--import', 'tsx']), { spans: keyv, said: [] })
    })
  }
})
