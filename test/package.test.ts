// What is published: no more than what runs, nothing missing that package.json points to, one tracer for both kinds of modules,
// and a README that says about the options what the code says. Everything is looked up in the folder this test was built into.

import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { OWN_VERSION } from '../src/base/own-version'
import { absentAgentUrl } from './support/agent'
import { cleanEnv } from './support/clean-env'
import { optionsTable, tableIn } from './support/options-table'
import { repoRoot } from './support/repo-root'
import { runNode } from './support/spawn'

interface Manifest {
  name: string
  version: string
  main: string
  types: string
  engines: { node: string }
  exports: Record<string, string | Record<string, string>>
  bin: Record<string, string>
  dependencies?: Record<string, string>
}

/** Stands for `dist`, whatever the folder of this build is called. */
const build = join(__dirname, '..')
const manifest = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8')) as Manifest

/** Every file of the build that package.json names. */
const targets = [
  manifest.main,
  manifest.types,
  ...Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  ),
  ...Object.values(manifest.bin),
].filter((target) => target !== './package.json')

const inBuild = (target: string): string => join(build, target.replace(/^\.\/dist\//, ''))

/** What npm would publish if this build were `dist`. */
function pack(): { files: string[]; unpackedSize: number } {
  const folder = mkdtempSync(join(tmpdir(), 'dd-pack-'))
  try {
    for (const part of ['src', 'plugins', 'test']) {
      cpSync(join(build, part), join(folder, 'dist', part), { recursive: true })
    }
    for (const file of ['package.json', 'README.md', 'LICENSE']) {
      if (existsSync(join(repoRoot, file))) cpSync(join(repoRoot, file), join(folder, file))
    }
    writeFileSync(join(folder, 'secret.txt'), 'not for publication')
    // Under `npm test` the npm that runs is known; else the first one on the path is taken.
    const npm = process.env['npm_execpath']
    const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]]
    const args = [...first, 'pack', '--dry-run', '--json', '--ignore-scripts', '--offline']
    const { stdout, stderr, error } = spawnSync(command, args, { cwd: folder, env: cleanEnv(), encoding: 'utf8' })
    if (error !== undefined) throw error
    assert.notEqual(stdout, '', stderr)
    const [report] = Object.values(
      JSON.parse(stdout) as Record<string, { files: { path: string }[]; unpackedSize: number }>,
    )
    return { files: report!.files.map(({ path }) => path), unpackedSize: report!.unpackedSize }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the package', () => {
  it('is what tests, documents and programs take it for', () => {
    assert.deepEqual([manifest.name, manifest.engines.node], ['dd', '>=20'])
  })

  it('knows its own version', () => assert.equal(OWN_VERSION, manifest.version))

  for (const target of new Set(targets)) {
    it(`has what package.json points to: ${target}`, () => {
      assert.match(target, /^\.\/dist\/(src|plugins)\//)
      assert.ok(existsSync(inBuild(target)), `${inBuild(target)} is missing`)
    })
  }

  for (const [name, target] of Object.entries(manifest.bin)) {
    it(`has a command ${name} that a shell can start`, () => {
      assert.match(readFileSync(inBuild(target), 'utf8'), /^#!\/usr\/bin\/env node\n/)
    })
  }

  it('publishes what runs and its types, and neither tests nor anything that lies about', () => {
    const { files, unpackedSize } = pack()
    const foreign = files.filter((file) => !/^(dist\/(src|plugins)\/|(package\.json|README\.md|LICENSE)$)/.test(file))
    assert.deepEqual(foreign, [])
    assert.deepEqual(
      files.filter((file) => /(^|[/.])test[/.]|\.tsbuildinfo$/.test(file)),
      [],
    )
    for (const target of targets) assert.ok(files.includes(target.slice(2)), `${target} is not published`)
    for (const file of [
      'dist/src/start.js',
      'dist/src/linked.js',
      'dist/src/index.d.ts',
      'dist/plugins/index.js',
      'dist/plugins/pg.js',
    ]) {
      assert.ok(files.includes(file), `${file} is not published`)
    }
    const viewer = 'dist/src/local-agent/viewer/'
    assert.deepEqual(
      files
        .filter((file) => file.startsWith(viewer))
        .map((file) => file.slice(viewer.length))
        .sort(),
      ['app.css', 'app.js', 'icon.svg', 'index.html', 'licences.txt'],
    )
    assert.deepEqual(
      files.filter((file) => /\.(map|tsx)$|(?<!\.d)\.ts$|^docs\//.test(file)),
      [],
    )
    assert.ok(unpackedSize < 5_000_000, `${unpackedSize} bytes`)
  }).timeout(30_000)

  it('brings at most twelve packages with it, itself included', () => {
    const { packages } = JSON.parse(readFileSync(join(repoRoot, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dependencies?: Record<string, string> } | undefined>
    }
    const installed = new Set<string>()
    const install = (name: string) => {
      if (installed.has(name)) return
      installed.add(name)
      for (const next of Object.keys(packages[`node_modules/${name}`]?.dependencies ?? {})) install(next)
    }
    for (const name of Object.keys(manifest.dependencies ?? {})) install(name)
    assert.ok(installed.size > 0 && installed.size + 1 <= 12, [...installed].join(', '))
  })
})

describe('the package, loaded', () => {
  const cjs = join(build, 'src', 'index.js')
  const esm = pathToFileURL(join(build, 'src', 'index.mjs')).href

  it('gives ES modules and CommonJS the same tracer and the same names', async () => {
    const code = `
      import tracer, { patchAll, tracer as named } from ${JSON.stringify(esm)}
      import * as all from ${JSON.stringify(esm)}
      import { createRequire } from 'node:module'
      const cjs = createRequire(import.meta.url)(${JSON.stringify(cjs)})
      const names = (module) => Object.keys(module).filter((name) => name !== '__esModule' && name !== 'module.exports').sort()
      console.log(JSON.stringify({
        same: [tracer === named, tracer === cjs.tracer, tracer === cjs.default, patchAll === cjs.patchAll],
        equal: names(all).every((name) => all[name] === cjs[name]),
        esm: names(all),
        cjs: names(cjs),
      }))`
    const { stdout, stderr } = await runNode({ code, module: 'esm' })
    assert.equal(stderr, '')
    const { same, equal, esm: esmNames, cjs: cjsNames } = JSON.parse(stdout) as Record<string, unknown>
    assert.deepEqual([same, equal], [[true, true, true, true], true])
    assert.deepEqual(esmNames, cjsNames)
    for (const name of ['tracer', 'default', 'patchAll', 'patch', 'unpatchAll', 'RateSampler', 'PatchError']) {
      assert.ok((esmNames as string[]).includes(name), name)
    }
  })

  it('says nothing, starts nothing and lets the program end', async () => {
    const code = `const { tracer } = require(${JSON.stringify(cjs)}); console.log(tracer.isEnabled, process.listenerCount('beforeExit'))`
    const run = await runNode({ code })
    assert.deepEqual([run.stdout, run.stderr, run.code], ['false 0\n', '', 0])
  })

  const flags: [flag: string, file: string][] = [
    ['--require', join(build, 'src', 'init.js')],
    ['--import', pathToFileURL(join(build, 'src', 'register.js')).href],
  ]
  for (const [flag, file] of flags) {
    it(`is on from the first line with ${flag}`, async () => {
      const code = `const { tracer } = require(${JSON.stringify(cjs)}); console.log(tracer.isEnabled, tracer.service)`
      const env = { DD_SERVICE: 'shop', DD_TRACE_AGENT_URL: await absentAgentUrl() }
      const run = await runNode({ code, env, execArgv: [flag, file] })
      assert.deepEqual([run.stdout, run.stderr, run.code], ['true shop\n', '', 0])
    })
  }
})

describe('the README', () => {
  const file = join(repoRoot, 'README.md')
  const table = existsSync(file) ? tableIn(readFileSync(file, 'utf8')) : undefined

  it('has the table of options that the code has', function () {
    // Before there is a README, there is nothing that could be wrong.
    if (table === undefined) return this.skip()
    assert.ok(isDeepStrictEqual(table, optionsTable()), `it should be:\n${optionsTable().join('\n')}\n`)
  })

  it('would be caught out with a row changed, missing or added', () => {
    const rows = optionsTable()
    const between = (lines: string[]) =>
      tableIn(`# dd\n\n<!-- options -->\n${lines.join('\n')}\n\n<!-- /options -->\nmore`)
    assert.deepEqual(between(rows), rows)
    assert.notDeepEqual(between(rows.slice(0, -1)), rows)
    assert.notDeepEqual(between([...rows, '| `more` | | | | |']), rows)
    assert.notDeepEqual(between(rows.map((row) => row.replace('8126', '8127'))), rows)
    assert.deepEqual([tableIn('no table'), tableIn('<!-- /options --> <!-- options -->')], [undefined, undefined])
  })

  it('has one row for each option, in words that can be read', () => {
    const rows = optionsTable()
    assert.deepEqual(rows[0], '| option | environment | type | default | what it does |')
    const wanted = [
      "| `agentHost` | `DD_AGENT_HOST`, `DD_TRACE_AGENT_HOSTNAME` | host name or address | `127.0.0.1` | The Agent's host. |",
      '| `httpServerErrorStatuses` | `DD_TRACE_HTTP_SERVER_ERROR_STATUSES` | status codes and ranges | `500-599` | Statuses of a response that make its request an error. |',
      '| `startupLogs` | `DD_TRACE_STARTUP_LOGS` | true or false | `false` | Say in one line what was started: service, Agent, sampling, plugins. |',
    ]
    for (const row of wanted) assert.ok(rows.includes(row), row)
    for (const row of rows) assert.equal(row.replaceAll('\\|', '').split('|').length, 7, row)
  })
})
