// Tells when a file of an npm package has been loaded, before anybody gets its exports.
//
// Every CommonJS file, required or imported, passes once through `Module.prototype.load`, with its absolute path. Watching
// that costs one look-up per file, where watching `require` costs a resolution per call, and it also sees the CommonJS packages
// that an ES module imports. ES modules and what is in a bundle announce themselves (announced-files.ts). An ES module that is
// required passes here as well, but what it imports does not: where that has not announced itself it is looked up afterwards.

import { existsSync } from 'node:fs'
import Module from 'node:module'
import { join } from 'node:path'
import { types } from 'node:util'
import { describe, log } from '../base/log'
import { mimic } from '../base/mimic'
import { quietly } from '../base/quietly'
import { announcedFiles, onAnnouncedFile } from './announced-files'
import { watchEsModules } from './es-modules'
import { type PackageFile, packageFileOf } from './package-file'
import { tellUnseenPackages } from './unseen-packages'

const WATCHING = 'watching files being loaded'

/** The loader's record of a loaded file. */
export interface LoadedModule {
  exports: unknown
}

type Listener = (file: PackageFile, module: LoadedModule) => void

interface Loader {
  load(this: RequiringModule, filename: string): void
}

interface RequiringModule extends LoadedModule {
  require(path: string): unknown
}

/**
 * Calls `listener` for every file loaded from now on of the packages `wants` names; returns the function that stops it.
 * @param replaced the exports of an ES module that the listener replaces
 * @param inner the files of the same package that the listener waits for
 */
export function onPackageFileLoaded(
  wants: (name: string) => boolean,
  listener: Listener,
  replaced: (file: PackageFile) => readonly string[] = () => [],
  inner: (file: PackageFile) => readonly string[] = () => [],
): () => void {
  const prototype = (Module as unknown as { prototype: Loader }).prototype
  const original = prototype.load
  const seen = new Set<string>()
  let active = true
  const tell: Listener = (file, module) => {
    seen.add(file.name)
    listener(file, module)
  }
  /** The ES modules that have been told. */
  const told = new Set<string>()
  function tellRequired(file: PackageFile, module: RequiringModule): void {
    const isEs = types.isModuleNamespaceObject(module.exports)
    if (isEs && told.has(join(file.folder, file.file))) return
    tell(file, module)
    if (!isEs) return
    told.add(join(file.folder, file.file))
    const { isEsModule } = require('./program-modules') as typeof import('./program-modules')
    // It has been evaluated with all that it imports: these are the same modules once more.
    for (const path of inner(file).map((one) => join(file.folder, one))) {
      if (!told.has(path) && isEsModule(path) && existsSync(path)) requireInner(module, path)
    }
  }
  function load(this: RequiringModule, filename: string): void {
    quietly(WATCHING, () => {
      const file = active && typeof filename === 'string' ? packageFileOf(filename) : undefined
      if (file !== undefined && wants(file.name)) whenComplete(this, () => tellRequired(file, this))
    })
    Reflect.apply(original, this, [filename])
  }
  prototype.load = mimic(load, original)
  const stops = [
    watchEsModules((file) => (wants(file.name) ? replaced(file) : undefined)),
    onAnnouncedFile((file, module) => {
      told.add(join(file.folder, file.file))
      if (wants(file.name)) tell(file, module)
    }),
    tellUnseenPackages((name) => wants(name) && !seen.has(name)),
  ]
  return () => {
    active = false
    for (const stop of stops) quietly(WATCHING, stop)
    if (prototype.load === load) prototype.load = original
  }
}

function requireInner(module: RequiringModule, path: string): void {
  try {
    module.require(path)
  } catch (error) {
    // The program has not asked for it.
    log.debug(() => `${path} cannot be patched (${describe(error)})`)
  }
}

/**
 * Calls `listener` when Node marks the module as loaded: the one moment at which its exports are complete and the loader of
 * ES modules has not yet taken its own copy of what they are.
 */
function whenComplete(module: LoadedModule, listener: () => void): void {
  Object.defineProperty(module, 'loaded', {
    configurable: true,
    enumerable: true,
    get: () => false,
    set(value: boolean) {
      Object.defineProperty(module, 'loaded', { configurable: true, enumerable: true, writable: true, value })
      quietly(WATCHING, listener)
    },
  })
}

/** The files of packages that are loaded already. */
export function* loadedPackageFiles(): Iterable<[PackageFile, LoadedModule]> {
  // Not `Module._cache`: under jest, whose modules never reach Node's loader, this is what the file of tests has loaded. In a single
  // executable there is none.
  for (const [path, module] of Object.entries((require.cache ?? {}) as Record<string, LoadedModule | undefined>)) {
    const file = packageFileOf(path)
    if (file !== undefined && module !== undefined) yield [file, module]
  }
  yield* announcedFiles()
}
