// Which npm package a file belongs to, by its path alone.

import { sep } from 'node:path'

/** A file inside an installed package. */
export interface PackageFile {
  /** The package, such as `pg` or `@scope/name`. */
  readonly name: string
  /** The package's folder; empty in a bundle. */
  readonly folder: string
  /** Its version, where a bundle has said it. */
  readonly version?: string
  /** The path inside it, with `/`. */
  readonly file: string
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
