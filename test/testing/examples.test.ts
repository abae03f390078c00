// The examples are run as their readers would: by the real mocha, vitest, jest and `node --test`, in a folder where `dd` is an
// installed package. And what the README says of each runner is tried out: whether a library that a test loads is traced, before and
// after the recording begins, and whether files of tests leave each other alone.

import { strict as assert } from 'node:assert'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { satisfies } from 'semver'
import { skipNamed } from '../services'
import { ExampleFolder } from '../support/example-folder'
import { INSTALL_TIMEOUT_MS, PackageSet } from '../support/npm-packages'
import { repoRoot } from '../support/repo-root'
import { type Finished, runNode } from '../support/spawn'

const RUN_TIMEOUT_MS = 30_000

interface Runner {
  title: string
  example: string
  /** The npm package, and the file of it that is the command. */
  package?: readonly [name: string, version: string, file: string]
  /** What it needs beside it. */
  beside?: Readonly<Record<string, string>>
  /** The Nodes it runs on. */
  node?: string
  args: readonly string[]
  /** What it prints when all three tests of the example have passed. */
  passed: RegExp
  /** Where it keeps the snapshot. */
  snapshot?: string
  /** Whether it has a loader of its own, in which `dd` sees no library being loaded. */
  isBlind?: true
  /** A file of tests; `loads` and `records` are statements, `body` is that of the test. */
  file(loads: string, body: string): readonly [name: string, text: string]
}

const commonJs = (head: string): Runner['file'] => {
  return (loads, body) => [
    'library.test.js',
    `${head}const assert = require('node:assert/strict')\n${loads}\ntest('a library', async () => {\n${body}\n})\n`,
  ]
}

const vitest = (version: string, node: string, beside: Runner['beside'] = {}): Runner => ({
  title: `vitest ${version}`,
  example: 'testing-vitest',
  package: ['vitest', version, 'vitest.mjs'],
  beside,
  node,
  args: ['run', '--reporter=verbose'],
  passed: /Tests {2}3 passed \(3\)/,
  snapshot: '__snapshots__/shop.test.js.snap',
  file: (loads, body) => [
    'library.test.js',
    `import assert from 'node:assert/strict'\nimport { test } from 'vitest'\n${loads}\ntest('a library', async () => {\n${body}\n})\n`,
  ],
})

const RUNNERS: readonly Runner[] = [
  {
    title: 'mocha 12.0.3',
    example: 'testing-mocha',
    package: ['mocha', '12.0.3', 'bin/mocha.js'],
    args: ['*.test.js'],
    passed: /3 passing/,
    file: commonJs('const test = it\n'),
  },
  {
    title: 'node --test',
    example: 'testing-node',
    args: ['--test', '--test-reporter=spec'],
    passed: satisfies(process.version, '>=22.3') ? /pass 3\n/ : /pass 2\n.*skipped 1\n/s,
    snapshot: 'shop.test.js.snapshot',
    file: commonJs("const { test } = require('node:test')\n"),
  },
  {
    title: 'jest 30.5.2',
    example: 'testing-jest',
    package: ['jest', '30.5.2', 'bin/jest.js'],
    args: ['--ci', '--runInBand'],
    passed: /Tests: {7}3 passed, 3 total/,
    snapshot: '__snapshots__/shop.test.js.snap',
    isBlind: true,
    file: commonJs(''),
  },
  vitest('3.2.7', '>=20'),
  vitest('5.1.1', '^22.12 || ^24 || >=26', { vite: '8.3.8' }),
]

/** A request to an express program, all in one test. */
const EXPRESS = `
  const app = express()
  app.get('/items/:id', (request, response) => response.end())
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    await (await fetch('http://127.0.0.1:' + server.address().port + '/items/7')).text()
    const { resource } = await recorded.waitFor('express.request')
    assert.equal(resource, 'GET /items/:id')
  } finally {
    server.close()
    await recorded.stop()
  }`

const RECORD = "const recorded = recordSpans({ service: 'shop', patch: { http: true, express: true, router: true } })"

