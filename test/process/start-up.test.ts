// That a program which starts with `dd` loads few files and none of Node's dear modules for it, and that what is linked into one file is
// there once, by whatever way it is reached.

import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { hasThreadHooks } from '../../src/plugin/node-hooks'
import { runNode } from '../support/spawn'
import { INDEX, INIT } from './traced'

const BUILT = join(__dirname, '..', '..')
const LINKED = join(BUILT, 'src', 'linked.js')

/** 1 to 5 ms each: by the first request, the first span, the first thread. */
const DEAR = ['http', 'https', 'http2', 'net', 'perf_hooks', 'stream', 'worker_threads']

describe('a start with dd', () => {
  const loaded = async (code: string): Promise<string[]> => {
    const report = `;console.log(JSON.stringify(${code}))`
    const { stdout, stderr } = await runNode({ code: report, execArgv: ['--require', INIT] })
    assert.equal(stderr, '')
    return JSON.parse(stdout) as string[]
  }

  it('loads one file besides the one that is named', async () => {
    const files = await loaded(`Object.keys(require.cache).filter((file) => file.startsWith(${JSON.stringify(BUILT)}))`)
    assert.deepEqual(
      files.map((file) => relative(BUILT, file)),
      ['src/init.js', 'src/linked.js'].map((file) => join(file)),
    )
  })

  it('loads none of the modules of Node that take long', async function () {
    if (!hasThreadHooks) return this.skip()
    const names = await loaded('process.moduleLoadList')
    assert.deepEqual(
      DEAR.filter((name) => names.includes(`NativeModule ${name}`)),
      [],
    )
  })

  it('gives the same to who asks for a file of it', async () => {
    const files = [...readFileSync(LINKED, 'utf8').matchAll(/^"((?:src|plugins)\/[^"]+)": \[/gm)].map(
      ([, file]) => file!,
    )
    assert.ok(files.length > 60, String(files.length))
    const code = `${JSON.stringify(files)}.filter((file) => {
      const straight = require(${JSON.stringify(LINKED)})(file)
      return straight !== require(${JSON.stringify(BUILT)} + '/' + file) || Object.keys(straight).length === 0
    })`
    // Of types alone, or on the way to others.
    const without = await loaded(code)
    assert.deepEqual(without, [])
    assert.deepEqual(
      await loaded(
        `[require(${JSON.stringify(INDEX)}).tracer === require(${JSON.stringify(join(BUILT, 'src', 'start.js'))}).tracer]`,
      ),
      [true],
    )
  })

  it('lets a file of it be imported by its names', async () => {
    const file = JSON.stringify(join(BUILT, 'src', 'plugin', 'index.js'))
    const code = `import { definePlugin } from ${file}; import { createRequire } from 'node:module'
      console.log(definePlugin === createRequire(${file})('./index.js').definePlugin)`
    assert.equal((await runNode({ code, module: 'esm' })).stdout, 'true\n')
  })
})
