// Tells when a file of an npm package has been loaded, before anybody gets its exports.
//
// Every CommonJS file, required or imported, passes once through `Module.prototype.load`, with its absolute path. Watching
// that costs one look-up per file, where watching `require` costs a resolution per call, and it also sees the packages that
// an ES module imports.

import Module from 'node:module'
import { sep } from 'node:path'
import { mimic } from '../base/mimic'

/** A file inside an installed package. */
export interface PackageFile {
  /** The package, such as `pg` or `@scope/name`. */
  readonly name: string
  /** The package's folder. */
  readonly folder: string
  /** The path inside it, with `/`. */
  readonly file: string
}

/** The loader's record of a loaded file. */
export interface LoadedModule {
  exports: unknown
}

type Listener = (file: PackageFile, module: LoadedModule) => void

interface Loader {
  load(this: LoadedModule, filename: string): void
}

const NODE_MODULES = `${sep}node_modules${sep}`

/** Which package a path belongs to; undefined outside of `node_modules`. */
export function packageFileOf(path: string): PackageFile | undefined {
  const at = path.lastIndexOf(NODE_MODULES)
  if (at === -1) return undefined
  const begin = at + NODE_MODULES.length
  let end = path.indexOf(sep, begin)
  if (path[begin] === '@' && end !== -1) end = path.indexOf(sep, end + 1)
  if (end === -1) return undefined
  const name = path.slice(begin, end)
  const file = path.slice(end + 1)
  return sep === '/'
    ? { name, folder: path.slice(0, end), file }
    : { name: name.replaceAll(sep, '/'), folder: path.slice(0, end), file: file.replaceAll(sep, '/') }
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
  return () => {
    active = false
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
