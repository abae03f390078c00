// Who may import whom: the layers, their doors, and the packages that a file may load.

import { builtinModules } from 'node:module'
import { dirname, join, normalize, sep } from 'node:path'
import { type Import, importsOf } from './read-source'

/** The folder of a file, or the name of one that stands directly in `src`. `plugins` are one folder. */
export type Part = string

const BELOW_START: readonly Part[] = [
  'base',
  'config',
  'trace',
  'plugin',
  'export',
  'metrics',
  'api-transport',
  'api',
  'local-agent',
  'plugins',
]

/** Who may import whom, besides its own folder. Folders on one line of the plan do not know each other. */
const ALLOWED: Readonly<Record<Part, readonly Part[]>> = {
  base: [],
  config: ['base'],
  trace: ['base'],
  plugin: ['base', 'trace'],
  export: ['base', 'trace'],
  'api-transport': ['base'],
  metrics: ['base', 'trace', 'api-transport'],
  api: ['base', 'api-transport'],
  'local-agent': ['base'],
  plugins: ['plugin'],
  start: [...BELOW_START, 'start-clients', 'start-parts', 'alone'],
  'start-clients': [...BELOW_START, 'alone'],
  'start-parts': ['base', 'config', 'trace', 'export'],
  alone: ['base', 'config', 'metrics', 'api', 'api-transport'],
  index: [...BELOW_START, 'start'],
  init: ['start'],
  register: ['init', 'start'],
  bundle: ['plugin', 'plugins'],
  testing: [...BELOW_START, 'start'],
  cli: [...BELOW_START, 'start'],
}

/** The only files of a folder that another folder may know. */
const DOORS: Readonly<Record<string, RegExp>> = {
  'plugins → plugin': /^src\/plugin\/(index|clients)$/,
  'start → plugins': /^plugins\/index$/,
  'bundle → plugins': /^plugins\/index$/,
  'metrics → trace': /^src\/trace\/(scope\/scope|context)$/,
}

const FOLDERS: ReadonlySet<Part> = new Set(['cli', 'testing', ...BELOW_START].filter((part) => part !== 'plugins'))

export function partOf(file: string): Part {
  const [root, ...path] = file.split('/')
  if (root === 'plugins') return 'plugins'
  return path.length > 1 ? path[0]! : path[0]!.replace(/\.m?ts$/, '')
}

/** The file an import means, without its ending; undefined for a package. */
export function targetOf(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const path = normalize(join(dirname(file), specifier))
    .split(sep)
    .join('/')
    .replace(/\.(?:m?js|m?ts|json)$/, '')
  const isFolder = path === 'plugins' || (path.startsWith('src/') && FOLDERS.has(path.slice(4)))
  return isFolder ? `${path}/index` : path
}

/** What the build bundles into a file, so that the package does not depend on it. */
const BUNDLED: Readonly<Record<string, string>> = { 'src/local-agent/otlp/protobuf-wire.ts': '@bufbuild/protobuf' }

const allowsPackage = (file: string, { specifier, isType }: Import, dependencies: ReadonlySet<string>): boolean => {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  if (BUNDLED[file] === name) return true
  return specifier.startsWith('node:') || dependencies.has(name) || (isType && /^(plugins|src\/bundle)\//.test(file))
}

/** Every import of a file that is against the rules, in words. */
export function importViolations(file: string, source: string, dependencies: ReadonlySet<string>): string[] {
  const found: string[] = []
  const part = partOf(file)
  const allowed = ALLOWED[part]
  if (allowed === undefined) return [`${file} is in a place that no rule knows`]
  for (const given of importsOf(source)) {
    const target = targetOf(file, given.specifier)
    if (target === undefined) {
      if (!allowsPackage(file, given, dependencies))
        found.push(`${file} imports ${given.specifier}, which is no dependency`)
      // Some have no other name than with it.
      const isBare = !given.specifier.startsWith('node:') && builtinModules.includes(given.specifier)
      if (isBare) found.push(`${file} imports ${given.specifier} without node:`)
      continue
    }
    if (file === 'src/start.ts' && given.specifier === '../../package.json') continue
    if (!/^(src|plugins)\//.test(target)) {
      found.push(`${file} imports ${target}, which is not shipped`)
      continue
    }
    const other = partOf(target)
    if (other === part) continue
    const door = DOORS[`${part} → ${other}`]
    if (!allowed.includes(other)) found.push(`${file} imports ${target}: ${part} may not know ${other}`)
    else if (door !== undefined && !door.test(target))
      found.push(`${file} imports ${target}, which is not the door of ${other}`)
    else if (part === 'metrics' && other === 'trace' && !given.isType)
      found.push(`${file} loads ${target}: only its types are for metrics`)
  }
  return found
}

/** Everything that is loaded, at once, when `file` is. */
export function loadedBy(file: string, sources: ReadonlyMap<string, string>, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const next of nextOf(file, sources)) loadedBy(next, sources, seen)
  return seen
}

/** Files that load each other at once, so that one of them begins before what it needs is there. Each as the way around. */
export function circlesOf(sources: ReadonlyMap<string, string>): string[] {
  const circles: string[] = []
  const done = new Set<string>()
  const walk = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file)
    if (at >= 0) circles.push([...way.slice(at), file].join(' → '))
    if (at >= 0 || done.has(file)) return
    for (const next of nextOf(file, sources)) walk(next, [...way, file])
    done.add(file)
  }
  for (const file of sources.keys()) walk(file, [])
  return circles
}

/** What a file itself loads at once. */
function nextOf(file: string, sources: ReadonlyMap<string, string>): string[] {
  return importsOf(sources.get(file) ?? '')
    .filter(({ isType, isLazy }) => !isType && !isLazy)
    .map(({ specifier }) => targetOf(file, specifier))
    .flatMap(
      (target) => [`${target}.ts`, `${target}.tsx`, `${target}/index.ts`].find((path) => sources.has(path)) ?? [],
    )
}
