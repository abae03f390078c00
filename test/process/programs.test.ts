// Programs that know nothing of `dd`, started in all the ways that Node knows: they write the same, end the same, and their
// requests arrive as spans.

import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { type FakeAgent, startAgent, tree } from '../support/agent'
import { cleanEnv } from '../support/clean-env'
import { type NodeProgram, runNode } from '../support/spawn'
import { INDEX, INIT, oneRequest, outcomeOf, REGISTER, runBoth, traced } from './traced'

const COMMON_JS = `
const express = require('express')
const http = require('node:http')
const app = express()
app.get('/users/:id', (request, response) => response.json({ id: request.params.id }))
const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address()
  http.get({ host: '127.0.0.1', port, path: '/users/7', agent: false }, (response) => {
    response.on('data', (data) => console.log(response.statusCode, String(data))).on('end', () => server.close())
  })
})`

const ES_MODULE = `
import express from 'express'
import http, { createServer, get } from 'node:http'
const app = express()
app.get('/users/:id', (request, response) => response.json({ id: request.params.id }))
const server = createServer(app).listen(0, '127.0.0.1', () => {
  const { port } = server.address()
  get({ host: '127.0.0.1', port, path: '/users/7', agent: false }, (response) => {
    response.on('data', (data) => console.log(response.statusCode, String(data))).on('end', () => server.close())
  })
})
console.log(get === http.get, import.meta.url.startsWith('file:'))`

const EXPRESS = [['http.request GET', ['express.request GET /users/:id']]]
const PLAIN = [['http.request GET', ['web.request GET']]]

