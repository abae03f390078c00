// Tells when a file of an npm package has been loaded, before anybody gets its exports.
//
// Every CommonJS file, required or imported, passes once through `Module.prototype.load`, with its absolute path. Watching
// that costs one look-up per file, where watching `require` costs a resolution per call, and it also sees the CommonJS packages
// that an ES module imports. Packages that are ES modules tell by themselves (es-modules.ts).

import Module from 'node:module'
import { mimic } from '../base/mimic'
import { onEsModuleEvaluated } from './es-modules'
import { type PackageFile, packageFileOf } from './package-file'

/** The loader's record of a loaded file. */
export interface LoadedModule {
  exports: unknown
}

type Listener = (file: PackageFile, module: LoadedModule) => void

interface Loader {
  load(this: LoadedModule, filename: string): void
}

/** Calls `listener` for every file loaded from now on of the packages `wants` names; returns the function that stops it. */
export function onPackageFileLoaded(wants: (name: string) => boolean, listener: Listener): () => void {
  const prototype = (Module as unknown as { prototype: Loader }).prototype
  const original = prototype.load
  let active = true
  function load(this: LoadedModule, filename: string): void {
    const file = active && typeof filename === 'string' ? packageFileOf(filename) : undefined
    if (file !== undefined && wants(file.name)) whenComplete(this, () => listener(file, this))
    Reflect.apply(original, this, [filename])
  }
  prototype.load = mimic(load, original)
  const stop = onEsModuleEvaluated((file, module) => {
    if (wants(file.name)) listener(file, module)
  })
  return () => {
    active = false
    stop()
    if (prototype.load === load) prototype.load = original
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
      listener()
    },
  })
}

/** The files of packages that are loaded already. */
export function* loadedPackageFiles(): Iterable<[PackageFile, LoadedModule]> {
  const { _cache: cache } = Module as unknown as { _cache: Record<string, LoadedModule | undefined> }
  for (const [path, module] of Object.entries(cache)) {
    const file = packageFileOf(path)
    if (file !== undefined && module !== undefined) yield [file, module]
  }
}
