// The loader of plugins: libraries are patched in whatever way and order they are loaded, builtin modules and channels too, and all of it can be
// undone.

import { strict as assert } from 'node:assert'
import { channel } from 'node:diagnostics_channel'
import http from 'node:http'
import type { Hook, Plugin } from '../../src/plugin/contract'
import type { Patcher } from '../../src/plugin/patcher'
import { collectLog } from '../support/log-lines'
import { operation } from './library'
import {
  type Exports,
  enable,
  entry,
  fake,
  hook,
  isTraced,
  loader,
  make,
  modulePrototype,
  pluginsLoaded,
  requireFake,
  tracer,
  useLoader,
} from './loading-fakes'
import { PackageFolder } from './package-folder'

describe('the loader of plugins', () => {
  useLoader()
  const said = collectLog()

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
      const { load } = modulePrototype
      enable()
      const ours = modulePrototype.load
      const loaded: string[] = []
      modulePrototype.load = function (filename) {
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
        modulePrototype.load = load
      }
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
