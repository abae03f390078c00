// The loader of plugins keeps a failure to one plugin, says it once, and leaves the library as it is.

import { strict as assert } from 'node:assert'
import type { Plugin, PluginEntry } from '../../src/plugin/contract'
import type { PatchError } from '../../src/plugin/patch-error'
import type { Patcher } from '../../src/plugin/patcher'
import { collectLog } from '../support/log-lines'
import {
  type Exports,
  enable,
  entry,
  fake,
  hook,
  isTraced,
  make,
  pluginsLoaded,
  requireFake,
  useLoader,
} from './loading-fakes'
import { type PackageFiles, PackageFolder } from './package-folder'

describe('the loader of plugins keeps a failure to one plugin, and says it once:', () => {
  useLoader()
  const said = collectLog()

  const failures: [name: string, plugin: Partial<Plugin>, files: PackageFiles, line: RegExp][] = [
    [
      'a method that is missing',
      { hooks: [hook] },
      fake('1.2.0', 'exports.Client = class {}'),
      /^the fake plugin cannot patch fake\/lib\/client\.js \(TypeError: there is no method query\); it is not traced$/,
    ],
    [
      'exports that are not what they were',
      { hooks: [hook] },
      fake('1.2.0', 'module.exports = 7'),
      /^the fake plugin cannot patch fake\/lib\/client\.js \(TypeError: Cannot read [^\n]*\); it is not traced$/,
    ],
    [
      'exports that are frozen',
      { hooks: [hook] },
      fake('1.2.0', 'exports.Client = class { query() {} }; Object.freeze(exports.Client.prototype)'),
      /^the fake plugin cannot patch [^ ]* \(TypeError: query is read-only and cannot be replaced\); it is not traced$/,
    ],
    [
      'a patch that throws',
      { hooks: [{ ...hook, patch: () => assert.fail('of the plugin') }] },
      fake(),
      /^the fake plugin cannot patch fake\/lib\/client\.js \(AssertionError[^\n]*: of the plugin\); it is not traced$/,
    ],
  ]
  for (const [name, plugin, files, line] of failures) {
    it(name, () => {
      let patched = 0
      make(
        entry('fake', ['fake'], plugin),
        entry('second', ['fake'], {
          hooks: [{ ...hook, file: 'lib/index.js', versions: '*', patch: () => void patched++ }],
        }),
      )
      enable({ fake: {}, second: {} })
      for (let copy = 0; copy < 2; copy++) requireFake(files)
      assert.equal(patched, 2)
      assert.equal(said.length, 1, said.join('\n'))
      assert.match(said[0]!, line)
    })
  }

  it('a package without package.json', () => {
    const { 'fake/package.json': _, ...files } = fake()
    enable()
    const folder = new PackageFolder(files)
    assert.equal(isTraced(folder.require('fake/lib/index.js') as Exports), false)
    assert.equal(said.length, 1)
    assert.match(
      said[0]!,
      /^the fake plugin cannot patch fake\/lib\/client\.js \(Error: ENOENT[^\n]*; it is not traced$/,
    )
  })

  it('a plugin file that cannot be loaded', () => {
    const broken: PluginEntry = {
      name: 'fake',
      modules: ['fake'],
      load() {
        pluginsLoaded.push('fake')
        throw new SyntaxError('of the plugin')
      },
    }
    make(broken, entry('second', ['fake']))
    enable({ fake: {}, second: {} })
    assert.ok(isTraced(requireFake()))
    assert.ok(isTraced(requireFake()))
    assert.deepEqual(pluginsLoaded, ['fake', 'second'])
    assert.deepEqual(said, [
      'the fake plugin cannot patch fake/lib/client.js (SyntaxError: of the plugin); it is not traced',
    ])
  })

  it('a builtin module', () => {
    const patch = (_exports: never, patcher: Patcher) => patcher.wrap({} as { gone: () => void }, 'gone', (one) => one)
    make(entry('broken', ['http'], { hooks: [{ module: 'http', patch }] }), entry('fake', ['fake']))
    enable({ broken: {}, fake: {} })
    assert.ok(isTraced(requireFake()))
    assert.deepEqual(said, [
      'the broken plugin cannot patch http (TypeError: there is no method gone); it is not traced',
    ])
  })

  it('and reports it instead to whoever asked, if the library is loaded already', () => {
    const problems: PatchError[] = []
    requireFake(fake('1.2.0', 'exports.Client = class {}'))
    enable({ fake: {} }, (problem) => problems.push(problem))
    assert.deepEqual(
      problems.map(({ name, plugin, message, cause }) => [name, plugin, message, (cause as Error).name]),
      [
        [
          'PatchError',
          'fake',
          'the fake plugin cannot patch fake/lib/client.js (TypeError: there is no method query); it is not traced',
          'TypeError',
        ],
      ],
    )
    requireFake(fake('2.0.0'))
    assert.deepEqual(said, ['fake 2.0.0 is not supported (only >=1 <2); it is not traced'])
  })
})
