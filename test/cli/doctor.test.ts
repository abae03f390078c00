// The doctor as a user calls it: a process of its own that examines real programs, with the local agent as their Agent, with none,
// and with servers that are none. What it says and how it ends is all that counts.

import { strict as assert } from 'node:assert'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build, stop } from 'esbuild'
import { type LocalAgent, startLocalAgent } from '../../src/local-agent/start-local-agent'
import { hasThreadHooks } from '../../src/plugin/node-hooks'
import { type PackageFiles, PackageFolder, removePackageFolders } from '../plugin/package-folder'
import { repoRoot } from '../support/repo-root'
import { type Finished, runNode } from '../support/spawn'
import { DOG } from './dog-process'

const EXPRESS = JSON.stringify(require.resolve('express', { paths: [repoRoot] }))

/** Answers one request of its own and ends. */
const SERVER = `
const express = require(${EXPRESS})
const server = express().get('/', (_request, response) => response.end('fine')).listen(0, '127.0.0.1', async () => {
  console.log(await (await fetch('http://127.0.0.1:' + server.address().port)).text())
  server.close()
})`

interface Verdict {
  findings: { about: string; severity: string; text: string; advice?: string }[]
  isHealthy: boolean
  program?: { ending: string; processes: { diagnostics: { traces?: { sentChunks: number } } }[] }
}

