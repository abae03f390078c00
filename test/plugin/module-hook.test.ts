// How a loaded file is recognised as part of a package, and that nobody's way of loading modules is changed by watching it.

import { strict as assert } from 'node:assert'
import Module from 'node:module'
import { loadedPackageFiles, onPackageFileLoaded } from '../../src/plugin/module-hook'
import { type PackageFile, packageFileOf } from '../../src/plugin/package-file'
import { PackageFolder, removePackageFolders } from './package-folder'

interface Loading {
  load(this: unknown, filename: string): unknown
}

const { prototype } = Module as unknown as { prototype: Loading }

describe('packageFileOf', () => {
  const paths: [path: string, folder: string | undefined, name?: string, file?: string][] = [
    ['/app/node_modules/pg/lib/client.js', '/app/node_modules/pg', 'pg', 'lib/client.js'],
    ['/app/node_modules/pg/index.js', '/app/node_modules/pg', 'pg', 'index.js'],
    [
      '/app/node_modules/@redis/client/dist/lib/client/index.js',
      '/app/node_modules/@redis/client',
      '@redis/client',
      'dist/lib/client/index.js',
    ],
    ['/app/node_modules/a/node_modules/b/c.js', '/app/node_modules/a/node_modules/b', 'b', 'c.js'],
    ['/app/node_modules/@a/b/node_modules/@c/d/e.js', '/app/node_modules/@a/b/node_modules/@c/d', '@c/d', 'e.js'],
    [
      '/app/node_modules/.pnpm/pg@8.11.0/node_modules/pg/lib/client.js',
      '/app/node_modules/.pnpm/pg@8.11.0/node_modules/pg',
      'pg',
      'lib/client.js',
    ],
    [
      '/app/node_modules/.pnpm/@a+b@1.0.0_c@2/node_modules/@a/b/i.js',
      '/app/node_modules/.pnpm/@a+b@1.0.0_c@2/node_modules/@a/b',
      '@a/b',
      'i.js',
    ],
    [
      '/app/.yarn/cache/pg-npm-8.zip/node_modules/pg/index.js',
      '/app/.yarn/cache/pg-npm-8.zip/node_modules/pg',
      'pg',
      'index.js',
    ],
    ['/node_modules/pg/index.js', '/node_modules/pg', 'pg', 'index.js'],
    ['/app/node_modules/pg/node_modules.js', '/app/node_modules/pg', 'pg', 'node_modules.js'],
    ['/app/lib/client.js', undefined],
    ['/app/my_node_modules/pg/index.js', undefined],
    ['/app/node_modules.old/pg/index.js', undefined],
    ['/app/node_modules/file.js', undefined],
    ['/app/node_modules/@scope/file.js', undefined],
    ['/app/node_modules/', undefined],
    ['node_modules/pg/index.js', undefined],
    ['', undefined],
  ]
  for (const [path, folder, name, file] of paths) {
    it(`finds ${name ?? 'no package'} in ${path || 'an empty path'}`, function () {
      if (process.platform === 'win32') this.skip()
      assert.deepEqual(packageFileOf(path), folder === undefined ? undefined : { name, folder, file })
    })
  }
})

describe('onPackageFileLoaded', () => {
  const { load: nodes } = prototype
  let seen: { file: PackageFile; exports: unknown }[]
  let stop: () => void
  beforeEach(() => {
    seen = []
    stop = onPackageFileLoaded(
      (name) => name !== 'unwanted',
      (file, { exports }) => seen.push({ file, exports }),
    )
  })
  afterEach(() => {
    stop()
    prototype.load = nodes
    removePackageFolders()
  })

  it('tells once of every file of a package, when it is loaded and before anybody has it', () => {
    const folder = new PackageFolder({
      'one/package.json': { name: 'one', main: 'lib/main.js' },
      'one/lib/main.js': "exports.seen = require('./part'); exports.data = require('../data.json')",
      'one/lib/part.js': 'exports.part = true',
      'one/data.json': { data: true },
    })
    folder.require('one')
    folder.require('one')
    assert.deepEqual(
      seen.map(({ file }) => file),
      ['lib/part.js', 'data.json', 'lib/main.js'].map((file) => ({
        name: 'one',
        folder: `${folder.path}/node_modules/one`,
        file,
      })),
    )
    assert.deepEqual(seen[0]!.exports, { part: true })
  })

  it('says nothing of the program itself, of other packages, nor of a file that fails', () => {
    const folder = new PackageFolder({ 'broken/index.js': "throw new Error('cannot start')", 'unwanted/index.js': '' })
    folder.require('unwanted')
    folder.require(folder.write('own.js', 'exports.own = 1'))
    assert.throws(() => folder.require('broken'), /cannot start/)
    assert.throws(() => folder.require('absent'), { code: 'MODULE_NOT_FOUND' })
    assert.deepEqual(seen, [])
  })

  it('sees the packages that ES modules import', async () => {
    const folder = new PackageFolder({ 'one/index.js': "exports.part = require('./part')", 'one/part.js': '' })
    const { one } = await folder.import("export { default as one } from 'one'")
    assert.deepEqual(one, { part: {} })
    assert.deepEqual(
      seen.map(({ file }) => file.file),
      ['part.js', 'index.js'],
    )
  })

  it('shows a file in the making as not yet loaded, and then as loaded', () => {
    const folder = new PackageFolder({ 'one/index.js': 'exports.during = module.loaded; exports.module = module' })
    const { during, module } = folder.require('one') as { during: boolean; module: object }
    assert.equal(during, false)
    assert.deepEqual(Object.getOwnPropertyDescriptor(module, 'loaded'), {
      configurable: true,
      enumerable: true,
      value: true,
      writable: true,
    })
  })

  it('puts the loader back as it was', () => {
    assert.notEqual(prototype.load, nodes)
    assert.deepEqual([prototype.load.name, prototype.load.length], [nodes.name, nodes.length])
    stop()
    assert.equal(prototype.load, nodes)
  })

  it('leaves the loader of somebody who came later, and falls silent behind it', () => {
    const ours = prototype.load
    const theirs: Loading['load'] = function (filename) {
      return Reflect.apply(ours, this, [filename])
    }
    prototype.load = theirs
    const folder = new PackageFolder({ 'one/index.js': '', 'two/index.js': '' })
    folder.require('one')
    assert.equal(seen.length, 1)
    stop()
    assert.equal(prototype.load, theirs)
    folder.require('two')
    assert.equal(seen.length, 1)
  })
})

describe('loadedPackageFiles', () => {
  it('gives what is loaded already, with its exports', () => {
    const folder = new PackageFolder({ 'early/index.js': 'exports.early = true' })
    const exports: unknown = folder.require('early')
    const found = [...loadedPackageFiles()].find(([{ name }]) => name === 'early')
    removePackageFolders()
    assert.equal(found?.[1].exports, exports)
  })
})
