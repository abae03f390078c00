// Plugins and libraries brought together: libraries written for the test, loaded in every way and order, of the right and of the
// wrong version, and what is said of those that cannot be patched.

import { strict as assert } from 'node:assert'
import { channel } from 'node:diagnostics_channel'
import http from 'node:http'
import Module from 'node:module'
import type { Hook, Plugin, PluginEntry, PluginOptions } from '../../src/plugin/contract'
import { Loader } from '../../src/plugin/loader'
import type { PatchError } from '../../src/plugin/patch-error'
import type { Patcher } from '../../src/plugin/patcher'
import { collectLog } from '../support/log-lines'
import { MadeTracer } from '../trace/made-tracer'
import { operation } from './library'
import { type PackageFiles, PackageFolder, removePackageFolders } from './package-folder'

interface Client {
  query(text: string): string
}
interface Exports {
  Client: new () => Client
}

const SOURCE = "exports.Client = class Client { query(text) { return 'rows of ' + text } }"

/** The library `fake`, in a version. */
const fake = (version: string | undefined = '1.2.0', source = SOURCE): PackageFiles => ({
  'fake/package.json': { name: 'fake', version, main: 'lib/index.js' },
  'fake/lib/index.js': "exports.Client = require('./client').Client",
  'fake/lib/client.js': source,
})

const traceQueries = ({ Client }: Exports, patcher: Patcher) =>
  patcher.trace(Client.prototype, 'query', operation('fake.query'))
const hook: Hook = { module: 'fake', versions: '>=1 <2', file: 'lib/client.js', patch: traceQueries }