describe('dog doctor', () => {
  let agent: LocalAgent
  before(async () => {
    agent = await startLocalAgent({ port: 0, version: '9.9.9' })
  })
  after(async () => {
    await stop()
    removePackageFolders()
    await agent.close()
  })

  const doctor = (args: string[], env: Record<string, string> = {}, cwd?: string): Promise<Finished> =>
    runNode({
      file: DOG,
      args: ['doctor', ...args],
      env: { DD_TRACE_AGENT_URL: agent.url, ...env },
      ...(cwd && { cwd }),
    })

  async function verdict(args: string[], env: Record<string, string> = {}): Promise<Verdict & Finished> {
    const ended = await doctor(['--json', ...args], env)
    return { ...(JSON.parse(ended.stdout) as Verdict), ...ended }
  }

  /** A program in a folder of its own, with what it depends on. */
  function program(
    source: string,
    packages: PackageFiles = {},
    manifest: object = {},
  ): [command: string, file: string] {
    const folder = new PackageFolder(packages)
    folder.write('package.json', { name: 'shop', version: '1.2.3', ...manifest })
    return [process.execPath, folder.write('app.js', source)]
  }

  const textsOf = ({ findings }: Verdict, severity: string) =>
    findings.filter((finding) => finding.severity === severity).map(({ text }) => text)

  async function listening(server: Server): Promise<string> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('finds nothing wrong with a program that is traced', async () => {
    const { stdout, stderr, code } = await doctor(['--', ...program(SERVER)])
    assert.match(stdout, /✓ service shop, version 1\.2\.3/)
    assert.match(stdout, /✓ http:\/\/127\.0\.0\.1:\d+ answers: Agent 9\.9\.9/)
    assert.match(stdout, /✓ express 5\.\d+\.\d+ is traced/)
    assert.match(stdout, /✓ of Node\.js: http, .*fetch\n/)
    assert.match(stdout, /✓ \d+ spans? (was|were) sent/)
    assert.match(stdout, /^fine$/m, 'the program writes where it always does')
    assert.match(stdout, /Nothing is wrong\.\n$/)
    assert.ok(!stdout.includes('✗') && !stdout.includes(String.fromCharCode(27)))
    assert.deepEqual([stderr, code], ['', 0])
  })

  it('gives the same as JSON, alone on stdout', async () => {
    const found = await verdict(['--', ...program(SERVER)])
    assert.deepEqual([found.isHealthy, found.code, found.program?.ending], [true, 0, 'exit code 0'])
    assert.deepEqual(textsOf(found, 'wrong'), [])
    assert.match(found.stderr, /^fine$/m)
    assert.ok((found.program?.processes[0]?.diagnostics.traces?.sentChunks ?? 0) > 0)
  })

  it('looks at the settings and the Agent alone when there is no program', async () => {
    const { stdout, code } = await doctor([])
    assert.match(stdout, /answers: Agent 9\.9\.9/)
    assert.doesNotMatch(stdout, /Program|Libraries/)
    assert.equal(code, 0)
  })

  it('says that nobody answers, and what to do', async () => {
    const server = createServer()
    const url = await listening(server)
    server.close()
    const { stdout, code } = await doctor([], { DD_TRACE_AGENT_URL: url.replace('//', '//user:secret@') })
    assert.match(stdout, /✗ no Agent answers at http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)\n {4}start one/)
    assert.doesNotMatch(stdout, /secret/)
    assert.match(stdout, /1 thing is wrong\.\n$/)
    assert.equal(code, 1)
  })

  const strangers: [what: string, status: number, body: string, expected: RegExp][] = [
    ['is no Agent', 200, '<html>', /✗ no Agent answers at .* \(what answers there is no Agent\)/],
    ['fails', 500, '', /✗ no Agent answers at .* \(it answered 500\)/],
    ['takes no traces', 200, '{"version":"7.0.0","endpoints":["/v0.6/stats"]}', /✗ .*: Agent 7\.0\.0, which takes no/],
    ['is an old Agent', 404, '', /· something at .* answers, but not as an Agent since 7\.28/],
  ]
  for (const [what, status, body, expected] of strangers) {
    it(`says when what answers ${what}`, async () => {
      const server = createServer((_request, response) => response.writeHead(status).end(body))
      const url = await listening(server)
      const { stdout } = await doctor([], { DD_TRACE_AGENT_URL: url })
      server.close()
      assert.match(stdout, expected)
    })
  }

  it('names settings that are wrong, misspelt, or of no use here', async () => {
    const { stdout, code } = await doctor([], {
      DD_TRACE_FLUSH_INTERVAL: 'soon',
      DD_TRACE_SAMPEL_RATE: '0.5',
      DD_APPSEC_ENABLED: 'true',
      OTEL_BSP_SCHEDULE_DELAY: '5',
    })
    assert.match(stdout, /✗ DD_TRACE_FLUSH_INTERVAL has a value that is not a whole number/)
    assert.match(stdout, /✗ DD_TRACE_SAMPEL_RATE is no setting\n {4}did you mean DD_TRACE_SAMPLE_RATE\?/)
    assert.match(stdout, /· dd does not read OTEL_BSP_SCHEDULE_DELAY/)
    assert.match(stdout, /· without effect on tracing: DD_APPSEC_ENABLED/)
    assert.match(stdout, /2 things are wrong/)
    assert.equal(code, 1)
  })

  it('tells why a library is not traced', async () => {
    const packages = {
      'redis/package.json': { name: 'redis', version: '99.0.0' },
      'redis/index.js': 'exports.createClient = () => {}',
      'mysql/package.json': { name: 'mysql', version: '2.18.1' },
      'mysql/index.js': '',
    }
    const source = `require('redis'); require('mysql'); require(${EXPRESS})`
    const found = await verdict(['--', ...program(source, packages, { dependencies: { pg: '8', redis: '99' } })], {
      DD_TRACE_EXPRESS_ENABLED: 'false',
      DD_TRACE_DISABLED_INSTRUMENTATIONS: 'koa,hapi',
    })
    assert.deepEqual(
      textsOf(found, 'wrong').filter((text) => !text.startsWith('redis 99.0.0 is not supported')),
      [],
    )
    const notes = textsOf(found, 'note')
    for (const expected of [
      'pg is among the dependencies, but was not loaded in this run',
      'not traced, because DD_TRACE_EXPRESS_ENABLED is false: express',
      'not traced, because DD_TRACE_DISABLED_INSTRUMENTATIONS names it: koa, hapi',
    ]) {
      assert.ok(notes.includes(expected), `${expected} is not among:\n${notes.join('\n')}`)
    }
    assert.ok(notes.some((text) => /because it is off until DD_TRACE_<NAME>_ENABLED is true: .*\bfs\b/.test(text)))
    assert.ok(notes.some((text) => /^not required by the program: .*\bmongodb\b/.test(text)))
    assert.equal(found.code, 1)
  })

  it('tells a program that loads dd after its libraries', async () => {
    const source = `require(${EXPRESS}); require('dd/init')`
    const packages = {
      'dd/package.json': { name: 'dd', version: '0.0.0', exports: { './init': './init.js' } },
      'dd/init.js': `require(${JSON.stringify(join(__dirname, '..', '..', 'src', 'init.js'))})`,
    }
    const found = await verdict(['--', ...program(source, packages)])
    assert.match(textsOf(found, 'wrong').join('\n'), /app\.js loads dd after .*express.*; the doctor loaded it before/)
    const inTime = await verdict(['--', ...program(`require('dd/init'); require(${EXPRESS})`, packages)])
    assert.deepEqual(textsOf(inTime, 'wrong'), [])
  })

  it('tells what is inside a bundle, where dd cannot see it', async () => {
    const { path } = new PackageFolder({})
    const outfile = join(path, 'bundle.js')
    const entry = { contents: SERVER.replace(EXPRESS, "'express'"), resolveDir: repoRoot }
    await build({ stdin: entry, bundle: true, platform: 'node', outfile })
    const found = await verdict(['--', process.execPath, outfile])
    assert.match(
      textsOf(found, 'wrong').join('\n'),
      /express.* are in a bundle and cannot be seen; bundle with the plugin/,
    )
    assert.equal(found.code, 1)
  })

  it('tells of ES modules that are not seen as the program is started, and that they would be', async () => {
    const folder = new PackageFolder({
      'hono/package.json': { name: 'hono', version: '4.0.0', type: 'module', exports: './dist/hono.js' },
      'hono/dist/hono.js': 'export class Hono {}',
    })
    folder.write('package.json', { name: 'shop', type: 'module' })
    const main = folder.write('app.mjs', "import { Hono } from 'hono'; new Hono()")
    const wrong = async (...flags: string[]) => {
      const found = await verdict(['--', process.execPath, ...flags, main])
      return textsOf(found, 'wrong').filter((text) => /hono cannot be seen where imported as ES modules/.test(text))
        .length
    }
    const init = join(__dirname, '..', '..', 'src', 'init.js')
    assert.equal(await wrong('--require', init), hasThreadHooks ? 0 : 1)
    assert.equal(await wrong(), 0, 'the doctor loads what sees them')
  })

  it('tells that tracing is off, and that a program is none of Node.js', async () => {
    const off = await verdict(['--', ...program(SERVER)], { DD_TRACE_ENABLED: 'false' })
    assert.deepEqual(textsOf(off, 'wrong'), ['tracing is turned off by a setting'])
    const foreign = await verdict(['--', 'true'])
    assert.deepEqual(textsOf(foreign, 'wrong'), ['`dd` was not loaded in it'])
  })

  it('counts traces that the Agent did not take as wrong', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/info') response.end('{"endpoints":["/v0.4/traces"]}')
      else request.resume().on('end', () => response.writeHead(500).end())
    })
    const url = await listening(server)
    const found = await verdict(['--', ...program(SERVER)], { DD_TRACE_AGENT_URL: url })
    server.close()
    assert.match(textsOf(found, 'wrong').join('\n'), /^\d+ spans? (was|were) dropped \(it answered 500\)$/m)
    assert.equal(found.code, 1)
  })

  it('stops a server after the time it is given, and tells of it', async () => {
    const source = "require('node:http').createServer().listen(0)"
    const found = await verdict(['--for', '0.5', '--', ...program(source)])
    assert.equal(found.program?.ending, 'stopped by the doctor')
    assert.ok(textsOf(found, 'note').includes('the program made no spans in this run'))
    assert.equal(found.code, 0)
  })

  it('sees every process of a program', async () => {
    const child = `require(${EXPRESS})`
    const source = `require('node:child_process').execFileSync(process.execPath, ['-e', ${JSON.stringify(child)}])`
    const found = await verdict(['--', ...program(source)])
    assert.equal(found.program?.processes.length, 2)
    assert.ok(textsOf(found, 'good').some((text) => /^express 5/.test(text)))
  })

  it('refuses what it does not understand', async () => {
    for (const args of [['--for', 'ever'], ['--nothing'], ['--for', '0']]) {
      const { code, stderr } = await doctor(args)
      assert.equal(code, 2, stderr)
      assert.match(stderr, /^dog: /)
    }
    const { code, stderr } = await doctor(['--', 'no-such-command-here'])
    assert.deepEqual([code, stderr], [127, 'dog: cannot run no-such-command-here: there is no such command\n'])
  })
})
