// That packages which are ES modules tell when they have been evaluated: before their importers run, with all that they export, of
// which some can be replaced, and without a difference to the program. In the thread that Node has for it. In processes of their own, because a module hook cannot be taken out again.

import { strict as assert } from 'node:assert'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createProgramFolder } from '../support/program-folder'
import { runNode } from '../support/spawn'

const source = join(__dirname, '..', '..', 'src', 'plugin')

/** Of the package `fake`, which is watched, and `other`, which is not. */
const files: Record<string, string> = {
  'fake/package.json': '{"name":"fake","version":"1.0.0","type":"module","exports":{".":"./index.js","./*":"./*"}}',
  'fake/index.js':
    "export { Client } from './client.js'\nexport default function fake() {}\n// the end, without a newline",
  'fake/client.js': 'export class Client {\n  ask() { return "asked" }\n}\n//# sourceMappingURL=client.js.map\n',
  'fake/late.js': 'export const answer = await new Promise((resolve) => setImmediate(resolve, 42))\n',
  'fake/one.js': "import { two } from './two.js'\nexport const one = 1\nexport const both = () => one + two\n",
  'fake/two.js': "import { one } from './one.js'\nexport const two = 2\nexport const first = () => one\n",
  'fake/wrong.js': "export const a = 1\nthrow new RangeError('wrong')\n",
  'fake/common.cjs': 'exports.common = true\n',
  'fake/make.js':
    "import { use } from './use.js'\nexport const make = () => 'made'\nexport default class Made {}\nexport let count = 0\nexport function more() { count++; use() }\nexport { make as also }\n",
  'fake/use.js': "import { make } from './make.js'\nexport const use = () => make()\n",
  'other/package.json': '{"name":"other","version":"1.0.0","type":"module","exports":"./index.js"}',
  'other/index.js': 'export const text = (function () {}).toString()\nexport const url = import.meta.url\n',
}

/** What the thread of the hook reads. */
const PLUGINS = `
const hooks = [{ module: 'fake', file: 'make.js', replaces: ['default', 'make'], patch() {} }]
exports.plugins = [{ name: 'fake', modules: ['fake'], load: () => ({ name: 'fake', hooks }) }]
`

const PRELOAD = `'use strict'
const { watchEsModules, watchInOwnThread } = require(${JSON.stringify(join(source, 'es-modules.js'))})
const { onAnnouncedFile } = require(${JSON.stringify(join(source, 'announced-files.js'))})
watchInOwnThread(require.resolve('./plugins.cjs'))
watchInOwnThread('a second time')
watchEsModules(({ name, file }) => (name !== 'fake' ? undefined : file === 'make.js' ? ['default', 'make'] : []))
onAnnouncedFile(({ name, file }, { exports }) => {
  console.log('told', name, file, Object.keys(exports).join())
  if (exports.Client && file === 'client.js') exports.Client.prototype.ask = () => 'patched'
  if (file !== 'make.js') return
  const { make } = exports
  const property = Object.getOwnPropertyDescriptor(exports, 'make')
  Object.defineProperty(exports, 'make', { ...property, value: () => 're' + make() })
  exports.default = class Remade {}
  try { exports.more = () => {} } catch (error) { console.log('told', error.name) }
  globalThis.undo = () => { exports.make = make }
})
`

const MAKER = `
import Made, { count, make, more } from 'fake/make.js'
import * as all from 'fake/make.js'
more()
console.log(Made.name, make(), count, all.count, all.also(), Object.keys(all).join(), all.default === Made)
globalThis.undo?.()
console.log(make(), all.make === make)
`

const PROGRAM = `
console.log('importing')
const { default: fake, Client } = await import('fake')
console.log(fake.name, new Client().ask(), Object.keys(await import('fake')).join())
console.log((await import('fake/late.js')).answer, (await import('fake/one.js')).both())
console.log(await import('fake/wrong.js').catch((error) => error.name + ': ' + error.message))
console.log((await import('fake/common.cjs')).default.common)
console.log((await import('other')).text, (await import('other')).url === import.meta.resolve('other'))
`

describe('ES modules of packages', () => {
  const folder = createProgramFolder()
  before(() => {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder.path, 'node_modules', path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
    writeFileSync(join(folder.path, 'app.mjs'), PROGRAM)
    writeFileSync(join(folder.path, 'maker.mjs'), MAKER)
    writeFileSync(join(folder.path, 'preload.cjs'), PRELOAD)
    writeFileSync(join(folder.path, 'plugins.cjs'), PLUGINS)
  })
  after(() => folder.remove())

  const run = (execArgv: string[], program = 'app.mjs') =>
    runNode({ file: join(folder.path, program), cwd: folder.path, execArgv })
  const preload = () => ['--import', pathToFileURL(join(folder.path, 'preload.cjs')).href]

  it('tell what they export before their importers run, and change nothing for these', async () => {
    const plain = await run([])
    const watched = await run(preload())
    assert.deepEqual([watched.code, watched.stderr], [0, ''])
    const lines = watched.stdout.trim().split('\n')
    assert.deepEqual(
      lines.filter((line) => line.startsWith('told')),
      [
        'told fake client.js Client',
        'told fake index.js Client,default',
        'told fake late.js answer',
        'told fake two.js first,two',
        'told fake one.js both,one',
      ],
    )
    assert.ok(lines.indexOf('told fake index.js Client,default') < lines.indexOf('fake patched Client,default'))
    const own = lines.filter((line) => !line.startsWith('told')).join('\n')
    assert.equal(own, plain.stdout.trim().replace('fake asked', 'fake patched'))
  })

  it('let some exports be replaced for all who import them, and put back', async () => {
    const plain = await run([], 'maker.mjs')
    assert.equal(plain.stdout, 'Made made 1 1 made also,count,default,make,more true\nmade true\n')
    const watched = await run(preload(), 'maker.mjs')
    assert.deepEqual([watched.code, watched.stderr], [0, ''])
    assert.deepEqual(watched.stdout.trim().split('\n'), [
      'told fake use.js use',
      'told fake make.js also,count,default,make,more',
      'told TypeError',
      'Remade remade 1 1 made also,count,default,make,more true',
      'made true',
    ])
  })
})
