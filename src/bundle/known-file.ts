// Which files that go into a bundle `dd` must hear of when they run, and what is added to them: the same for every bundler. The list
// of plugins is the only source.

import { readFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { plugins } from '../../plugins'
import { announcement } from '../plugin/announced-files'
import { announcing } from '../plugin/es-module-source'
import { hooksOf, replacedExports } from '../plugin/file-hooks'
import { type PackageFile, packageFileOf } from '../plugin/package-file'
import { isEsModule } from '../plugin/program-modules'

/** A file of a library that a plugin knows. */
export interface KnownFile {
  /** As it announces itself: its folder is nobody's affair. */
  readonly file: PackageFile
  /** Whether a plugin patches it; of others it is enough to hear that their package is there. */
  readonly isPatched: boolean
  /** Its exports that a plugin replaces where it is an ES module. */
  readonly replaced: readonly string[]
}

/** The npm packages that plugins know; Node's own modules are never in a bundle. */
export const knownPackages: readonly string[] = [...new Set(plugins.flatMap(({ modules }) => modules))]

const versions = new Map<string, string>()

/**
 * What is known of the file that `path` is.
 * @param isEntry whether it is imported by the package's name: a library that is patched nowhere may publish channels
 */
export function knownFile(path: string, isEntry: boolean): KnownFile | undefined {
  const file = packageFileOf(path)
  const entries = plugins.filter(({ modules }) => file !== undefined && modules.includes(file.name))
  if (file === undefined || entries.length === 0) return undefined
  const known = entries.map((entry) => entry.load())
  const isPatched = known.some((plugin) => hooksOf(plugin, file).length > 0)
  if (!isPatched && !isEntry) return undefined
  const said = { ...file, folder: '', version: versionOf(file.folder) }
  return { file: said, isPatched, replaced: known.flatMap((plugin) => replacedExports(plugin, file)) }
}

/** The text of the file in the bundle. */
export function announced(source: string, path: string, { file, isPatched, replaced }: KnownFile): string {
  if (!isPatched) return `${source}\n;${announcement(file)};\n`
  if (!isEsModuleText(source, path)) return `${source}\n;${announcement(file, { module: 'module' })};\n`
  return announcing(source, `./${basename(path)}`, replaced, (fields) => announcement(file, { ...fields }))
}

/** Bundlers take a file for what it looks like, where Node would ask its package. */
function isEsModuleText(source: string, path: string): boolean {
  if (extname(path) === '.cjs') return false
  if (isEsModule(path)) return true
  return /^\s*(?:import|export)\b(?!\s*\()/m.test(source.replace(/\/\*[\s\S]*?\*\//g, ''))
}

function versionOf(folder: string): string {
  let version = versions.get(folder)
  if (version === undefined) {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: unknown }
    version = String(manifest.version ?? '')
    versions.set(folder, version)
  }
  return version
}