describe('a program that knows nothing of dd', () => {
  let agent: FakeAgent
  before(async () => {
    agent = await startAgent()
  })
  beforeEach(() => agent.clear())
  afterEach(() => assert.deepEqual(agent.violations, []))
  after(() => agent.close())

  /** Names and resources, nested as the spans are. */
  const outline = () => {
    type Outline = (string | Outline)[]
    const of = (nodes: ReturnType<typeof tree>): Outline =>
      nodes.map(({ span, children }) => {
        const line = `${span.name} ${span.resource}`
        return children.length === 0 ? line : [line, of(children)]
      })
    return of(tree(agent.spans()))
  }

  describe('is traced without a change', () => {
    /** Middleware is the business of the express plugin's own tests. */
    const environment = () => ({ DD_TRACE_AGENT_URL: agent.url, DD_TRACE_MIDDLEWARE_TRACING_ENABLED: 'false' })
    const ways: [name: string, how: Pick<NodeProgram, 'execArgv' | 'nodeOptions'>][] = [
      ['--require', { execArgv: ['--require', INIT] }],
      ['--import', { execArgv: ['--import', pathToFileURL(INIT).href] }],
      ['--import of dd/register', { execArgv: ['--import', pathToFileURL(REGISTER).href] }],
      ['--require in NODE_OPTIONS', { nodeOptions: `--require ${JSON.stringify(INIT)}` }],
      ['--import in NODE_OPTIONS', { nodeOptions: `--import ${JSON.stringify(pathToFileURL(REGISTER).href)}` }],
      ['both flags', { execArgv: ['--require', INIT, '--import', pathToFileURL(REGISTER).href] }],
    ]
    const programs = [
      ['CommonJS', { code: COMMON_JS }],
      ['an ES module', { code: ES_MODULE, module: 'esm' }],
    ] as const
    for (const [kind, program] of programs) {
      for (const [way, how] of ways) {
        it(`in ${kind}, by ${way}`, async () => {
          const env = environment()
          const [without, run] = await Promise.all([runNode(program), runNode({ ...program, ...how, env })])
          assert.match(without.stdout, /200 \{"id":"7"\}/)
          const { durationMs: _, ...seen } = run
          assert.deepEqual(seen, { code: 0, signal: null, stdout: without.stdout, stderr: '' })
          assert.deepEqual(outline(), EXPRESS)
        })
      }
    }

    it('in an ES module that imports dd/init first, with imports below', async () => {
      const code = `import ${JSON.stringify(pathToFileURL(INIT).href)}\n${ES_MODULE}`
      const run = await runNode({ code, module: 'esm', env: environment() })
      assert.deepEqual([run.stdout, run.stderr], ['true true\n200 {"id":"7"}\n', ''])
      assert.deepEqual(outline(), EXPRESS)
    })

    it('in CommonJS that calls patchAll itself, with options', async () => {
      const code = `require(${JSON.stringify(INDEX)}).patchAll({ express: { middleware: false } })\n${COMMON_JS}`
      const run = await runNode({ code, env: { DD_TRACE_AGENT_URL: agent.url } })
      assert.deepEqual([run.stdout, run.stderr], ['200 {"id":"7"}\n', ''])
      assert.deepEqual(outline(), EXPRESS)
    })

    it('behind customization hooks of the ES-module loader', async () => {
      const hooks = `export const resolve = (specifier, context, next) => next(specifier, context)
        export const load = (url, context, next) => next(url, context)`
      const register = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)})`
      const execArgv = ['--no-warnings', '--import', `data:text/javascript,${encodeURIComponent(register)}`]
      await runBoth({ code: ES_MODULE, module: 'esm', execArgv }, agent.url, { env: environment() })
      assert.deepEqual(outline(), EXPRESS)
    })

    it('in its calls of fetch', async () => {
      const code = oneRequest({
        after:
          "fetch('http://127.0.0.1:' + port + '/fetched').then((r) => r.text()).then(console.log).then(() => { server.closeAllConnections(); server.close() })",
      })
      const run = await runBoth({ code }, agent.url)
      assert.equal(run.stdout, 'got hello\nhello\n')
      assert.deepEqual(outline(), [...PLAIN, ...PLAIN])
    })
  })

  describe('runs the same', () => {
    const request = oneRequest()

    it('as text of `node -e`', async () => {
      const run = await runBoth({ file: '-e', args: [request] }, agent.url)
      assert.equal(run.stdout, 'got hello\n')
      assert.deepEqual(outline(), PLAIN)
    })

    it('as an expression of `node -p`', async () => {
      const run = await runBoth({ file: '-p', args: ['[process.argv.length, 6 * 7]'] }, agent.url)
      assert.deepEqual([run.stdout, run.said], ['[ 1, 42 ]\n', []])
      assert.equal(agent.requests.length, 0)
    })

    it('from stdin', async () => {
      const env = cleanEnv({ DD_TRACE_AGENT_URL: agent.url })
      const running = promisify(execFile)(process.execPath, ['--require', INIT, '-'], { env })
      running.child.stdin!.end(request)
      const { stdout, stderr } = await running
      assert.deepEqual([stdout, stderr], ['got hello\n', ''])
      assert.deepEqual(outline(), PLAIN)
    })

    it('as a filter of stdin', async () => {
      const code = "process.stdin.setEncoding('utf8').on('data', (text) => process.stdout.write(text.toUpperCase()))"
      const running = promisify(execFile)(process.execPath, ['--require', INIT, '-e', code], { env: cleanEnv() })
      running.child.stdin!.end('a\nb\n')
      assert.deepEqual(await running, { stdout: 'A\nB\n', stderr: '' })
    })

    it('as a test of `node --test`', async () => {
      const code = `
        const { test } = require('node:test')
        test('requests', () => new Promise((resolve) => {
          process.once('got it', resolve)
          ${oneRequest({ after: "server.close(); process.emit('got it')" })}
        }))`
      const program = traced({ code, execArgv: ['--test', '--test-reporter=tap'] }, agent.url)
      const { code: exitCode, stdout, stderr } = await runNode(program)
      assert.equal(exitCode, 0, stdout)
      assert.match(stdout, /^# pass 1$/m)
      assert.equal(stderr, '')
      assert.deepEqual(outline(), PLAIN)
    })

    const helpers: [name: string, before: string, after: string][] = [
      [
        'with a worker thread',
        "const { isMainThread, Worker } = require('node:worker_threads')",
        'if (isMainThread) new Worker(__filename, { stdout: true })',
      ],
      [
        'with a forked process',
        "const { fork } = require('node:child_process')",
        `if (process.send !== undefined) process.disconnect()
         else fork(__filename, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })`,
      ],
    ]
    for (const [name, before, after] of helpers) {
      it(`${name}, and both report spans`, async () => {
        const ended = ".on('exit', (code) => console.log('it ended with', code))"
        const run = await runBoth(
          { code: oneRequest({ before, after: `server.close(); ${after}${ended}` }) },
          agent.url,
        )
        assert.deepEqual([run.stdout, run.said], ['got hello\nit ended with 0\n', []])
        assert.deepEqual(outline(), [...PLAIN, ...PLAIN])
        assert.equal(new Set(agent.spans().map(({ meta }) => meta['runtime-id'])).size, 2)
      })
    }

    it('with DD_TRACE_DEBUG=true, which speaks on stderr only', async () => {
      const run = await runBoth({ code: request }, agent.url, { env: { DD_TRACE_DEBUG: 'true' } })
      assert.equal(run.stdout, 'got hello\n')
    })

    it('with DD_TRACE_ENABLED=false, to the last function', async () => {
      const code = `
        const http = require('node:http')
        const https = require('node:https')
        const Module = require('node:module')
        const { channel } = require('node:diagnostics_channel')
        console.log(http.request + http.get + https.request + https.get + Module.prototype.load + http.Server.prototype.emit)
        console.log([http.Server, https.Server, http.IncomingMessage, http.ServerResponse].map((one) => Object.hasOwn(one.prototype, 'emit')))
        console.log(['SIGTERM', 'SIGINT', 'beforeExit', 'exit', 'uncaughtException'].map((name) => process.listenerCount(name)))
        console.log(channel('undici:request:create').hasSubscribers)
        ${request.replace("const http = require('node:http')", '')}`
      const run = await runBoth({ code }, agent.url, { env: { DD_TRACE_ENABLED: 'false' } })
      assert.match(run.stdout, /got hello/)
      assert.deepEqual([run.said, agent.requests.length], [[], 0])
    })
  })

  it('gets at most three frames more in the stack of a request, and none after an `await`', async () => {
    const code = oneRequest({
      before: `Error.stackTraceLimit = 100
        const look = (when) => console.log(when, JSON.stringify(new Error(when).stack.split('\\n').slice(1)))`,
      handler: "look('at once'); await null; look('later'); response.end('hello')",
    })
    const runs = await Promise.all([runNode({ code }), runNode(traced({ code }, agent.url))])
    const [without, run] = runs.map(({ stdout }) => {
      const frames = (when: string) =>
        JSON.parse(new RegExp(`^${when} (.*)$`, 'm').exec(stdout)?.[1] ?? '[]') as string[]
      return { atOnce: frames('at once'), later: frames('later') }
    })
    const added = run!.atOnce.length - without!.atOnce.length
    assert.ok(without!.atOnce.length > 2 && added <= 3, run!.atOnce.join('\n'))
    assert.equal(run!.later.length, without!.later.length, run!.later.join('\n'))
  })

  describe('with cls-hooked', () => {
    const nested = `
      const http = require('node:http')
      const server = http.createServer(async (request, response) => {
        if (request.url === '/inner') return response.end('inner')
        await new Promise((resolve) => setTimeout(resolve, 5))
        get('/inner', () => response.end('outer'))
      }).listen(0, '127.0.0.1', () => get('/outer', () => server.close()))
      function get(path, done) {
        http.get({ port: server.address().port, host: '127.0.0.1', path, agent: false }, (response) => {
          response.on('data', (data) => console.log(String(data))).on('end', done)
        })
      }`
    const block = `
      const Module = require('node:module')
      const { _resolveFilename: resolve } = Module
      Module._resolveFilename = function (name, ...rest) {
        if (name === 'cls-hooked') throw Object.assign(new Error("Cannot find module 'cls-hooked'"), { code: 'MODULE_NOT_FOUND' })
        return resolve.call(this, name, ...rest)
      }
      require(${JSON.stringify(INIT)})`
    const env = () => ({ DD_TRACE_AGENT_URL: agent.url, DD_TRACE_SCOPE: 'cls-hooked' })
    const NESTED = [['http.request GET', [['web.request GET', [['http.request GET', ['web.request GET']]]]]]]

    it('for its scope is traced the same', async () => {
      const run = await runBoth({ code: nested }, agent.url, { env: { DD_TRACE_SCOPE: 'cls-hooked' } })
      assert.deepEqual([run.stdout, run.said], ['inner\nouter\n', []])
      assert.deepEqual(outline(), NESTED)
    })

    it('asked for but not installed is told so, and traced by AsyncLocalStorage', async () => {
      const run = outcomeOf(await runNode({ code: `${block}\n${nested}`, env: env() }))
      assert.equal(run.stdout, 'inner\nouter\n')
      assert.deepEqual(run.said, [
        "dd: cls-hooked cannot be used (Error: Cannot find module 'cls-hooked'); install it, or leave DD_TRACE_SCOPE unset",
      ])
      assert.deepEqual(outline(), NESTED)
    })
  })
})