describe('the example of dd/testing', () => {
  for (const runner of RUNNERS) {
    describe(`for ${runner.title}`, () => {
      const [name, version, command] = runner.package ?? []
      const set =
        name === undefined
          ? undefined
          : new PackageSet(`${name} ${version}`, { [name]: String(version), ...runner.beside })
      const folders: ExampleFolder[] = []

      before(async function () {
        this.timeout(INSTALL_TIMEOUT_MS)
        if (runner.node !== undefined && !satisfies(process.version, runner.node)) {
          this.test?.parent?.eachTest((test) => {
            test.title += ` (skipped: it asks for Node ${runner.node})`
          })
          this.skip()
        }
        await set?.install().catch((error: Error) => skipNamed(this, `${name} could not be installed`, error.message))
      })
      afterEach(() => {
        for (const folder of folders.splice(0)) folder.remove()
      })

      const open = (): ExampleFolder => {
        const folder = new ExampleFolder(runner.example, set?.folder)
        folders.push(folder)
        return folder
      }
      const run = (folder: ExampleFolder, args: readonly string[] = []): Promise<Finished> => {
        const program =
          name === undefined
            ? { file: args[0] ?? 'shop.test.js', execArgv: [...runner.args] }
            : { file: folder.command(name, String(command)), args: [...runner.args, ...args] }
        return runNode({
          ...program,
          cwd: folder.path,
          env: { CI: 'true', NO_COLOR: '1', FORCE_COLOR: undefined },
          timeoutMs: RUN_TIMEOUT_MS,
        })
      }
      const outputOf = ({ stdout, stderr }: Finished): string => `${stdout}\n${stderr}`

      it('passes, as it is in the repository', async () => {
        const folder = open()
        const finished = await run(folder)
        assert.match(outputOf(finished), runner.passed)
        assert.equal(finished.code, 0, outputOf(finished))
        if (runner.snapshot === undefined) return
        const file = join(repoRoot, 'examples', runner.example, runner.snapshot)
        assert.ok(existsSync(file), `${file} is to be made with the runner's own flag`)
        const snapshot = readFileSync(file, 'utf8')
        assert.match(snapshot, /shop\.price/)
      }).timeout(RUN_TIMEOUT_MS)

      it('fails, with all spans in its message, when the program makes another span', async () => {
        const folder = open()
        const source = readFileSync(join(folder.path, 'shop.js'), 'utf8')
        folder.write('shop.js', source.replace("'shop.price'", "'shop.cost'"))
        const finished = await run(folder)
        assert.notEqual(finished.code, 0)
        assert.match(outputOf(finished), /no span \{ name: 'shop\.price', childOf: .*\}; there are:/s)
        assert.match(outputOf(finished), /└─ shop\.cost {2}apple {2}\(shop\)/)
      }).timeout(RUN_TIMEOUT_MS)

      const isModule = runner.example === 'testing-vitest'
      const load = (what: string, from: string) =>
        isModule ? `import ${what} from '${from}'` : `const ${what} = require('${from}')`
      const testing = load('{ recordSpans }', 'dd/testing')
      it('traces a library that was loaded before the recording', async () => {
        const folder = open()
        const [file, text] = runner.file(`${testing}\n${load('express', 'express')}`, `${RECORD}${EXPRESS}`)
        folder.write(file, text)
        const finished = await run(folder, [file])
        assert.equal(finished.code, 0, outputOf(finished))
      }).timeout(RUN_TIMEOUT_MS)

      it(`${runner.isBlind ? 'does not trace' : 'traces'} a library that is loaded later`, async () => {
        const folder = open()
        const late = isModule
          ? "const { default: express } = await import('express')"
          : "const express = require('express')"
        const [file, text] = runner.file(testing, `${RECORD}\n${late}${EXPRESS}`)
        folder.write(file, text)
        const finished = await run(folder, [file])
        if (!runner.isBlind) return assert.equal(finished.code, 0, outputOf(finished))
        assert.match(outputOf(finished), /no span \{ name: 'express\.request' \}; there are:\s+└─ web\.request/)
      }).timeout(RUN_TIMEOUT_MS)

      if (runner.isBlind) {
        it('keeps files of tests in one process apart, also where one does not stop', async () => {
          const folder = open()
          const [, text] = runner.file(testing, "recordSpans({ service: 'left', patch: { http: true } })")
          folder.write('a-left.test.js', text)
          folder.write('z-left.test.js', text)
          const finished = await run(folder)
          assert.match(outputOf(finished), /Tests: {7}5 passed, 5 total/)
          assert.equal(finished.code, 0, outputOf(finished))
        }).timeout(RUN_TIMEOUT_MS)
      }
    })
  }
})
