// However often the package is loaded into a process, there is one `dd`: one tracer, one set of patches, one span per call.

import { strict as assert } from 'node:assert'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FakeAgent, startAgent } from '../support/agent'
import { repoRoot } from '../support/repo-root'
import { type NodeProgram, runNode } from '../support/spawn'
import { INDEX, INIT, oneRequest, outcomeOf } from './traced'

const BUILT = join(__dirname, '..', '..')
const BOTH = ['http.request', 'web.request']

describe('two copies of dd in one process', () => {
  let agent: FakeAgent
  let folder: string
  /** A second copy, another release of the same kind, and one of another kind. */
  const copies = { second: '', newer: '', foreign: '' }
  before(async () => {
    agent = await startAgent()
    folder = realpathSync(mkdtempSync(join(repoRoot, 'node_modules', '.cache', 'dd-copies-')))
    for (const name of Object.keys(copies) as (keyof typeof copies)[]) {
      const copy = join(folder, name, 'node_modules', 'dd')
      mkdirSync(copy, { recursive: true })
      for (const part of ['src', 'plugins']) cpSync(join(BUILT, part), join(copy, 'dist', part), { recursive: true })
      const about = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8'))
      if (name === 'newer') about.version = '0.9.0'
      writeFileSync(join(copy, 'package.json'), JSON.stringify(about))
      copies[name] = join(copy, 'dist', 'src')
    }
    const file = join(copies.foreign, 'linked.js')
    const changed = readFileSync(file, 'utf8').replace('PROTOCOL = 1', 'PROTOCOL = 2')
    writeFileSync(file, changed)
  })
  beforeEach(() => agent.clear())
  afterEach(() => assert.deepEqual(agent.violations, []))
  after(async () => {
    rmSync(folder, { recursive: true, force: true })
    await agent.close()
  })
  const run = async (program: NodeProgram) =>
    outcomeOf(await runNode({ ...program, env: { DD_SERVICE: 'shop', DD_TRACE_AGENT_URL: agent.url, ...program.env } }))
  const names = () =>
    agent
      .spans()
      .map(({ name }) => name)
      .sort()
  const from = (copy: string, name = 'index') => `require(${JSON.stringify(join(copy, `${name}.js`))})`

  const ways: [name: string, program: () => NodeProgram][] = [
    [
      'preloaded twice',
      () => ({ code: oneRequest(), execArgv: ['--require', INIT, '--require', join(copies.second, 'init.js')] }),
    ],
    [
      'preloaded, and required by the program',
      () => ({
        code: oneRequest({
          before: `const { tracer, patchAll } = ${from(copies.second)}; tracer.init({ service: 'other' }); patchAll()`,
        }),
        execArgv: ['--require', INIT],
      }),
    ],
    [
      'preloaded in another release',
      () => ({
        code: oneRequest({ before: `${from(INDEX.replace(/\/index\.js$/, ''))}.patchAll()` }),
        execArgv: ['--require', join(copies.newer, 'init.js')],
      }),
    ],
    [
      'required by the program and by a library',
      () => ({
        code: oneRequest({ before: `${from(copies.second)}.patchAll(); ${from(copies.newer)}.patchAll()` }),
      }),
    ],
    [
      'loaded again into an emptied registry of modules',
      () => ({
        code: oneRequest({
          before: `for (const file of Object.keys(require.cache)) delete require.cache[file]; ${from(copies.second)}.patchAll()`,
        }),
        execArgv: ['--require', join(copies.second, 'init.js')],
      }),
    ],
  ]
  for (const [name, program] of ways) {
    it(`${name}, make one span per call, of one service`, async () => {
      const { code, stdout, stderr, said } = await run(program())
      assert.deepEqual([code, stdout, stderr, said], [0, 'got hello\n', '', []])
      assert.deepEqual(names(), BOTH)
      assert.deepEqual([...new Set(agent.spans().map(({ service }) => service))], ['shop'])
    })
  }

  it('are the same to those who use them', async () => {
    const code = `
      const one = ${from(copies.second)}
      const two = ${from(copies.newer)}
      console.log(Object.keys(two).every((name) => one[name] === two[name]), one === two)
      import(${JSON.stringify(join(copies.newer, 'index.mjs'))}).then((three) => {
        console.log(three.default === one.tracer, Object.keys(three).every((name) => name === 'default' || three[name] === one[name]))
      })
      try { two.patch({ nonsense: true, raiseErrors: true }) } catch (error) { console.log(error instanceof one.PatchError, error instanceof two.PatchError) }
      const parent = one.tracer.startSpan('parent')
      two.tracer.trace('child', { childOf: parent }, () => console.log(one.tracer.activeSpan.traceId === parent.traceId, one.tracer.activeSpan === two.tracer.activeSpan))
      parent.finish()`
    const { stdout, said } = await run({ code })
    assert.deepEqual(stdout.trim().split('\n'), ['true true', 'true true', 'true true', 'true true'])
    assert.deepEqual(said, [])
    const [parent, child] = ['parent', 'child'].map((wanted) => agent.spans().find(({ name }) => name === wanted))
    assert.equal(String(child?.parent_id), String(parent?.span_id))
  })

  it('leave one entry that the first has not loaded to the first', async () => {
    const code = `
      const start = ${from(copies.second, 'start')}
      const index = ${from(copies.newer)}
      console.log(index.tracer === start.tracer, index === ${from(copies.second)})`
    assert.equal((await run({ code })).stdout, 'true true\n')
  })

  it('of different kinds: the second says so once, and does nothing', async () => {
    const before = `
      const { tracer, patchAll, patch } = ${from(copies.foreign)}
      tracer.init({ service: 'other' })
      patchAll()
      patch({ http: true, raiseErrors: true })
      console.log(tracer.trace('work', () => 7), tracer.isEnabled, tracer.activeSpan)`
    const { code, stdout, said } = await run({ code: oneRequest({ before }), execArgv: ['--require', INIT] })
    assert.deepEqual([code, stdout], [0, '7 false undefined\ngot hello\n'])
    assert.equal(said.length, 1)
    assert.ok(said[0]?.includes(copies.foreign) && said[0].includes(join(BUILT, 'src')), said[0])
    assert.deepEqual(names(), BOTH)
  })

  describe('in a context that a test runner makes', () => {
    /** As jest does: the files of the program, those of its packages too, run in another context, with Node's own modules. */
    const inContext = (file: string) => `
      const vm = require('node:vm'), { readFileSync } = require('node:fs'), { createRequire, isBuiltin } = require('node:module')
      const context = vm.createContext({ console, process, setTimeout, clearTimeout, setImmediate, performance, Buffer, URL, crypto })
      const cache = new Map()
      function load(path) {
        if (cache.has(path)) return cache.get(path).exports
        if (path.endsWith('.json')) return JSON.parse(readFileSync(path, 'utf8'))
        const module = { exports: {}, filename: path }
        cache.set(path, module)
        const resolve = createRequire(path)
        const inside = Object.assign((name) => (isBuiltin(name) ? require(name) : load(resolve.resolve(name))), { resolve: resolve.resolve, cache: {} })
        const run = vm.runInContext('(function (exports, require, module, __filename, __dirname) {' + readFileSync(path, 'utf8') + '\\n})', context, { filename: path })
        run(module.exports, inside, module, path, require('node:path').dirname(path))
        return module.exports
      }
      const dd = load(${JSON.stringify(file)})`

    it('join the one that was preloaded', async () => {
      const code = `
        ${inContext(join(copies.second, 'index.js'))}
        console.log(dd.tracer === ${from(INDEX.replace(/\/index\.js$/, ''))}.tracer)
        vm.runInContext('(tracer) => tracer.trace("inside", async () => { await null })', context)(dd.tracer).then(() => console.log('done'))`
      const { stdout, said } = await run({ code, execArgv: ['--require', INIT] })
      assert.deepEqual([stdout, said, names()], ['true\ndone\n', [], ['inside']])
    })

    it('leave it to itself where nothing was preloaded', async () => {
      const code = `
        ${inContext(join(copies.second, 'index.js'))}
        const outside = ${from(copies.newer)}
        console.log(dd.tracer === outside.tracer, cache.size > 1)`
      assert.equal((await run({ code })).stdout, 'false true\n')
    })
  })
})
