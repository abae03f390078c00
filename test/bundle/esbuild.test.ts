// `dd/esbuild` with the real esbuild: a bundled program behaves with and without `dd` as it does unbundled, and gives the same spans.

import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BuildOptions, build, stop } from 'esbuild'
import { INDEX, INIT } from '../process/traced'
import { describeWith, postgres } from '../services'
import { outline, startAgent } from '../support/agent'
import { describePackages } from '../support/library'
import { createProgramFolder } from '../support/program-folder'
import { type NodeProgram, runNode } from '../support/spawn'
import { ES_LIBRARIES, ES_PACKAGES, ES_SPANS, EXPRESS_AND_PG } from './programs'

import dd = require('../../src/bundle/esbuild')

/** What CommonJS, and so `dd`, finds around it in Node; esbuild leaves that out of ES modules. */
const SURROUNDINGS = `
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename`

interface Variant {
  readonly name: string
  readonly options: BuildOptions
}

const variants: Variant[] = [
  { name: 'CommonJS', options: { format: 'cjs' } },
  { name: 'CommonJS, minified', options: { format: 'cjs', minify: true } },
  { name: 'CommonJS, minified but for names', options: { format: 'cjs', minify: true, keepNames: true } },
  { name: 'CommonJS for an old Node', options: { format: 'cjs', target: 'node12', sourcemap: true } },
  { name: 'CommonJS, with one library outside', options: { format: 'cjs', external: ['pg'] } },
  { name: 'CommonJS, with all libraries outside', options: { format: 'cjs', packages: 'external' } },
  { name: 'an ES module', options: { format: 'esm', banner: { js: SURROUNDINGS } } },
  { name: 'an ES module, minified', options: { format: 'esm', banner: { js: SURROUNDINGS }, minify: true } },
  { name: 'ES modules, split', options: { format: 'esm', banner: { js: SURROUNDINGS }, splitting: true } },
]

/** Bundles the file and gives the path of the bundle. */
async function bundle(file: string, options: BuildOptions, plugins = [dd()]): Promise<string> {
  const extension = options.format === 'esm' ? '.mjs' : '.cjs'
  const outdir = join(file, '..', `out-${Math.abs(JSON.stringify(options).length)}`)
  const { warnings } = await build({
    entryPoints: [file],
    bundle: true,
    platform: 'node',
    outdir,
    outExtension: { '.js': extension },
    logLevel: 'silent',
    plugins,
    ...options,
  })
  assert.deepEqual(warnings, [])
  return join(outdir, `app${extension}`)
}

/** Runs the program; the spans as lines, and what `dd` says. */
async function trace(program: NodeProgram & { file: string }) {
  const agent = await startAgent()
  const env = { ...program.env, DD_SERVICE: 'shop', DD_TRACE_AGENT_URL: agent.url }
  const { code, stdout, stderr } = await runNode({ ...program, env })
  assert.deepEqual([code, agent.violations], [0, []], stderr)
  const spans = agent.spans().length === 0 ? '' : outline(agent.spans())
  await agent.close()
  return { stdout, spans, said: stderr }
}

const preloaded = ['--require', INIT]

/** Its service would go on asking this process whether it is alive, every second of the run. */
const stopAfterwards = () => after(() => stop())

describe('a program bundled by esbuild', () => {
  stopAfterwards()
  describeWith(postgres, 'of express and pg', (server) => {
    const folder = createProgramFolder()
    const env = () => ({ DATABASE_URL: server().url })
    let file: string
    let plain: Awaited<ReturnType<typeof runNode>>
    let unbundled: Awaited<ReturnType<typeof trace>>
    before(async () => {
      file = join(folder.path, 'app.mjs')
      writeFileSync(file, EXPRESS_AND_PG)
      plain = await runNode({ file, env: env() })
      assert.deepEqual([plain.code, plain.stderr], [0, ''])
      unbundled = await trace({ file, env: env(), execArgv: preloaded })
      assert.match(unbundled.spans, /express\.request \[GET \/users\/:id\][\s\S]*pg\.query/)
    })
    after(() => folder.remove())

    for (const { name, options } of variants) {
      describe(`into ${name}`, () => {
        it('behaves without dd as it did', async () => {
          const run = await runNode({ file: await bundle(file, options), env: env() })
          assert.deepEqual([run.code, run.stdout, run.stderr], [0, plain.stdout, ''])
        })

        // Names of functions are shortened away.
        const same = () =>
          options.minify && !options.keepNames ? unbundled.spans.replace('[show]', '[<anonymous>]') : unbundled.spans

        it('is traced when dd is preloaded', async () => {
          const run = await trace({ file: await bundle(file, options), env: env(), execArgv: preloaded })
          assert.deepEqual(run, { stdout: plain.stdout, spans: same(), said: '' })
        })

        for (const [where, external] of [
          ['outside', [INIT]],
          ['in it', []],
        ] as [string, string[]][]) {
          it(`is traced when it imports dd, which is ${where}`, async () => {
            const first = join(folder.path, 'dd-first.mjs')
            writeFileSync(first, `import ${JSON.stringify(INIT)}\nimport './app.mjs'\n`)
            const given = {
              ...options,
              external: [...(options.external ?? []), ...external],
              entryPoints: { app: first },
            }
            const run = await trace({ file: await bundle(first, given), env: env() })
            assert.deepEqual([run.stdout, run.spans], [plain.stdout, same()])
          })
        }
      })
    }

    it('is told of when it was bundled without the plugin', async () => {
      const options: BuildOptions = { format: 'cjs' }
      const run = await trace({ file: await bundle(file, options, []), env: env(), execArgv: preloaded })
      assert.equal(run.stdout, plain.stdout)
      assert.match(run.said, /^dd: express, pg, pg-pool, router are in a bundle[^\n]*dd\/esbuild[^\n]*\n$/)
    })

    it('says which libraries are in it', async () => {
      const code = `import ${JSON.stringify(INDEX)}\nimport pg from 'pg'\nconsole.log(typeof pg.Pool, globalThis[Symbol.for('dd.files')].length > 0)\n`
      const asked = join(folder.path, 'asked.mjs')
      writeFileSync(asked, code)
      const run = await runNode({ file: await bundle(asked, { format: 'cjs', entryPoints: { app: asked } }) })
      assert.deepEqual([run.code, run.stdout], [0, 'function true\n'], run.stderr)
    })
  })
})

describePackages('a bundle of ES modules', ES_PACKAGES, undefined, (set) => {
  stopAfterwards()
  for (const { name, options } of variants.filter(({ options: { packages } }) => packages === undefined)) {
    it(`is traced in ${name}`, async () => {
      const file = join(set.folder, `bundled-${process.pid}.mjs`)
      writeFileSync(file, ES_LIBRARIES)
      const plain = await runNode({ file })
      assert.deepEqual([plain.code, plain.stderr], [0, ''])
      const given = { ...options, entryPoints: { app: file } }
      const out = await bundle(file, given)
      const bundled = await runNode({ file: out })
      assert.deepEqual([bundled.code, bundled.stdout, bundled.stderr], [0, plain.stdout, ''])
      const run = await trace({ file: out, execArgv: preloaded })
      assert.deepEqual([run.stdout, run.said], [plain.stdout, ''])
      assert.deepEqual(
        run.spans.split('\n').map((line) => line.slice(2).replace(/^( *\S+).*/, '$1')),
        ES_SPANS,
      )
    })
  }
})
