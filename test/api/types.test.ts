// The types of `dd/api`, as an installed package shows them to a strict compiler that also checks the package's own declarations: what is
// meant compiles, in both kinds of modules, and so do the examples of the doc comments; what is not meant does not.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { ExampleFolder } from '../support/example-folder'
import { repoRoot } from '../support/repo-root'
import { runNode } from '../support/spawn'
import { docComments } from './doc-comments'
import { HEAD, RIGHT, WRONG, WRONG_CLIENT } from './type-cases'

const COMPILE_TIMEOUT_MS = 60_000

const EXAMPLES = docComments.flatMap(({ method, example }) => (example === undefined ? [] : [{ method, example }]))

describe('the types of dd/api', () => {
  let folder: ExampleFolder
  before(() => {
    folder = new ExampleFolder('api')
  })
  after(() => folder.remove())

  /** What the compiler objects to, by line. */
  async function compile(file: string, text: string): Promise<Map<number, string>> {
    folder.write(file, text)
    const typeRoots = [join(repoRoot, 'node_modules', '@types')]
    const options = { strict: true, noEmit: true, module: 'nodenext', target: 'es2022', skipLibCheck: false }
    const exact = { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }
    const compilerOptions = { ...options, ...exact, lib: ['es2023', 'esnext.disposable'], typeRoots, types: ['node'] }
    folder.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [file] }))
    const compiler = join(repoRoot, 'node_modules', 'typescript', 'bin', 'tsc')
    const { stdout } = await runNode({ file: compiler, cwd: folder.path, timeoutMs: COMPILE_TIMEOUT_MS })
    const errors = new Map<number, string>()
    for (const [, name, line, error] of stdout.matchAll(/^(\S+)\((\d+),\d+\): error (.*)$/gm)) {
      // An error elsewhere is one of the package's declarations.
      assert.equal(name, file, stdout)
      errors.set(Number(line) - 1, String(error))
    }
    return errors
  }

  for (const kind of ['mts', 'cts']) {
    it(`let pass what is meant, in .${kind}`, async () => {
      const lines = [...HEAD.split('\n'), ...RIGHT]
      const errors = await compile(`right.${kind}`, lines.join('\n'))
      assert.deepEqual(
        [...errors].map(([line, error]) => [lines[line], error]),
        [],
      )
    }).timeout(COMPILE_TIMEOUT_MS)
  }

  it('let nothing else pass', async () => {
    const head = HEAD.split('\n')
    const wrong = [...Object.values(WRONG).flat(), ...WRONG_CLIENT]
    const lines = [...head, ...wrong.map(([code]) => `{ ${code} }`)]
    const errors = await compile('wrong.mts', lines.join('\n'))
    for (const [at, [code, error]] of wrong.entries()) {
      assert.match(errors.get(head.length + at) ?? 'it compiles', new RegExp(error), code)
      errors.delete(head.length + at)
    }
    assert.deepEqual([...errors], [])
  }).timeout(COMPILE_TIMEOUT_MS)

  it('let pass the examples of all doc comments', async () => {
    const text = EXAMPLES.map(({ method, example }) => `export async function ${method}_() {\n${example}\n}`)
    assert.ok(text.length > 50)
    const lines = [HEAD, ...text].join('\n').split('\n')
    const errors = await compile('examples.mts', lines.join('\n'))
    assert.deepEqual(
      [...errors].map(([line, error]) => [lines[line], error]),
      [],
    )
  }).timeout(COMPILE_TIMEOUT_MS)
})

describe('dd/api', () => {
  const folder = new ExampleFolder('api')
  after(() => folder.remove())

  const show =
    'console.log(typeof DogHttpApi, isError({ errors: [] }), new DogHttpApi({ apiKey: "a" }) instanceof DogHttpApi)'

  it('is imported by ES modules by its names', async () => {
    folder.write('named.mjs', `import { DogHttpApi, isError } from 'dd/api'\n${show}`)
    const { stdout, stderr } = await runNode({ file: join(folder.path, 'named.mjs'), cwd: folder.path })
    assert.deepEqual([stdout, stderr], ['function false true\n', ''])
  })

  it('is required by CommonJS, and is the same', async () => {
    const same = "import('dd/api').then((all) => console.log(all.DogHttpApi === DogHttpApi))"
    folder.write('required.cjs', `const { DogHttpApi, isError } = require('dd/api')\n${show}\n${same}`)
    const { stdout, stderr } = await runNode({ file: join(folder.path, 'required.cjs'), cwd: folder.path })
    assert.deepEqual([stdout, stderr], ['function false true\ntrue\n', ''])
  })
})
