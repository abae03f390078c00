// Which hooks of a plugin are about a file of a package.

import type { Hook, Plugin } from './contract'
import type { PackageFile } from './package-file'

/** The hooks for this file, of all versions. */
export function hooksOf(plugin: Plugin, { name, file }: PackageFile): Hook[] {
  return (plugin.hooks ?? []).filter((hook) => hook.module === name && filesOf(hook).includes(file))
}

/** The files that a hook is about. */
export function filesOf({ file = 'index.js' }: Hook): readonly string[] {
  return typeof file === 'string' ? [file] : file
}

/** The exports of this file that a plugin replaces where it is an ES module. */
export function replacedExports(plugin: Plugin, file: PackageFile): string[] {
  return [...new Set(hooksOf(plugin, file).flatMap(({ replaces = [] }) => replaces))]
}
