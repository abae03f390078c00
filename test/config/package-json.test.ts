// A program without a name gets the one of its package. The fixtures are folders as programs have them: nested packages that only
// set the module type, a broken file, a program far below its package.

import { strict as assert } from 'node:assert'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type NearestPackage, nearestPackage } from '../../src/config/package-json'

const files: Record<string, string> = {
  'package.json': '{"name":"shop","version":"1.2.3"}',
  'esm/package.json': '{"type":"module"}',
  'broken/package.json': '{"name":',
  'null/package.json': 'null',
  'numbers/package.json': '{"name":5,"version":1}',
  'empty/package.json': '{"name":""}',
  'scoped/package.json': '{"name":"@acme/api"}',
  'odd/package.json': '{"name":"odd","version":7}',
}
const shop: NearestPackage = { name: 'shop', version: '1.2.3' }
const table: [entry: string, expected: NearestPackage][] = [
  ['app.js', shop],
  ['src/deep/down/app.js', shop],
  ['esm/app.js', shop],
  ['broken/app.js', shop],
  ['null/app.js', shop],
  ['numbers/app.js', shop],
  ['empty/app.js', shop],
  ['node_modules/.bin/serve', shop],
  ['scoped/app.js', { name: '@acme/api', version: undefined }],
  ['scoped/lib/app.js', { name: '@acme/api', version: undefined }],
  ['odd/app.js', { name: 'odd', version: undefined }],
]

describe('the nearest package.json', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dd-package-'))
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    }
  })
  after(() => rmSync(folder, { recursive: true }))

  for (const [entry, expected] of table) {
    it(`names ${entry} ${expected.name}`, () => assert.deepEqual(nearestPackage(join(folder, entry)), expected))
  }

  it('is that of what a link outside of all packages leads to', () => {
    // As npm installs a command for all.
    const elsewhere = mkdtempSync(join(tmpdir(), 'dd-bin-'))
    try {
      const command = join(elsewhere, 'api')
      symlinkSync(join(folder, 'scoped', 'package.json'), command)
      assert.equal(nearestPackage(command)?.name, '@acme/api')
      symlinkSync(join(folder, 'gone.js'), join(elsewhere, 'broken'))
      assert.equal(nearestPackage(join(elsewhere, 'broken')), undefined)
    } finally {
      rmSync(elsewhere, { recursive: true })
    }
  })

  it('is looked for above the file that the program was started with', () => {
    const { argv } = process
    try {
      process.argv = [argv[0]!, join(folder, 'scoped', 'app.js'), 'an argument']
      assert.equal(nearestPackage()?.name, '@acme/api')
    } finally {
      process.argv = argv
    }
  })

  it('is looked for in the working directory when there is no entry file', () => {
    const { argv } = process
    const cwd = process.cwd()
    try {
      process.argv = [argv[0]!]
      process.chdir(join(folder, 'scoped'))
      assert.equal(nearestPackage()?.name, '@acme/api')
    } finally {
      process.argv = argv
      process.chdir(cwd)
    }
  })

  it('is nothing in a working directory that was deleted', () => {
    const { argv } = process
    const cwd = process.cwd()
    const gone = mkdtempSync(join(tmpdir(), 'dd-gone-'))
    try {
      process.argv = [argv[0]!]
      process.chdir(gone)
      rmSync(gone, { recursive: true })
      assert.equal(nearestPackage(), undefined)
    } finally {
      process.argv = argv
      process.chdir(cwd)
    }
  })

  it('may be missing', () => {
    assert.equal(nearestPackage('/no-such-folder-anywhere/app.js'), undefined)
  })
})
