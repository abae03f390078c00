// The library `fake`, the plugin of it, and a loader that brings them together, for the tests of the loader: new ones for each test, after which
// modules are loaded as they were before.

import { strict as assert } from 'node:assert'
import Module from 'node:module'
import type { Hook, Plugin, PluginEntry, PluginOptions } from '../../src/plugin/contract'
import { Loader } from '../../src/plugin/loader'
import type { PatchError } from '../../src/plugin/patch-error'
import type { Patcher } from '../../src/plugin/patcher'
import { MadeTracer } from '../trace/made-tracer'
import { operation } from './library'
import { type PackageFiles, PackageFolder, removePackageFolders } from './package-folder'

interface Client {
  query(text: string): string
}
export interface Exports {
  Client: new () => Client
}

const SOURCE = "exports.Client = class Client { query(text) { return 'rows of ' + text } }"

/** The library `fake`, in a version. */
export const fake = (version: string | undefined = '1.2.0', source = SOURCE): PackageFiles => ({
  'fake/package.json': { name: 'fake', version, main: 'lib/index.js' },
  'fake/lib/index.js': "exports.Client = require('./client').Client",
  'fake/lib/client.js': source,
})

export const traceQueries = ({ Client }: Exports, patcher: Patcher) =>
  patcher.trace(Client.prototype, 'query', operation('fake.query'))
export const hook: Hook = { module: 'fake', versions: '>=1 <2', file: 'lib/client.js', patch: traceQueries }

/** Of the test that runs. */
export let tracer: MadeTracer
export let loader: Loader
/** Names of plugins, in the order in which their code was loaded. */
export let pluginsLoaded: string[]

/** Of all modules, where the loader looks on. */
export const modulePrototype = Module.prototype as unknown as { load(this: unknown, filename: string): unknown }

/** Call it inside a `describe`. */
export function useLoader(): void {
  const { load } = modulePrototype

  beforeEach(() => {
    tracer = new MadeTracer()
    pluginsLoaded = []
    make(entry('fake', ['fake']))
  })
  afterEach(() => {
    loader.undo()
    assert.equal(modulePrototype.load, load, 'the way to load modules is as it was')
    removePackageFolders()
  })
}

export const entry = (
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
export const make = (...entries: PluginEntry[]) => {
  loader = new Loader(entries, tracer)
  return loader
}
export const enable = (
  settings: Record<string, PluginOptions> = { fake: {} },
  report?: (problem: PatchError) => void,
) => loader.enable(new Map(Object.entries(settings)), report)
export const isTraced = ({ Client }: Exports) => {
  tracer.chunks.length = 0
  assert.equal(new Client().query('users'), 'rows of users')
  return tracer.names.flat().includes('fake.query')
}
export const requireFake = (files: PackageFiles = fake()) => new PackageFolder(files).require('fake') as Exports