describe('the loader of plugins', () => {
  const said = collectLog()
  const prototype = Module.prototype as unknown as { load(this: unknown, filename: string): unknown }
  const { load } = prototype
  let tracer: MadeTracer
  let loader: Loader
  let pluginsLoaded: string[]

  const entry = (
    name: string,
    modules: readonly string[],
    plugin: Partial<Plugin> = { hooks: [hook] },
  ): PluginEntry => ({
    name,
    modules,
    load() {
      pluginsLoaded.push(name)
      return { name, ...plugin }
    },
  })
  const make = (...entries: PluginEntry[]) => {
    loader = new Loader(entries, tracer)
    return loader
  }
  const enable = (settings: Record<string, PluginOptions> = { fake: {} }, report?: (problem: PatchError) => void) =>
    loader.enable(new Map(Object.entries(settings)), report)
  const isTraced = ({ Client }: Exports) => {
    tracer.chunks.length = 0
    assert.equal(new Client().query('users'), 'rows of users')
    return tracer.names.flat().includes('fake.query')
  }
  const requireFake = (files: PackageFiles = fake()) => new PackageFolder(files).require('fake') as Exports

  beforeEach(() => {
    tracer = new MadeTracer()
    pluginsLoaded = []
    make(entry('fake', ['fake']))
  })
  afterEach(() => {
    loader.undo()
    assert.equal(prototype.load, load, 'the way to load modules is as it was')
    removePackageFolders()
  })

  describe('patches a library', () => {
    it('at its first require, and loads the plugin only then', () => {
      enable()
      new PackageFolder({ 'other/index.js': '' }).require('other')
      assert.deepEqual(pluginsLoaded, [])
      assert.ok(isTraced(requireFake()))
      assert.deepEqual(pluginsLoaded, ['fake'])
      assert.deepEqual(said, [])
    })

    const imports = [
      "import { Client } from 'fake'; export { Client }",
      "import fake from 'fake'; export const { Client } = fake",
      "import * as fake from 'fake'; export const { Client } = fake",
      "export const { Client } = await import('fake')",
      "import { Client } from 'fake/lib/client.js'; export { Client }",
    ]
    for (const source of imports) {
      it(`at an import: ${source.split(';')[0]}`, async () => {
        enable()
        assert.ok(isTraced((await new PackageFolder(fake()).import(source)) as unknown as Exports))
      })
    }

    it('that was loaded before, in place, and says so once', () => {
      const exports = requireFake()
      enable()
      assert.ok(isTraced(exports))
      assert.deepEqual(said, ['fake was loaded before dd and is patched in place'])
    })

    it('of which there are several copies, nested or side by side, each in its version', () => {
      enable()
      const folder = new PackageFolder({
        ...fake('1.9.0'),
        'app/index.js': "module.exports = require('fake')",
        ...Object.fromEntries(Object.entries(fake('1.0.0')).map(([path, file]) => [`app/node_modules/${path}`, file])),
      })
      const copies = [folder.require('fake'), folder.require('app'), requireFake()] as Exports[]
      assert.equal(new Set(copies.map(({ Client }) => Client)).size, 3)
      for (const copy of copies) assert.ok(isTraced(copy))
    })

    it('with a scope in its name', () => {
      make(entry('fake', ['@fake/client'], { hooks: [{ ...hook, module: '@fake/client' }] }))
      enable()
      const files = Object.entries(fake()).map(([path, file]) => [path.replace('fake', '@fake/client'), file] as const)
      assert.ok(isTraced(new PackageFolder(Object.fromEntries(files)).require('@fake/client') as Exports))
    })

    it('once, however often it is enabled', () => {
      enable()
      const exports = requireFake()
      enable()
      loader.enable(new Map([['fake', {}]]))
      assert.ok(isTraced(exports))
      assert.deepEqual(tracer.names, [['fake.query']])
      assert.deepEqual(loader.enabled, ['fake'])
    })

    it('for several plugins, and gives each its own options', () => {
      const options: unknown[] = []
      const noting = { ...hook, patch: (_exports: never, patcher: Patcher) => void options.push(patcher.options) }
      make(entry('fake', ['fake']), entry('second', ['fake'], { hooks: [noting] }))
      enable({ fake: {}, second: { service: 'other' } })
      assert.ok(isTraced(requireFake()))
      assert.deepEqual(options, [{ service: 'other' }])
    })

    it('by the first hook that knows its version', () => {
      const patched: string[] = []
      const hooks = ['<1', '>=1 <1.5', '>=1.5 <2', '>=1.5'].map((versions) => ({
        ...hook,
        versions,
        patch: () => void patched.push(versions),
      }))
      make(entry('fake', ['fake'], { hooks }))
      enable()
      requireFake(fake('1.4.9'))
      requireFake(fake('1.5.0'))
      assert.deepEqual(patched, ['>=1 <1.5', '>=1.5 <2'])
      assert.deepEqual(said, [])
    })

    it('by its `index.js`, where the hook names no file and no version', () => {
      let patched: unknown
      const patch = (exports: unknown) => {
        patched = exports
      }
      make(entry('bare', ['bare'], { hooks: [{ module: 'bare', patch }] }))
      enable({ bare: {} })
      const exports: unknown = new PackageFolder({ 'bare/package.json': {}, 'bare/index.js': 'exports.a = 1' }).require(
        'bare',
      )
      assert.equal(patched, exports)
    })

    it('whose exports the plugin replaces, for those who load it from now on', async () => {
      const replacing: Hook = { ...hook, patch: ({ Client }: Exports) => ({ Client, replaced: true }) }
      make(entry('fake', ['fake'], { hooks: [replacing] }))
      enable()
      const folder = new PackageFolder(fake())
      const file = 'fake/lib/client.js'
      assert.equal((folder.require(file) as { replaced?: boolean }).replaced, true)
      const imported = await folder.import(`import f from '${file}'; export const { replaced } = f`)
      assert.equal(imported['replaced'], true)
      loader.undo()
      assert.equal((folder.require(file) as { replaced?: boolean }).replaced, undefined, 'undone')
      assert.deepEqual(said, [])
    })

    it('whose exports the plugin replaces too late for some, and says so', () => {
      make(entry('fake', ['fake'], { hooks: [{ ...hook, patch: () => ({}) }] }))
      requireFake()
      enable()
      assert.deepEqual(said, ['fake was loaded before dd and is patched in place; who had it before keeps it untraced'])
    })

    it('although somebody else hooks the loading of modules later', () => {
      enable()
      const ours = prototype.load
      const loaded: string[] = []
      prototype.load = function (filename) {
        loaded.push(filename)
        return Reflect.apply(ours, this, [filename])
      }
      try {
        assert.ok(isTraced(requireFake()))
        assert.equal(loaded.length, 2)
        loader.undo()
        assert.ok(!isTraced(requireFake()))
        assert.equal(loaded.length, 4)
      } finally {
        prototype.load = load
      }
    })
  })

  describe('minds the version', () => {
    const versions: [version: string | undefined, traced: boolean][] = [
      ['1.0.0', true],
      ['1.99.99', true],
      ['1.3.0-beta.1', true],
      ['1.2.3+build', true],
      ['0.9.9', false],
      ['2.0.0', false],
      ['2.0.0-rc.1', false],
      ['latest', false],
      ['', false],
      [undefined, false],
    ]
    for (const [version, traced] of versions) {
      it(`and ${traced ? 'patches' : 'leaves alone'} a library ${version === undefined ? 'without one' : `of "${version}"`}`, () => {
        const files = fake()
        Object.assign(files['fake/package.json']!, { version })
        enable()
        assert.equal(isTraced(requireFake(files)), traced)
        assert.equal(isTraced(requireFake(files)), traced)
        const shown = version || 'without a version'
        const line = `fake ${shown} is not supported (only >=1 <2); it is not traced`
        assert.deepEqual(said, traced ? [] : [line], 'said once')
      })
    }

    it('and says it once for a library of many files, with all ranges', () => {
      const hooks: Hook[] = [
        { ...hook, versions: '>=1 <2' },
        { ...hook, versions: '>=3 <4' },
        { ...hook, file: 'lib/index.js', versions: '>=3 <4' },
      ]
      make(entry('fake', ['fake'], { hooks }))
      enable()
      requireFake(fake('2.1.0'))
      assert.deepEqual(said, ['fake 2.1.0 is not supported (only >=1 <2 || >=3 <4); it is not traced'])
    })

    it('of the library, not only of one file that other versions are patched in', () => {
      const hooks: Hook[] = [{ ...hook, file: 'lib/index.js', versions: '<1' }, hook]
      make(entry('fake', ['fake'], { hooks }))
      enable()
      assert.ok(isTraced(requireFake()))
      assert.deepEqual(said, [])
    })

    it('that channels take over from', () => {
      const channels = [{ module: 'fake', versions: '>=2', channel: 'fake:query', operation: operation('q') as never }]
      make(entry('fake', ['fake'], { hooks: [hook], channels }))
      enable()
      requireFake(fake('2.0.0'))
      assert.deepEqual(said, [])
      requireFake(fake('0.1.0'))
      assert.deepEqual(said, ['fake 0.1.0 is not supported (only >=1 <2 || >=2); it is not traced'])
    })

    it('only where the hook names one', () => {
      make(entry('fake', ['fake'], { hooks: [{ module: 'fake', file: 'lib/client.js', patch: traceQueries }] }))
      enable()
      assert.ok(isTraced(requireFake(fake('99.0.0-x'))))
    })
  })

  describe('keeps a failure to one plugin, and says it once:', () => {
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
      const patch = (_exports: never, patcher: Patcher) =>
        patcher.wrap({} as { gone: () => void }, 'gone', (one) => one)
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

  describe('patches a builtin module', () => {
    const builtin: Partial<Plugin> = {
      hooks: [
        {
          module: 'http',
          patch: (exports: typeof http, patcher: Patcher) =>
            patcher.wrap(exports, 'validateHeaderName', (original) => (name) => original(`checked-${String(name)}`)),
        },
      ],
    }
    it('at once, also for who has imported it by name, and undoes it for all', async () => {
      make(entry('builtin', ['http'], builtin))
      const names = "import { validateHeaderName } from 'node:http'; export const current = () => validateHeaderName"
      const { current } = (await new PackageFolder({}).import(names)) as { current: () => unknown }
      const original = http.validateHeaderName
      assert.equal(current(), original)
      enable({ builtin: {} })
      assert.notEqual(http.validateHeaderName, original)
      assert.equal(current(), http.validateHeaderName)
      loader.undo()
      assert.equal(http.validateHeaderName, original)
      assert.equal(current(), original)
      assert.deepEqual(said, [])
    })
  })

  describe('subscribes to channels', () => {
    const channels = [
      {
        module: 'fake',
        channel: { start: 'dd-test:fake:start', finish: 'dd-test:fake:finish', error: 'dd-test:fake:error' },
        operation: operation('fake.query') as never,
      },
    ]
    const listened = () => channel('dd-test:fake:start').hasSubscribers
    for (const [when, modules] of [
      ['at once', []],
      ['with the first file of the library', ['fake']],
    ] as const) {
      it(`${when}, of a plugin that ${modules.length === 0 ? 'waits for no' : 'waits for a'} library`, () => {
        make(entry('fake', modules, { channels }))
        enable()
        assert.equal(listened(), modules.length === 0)
        requireFake()
        assert.equal(listened(), true)
        loader.undo()
        assert.equal(listened(), false)
      })
    }
  })

  describe('undoes everything', () => {
    it('and does it all again', () => {
      enable()
      const first = requireFake()
      for (let round = 0; round < 2; round++) {
        assert.ok(isTraced(first))
        loader.undo()
        assert.ok(!isTraced(first))
        assert.deepEqual(loader.enabled, [])
        assert.ok(!isTraced(requireFake()), 'what is loaded meanwhile stays as it is')
        enable()
      }
      assert.ok(isTraced(first))
    })

    it('of two plugins that patch one method, the later one first', () => {
      make(entry('fake', ['fake']), entry('second', ['fake']))
      enable({ fake: {}, second: {} })
      const { Client } = requireFake()
      assert.equal(new Client().query('users'), 'rows of users')
      assert.equal(tracer.spans.length, 2)
      loader.undo()
      assert.equal(isTraced({ Client }), false)
      assert.equal(Client.prototype.query.toString().includes('rows of'), true, 'the original is back')
    })
  })

  it('knows the names of all plugins, and of those that are on', () => {
    make(entry('one', ['one']), entry('two', ['two']))
    enable({ two: {}, three: {} })
    assert.deepEqual([loader.names, loader.enabled], [['one', 'two'], ['two']])
  })
})
