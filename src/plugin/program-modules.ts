// What the program and its packages consist of, kinds of modules and pieces of bundles, read from names, manifests and text. Loaded when
// somebody asks, for that is late, if ever.

import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'

interface Manifest {
  readonly type?: unknown
  readonly exports?: unknown
  readonly main?: unknown
}

/** What `import` looks for, in Node (documentation, "Conditional exports"). */
const CONDITIONS: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'default'])

/** The files of the program that are read at most. */
const MAX_FILES = 500

/** No bundle that has a library in it is smaller, few main files that are none are larger; what is larger still is not read. */
const BUNDLE_BYTES = { least: 50_000, most: 50_000_000 }

/** How bundles that are not minified name where a piece of them comes from: a comment or a key. */
const ORIGIN = /(?:\/\/ |["'])(?:\.{1,2}\/)*node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//g

/** The file that the program began with, without links; undefined where there is none, as in a REPL. */
export function mainFile(): string | undefined {
  try {
    return process.argv[1] === undefined ? undefined : realpathSync(process.argv[1])
  } catch {
    return undefined
  }
}

/** Whether a file is an ES module by its name or the nearest package.json; one that only its syntax makes so is not told. */
export function isEsModule(file: string): boolean {
  const extension = extname(file)
  if (/^\.m[jt]s$/.test(extension)) return true
  return /^\.[jt]s$|^$/.test(extension) && nearestManifest(dirname(file))?.type === 'module'
}

/** The packages that the program's own files import, as far as their text says so, and that are ES modules for who imports them. */
export function importedEsPackages(main: string): string[] {
  const names = new Set<string>()
  const files = new Set([main])
  // What is added on the way is visited, too.
  for (const file of files) {
    for (const specifier of specifiersIn(file)) {
      const name = /^(@[^/]+\/)?[^./#:][^/:]*(?=\/|$)/.exec(specifier)?.[0]
      if (name !== undefined) names.add(name)
      else if (/^\.{1,2}\//.test(specifier) && files.size < MAX_FILES) files.add(join(dirname(file), specifier))
    }
  }
  return [...names].filter((name) => isEsPackage(name, dirname(main))).sort()
}

/** The packages that a file has pieces of, if it is a bundle. */
export function bundledIn(file: string): string[] {
  try {
    const { size } = statSync(file)
    if (size < BUNDLE_BYTES.least || size > BUNDLE_BYTES.most) return []
    const names = [...readFileSync(file, 'utf8').matchAll(ORIGIN)].map(([, name]) => name!)
    return [...new Set(names)].sort()
  } catch {
    return []
  }
}

function specifiersIn(file: string): string[] {
  try {
    const text = isEsModule(file) ? readFileSync(file, 'utf8') : ''
    return [...text.matchAll(/\b(?:from|import)\s*\(?\s*(?:'([^'\n]+)'|"([^"\n]+)")/g)].map(
      (match) => match[1] ?? match[2]!,
    )
  } catch {
    return []
  }
}

function isEsPackage(name: string, from: string): boolean {
  const folder = folderOf(name, from)
  const manifest = folder === undefined ? undefined : readManifest(folder)
  if (folder === undefined || manifest === undefined) return false
  const entry = importedEntry(manifest.exports) ?? manifest.main ?? 'index.js'
  return typeof entry === 'string' && isEsModule(join(folder, entry))
}

function importedEntry(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports
  if (Array.isArray(exports)) return importedEntry(exports[0])
  if (typeof exports !== 'object' || exports === null) return undefined
  if ('.' in exports) return importedEntry(exports['.'])
  for (const [condition, target] of Object.entries(exports)) {
    const entry = CONDITIONS.has(condition) ? importedEntry(target) : undefined
    if (entry !== undefined) return entry
  }
  return undefined
}

function folderOf(name: string, from: string): string | undefined {
  for (const folder of upward(from)) {
    const candidate = join(folder, 'node_modules', name)
    if (readManifest(candidate) !== undefined) return candidate
  }
  return undefined
}

function nearestManifest(from: string): Manifest | undefined {
  for (const folder of upward(from)) {
    const manifest = readManifest(folder)
    if (manifest !== undefined) return manifest
  }
  return undefined
}

function readManifest(folder: string): Manifest | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return typeof manifest === 'object' && manifest !== null ? manifest : undefined
  } catch {
    return undefined
  }
}

function* upward(from: string): Iterable<string> {
  yield from
  const parent = dirname(from)
  if (parent !== from) yield* upward(parent)
}
