// Names a program that nobody named: by the nearest package.json above its entry file that has a name. One without says only
// what kind of modules a folder holds.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface NearestPackage {
  readonly name: string
  readonly version: string | undefined
}

/** Looks upward from the folder of `entry` (default: the program's file, else the working directory). */
export function nearestPackage(entry: string | undefined = process.argv[1]): NearestPackage | undefined {
  let folder = entry === undefined ? workingFolder() : dirname(entry)
  while (folder !== undefined) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
        string,
        unknown
      >
      if (isWord(name)) return { name, version: isWord(version) ? version : undefined }
    } catch {
      // Not there, or not readable: one folder up.
    }
    const parent: string = dirname(folder)
    folder = parent === folder ? undefined : parent
  }
  return undefined
}

/** The names of all that the nearest package.json above `folder` (default: the working directory) depends on. */
export function packageDependencies(folder: string | undefined = workingFolder()): Set<string> {
  for (let at = folder; at !== undefined; ) {
    try {
      const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
        readFileSync(join(at, 'package.json'), 'utf8'),
      ) as Record<string, Readonly<Record<string, string>> | undefined>
      return new Set(Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }))
    } catch {
      // As above.
    }
    const parent: string = dirname(at)
    at = parent === at ? undefined : parent
  }
  return new Set()
}

/** Undefined when it has been deleted. */
function workingFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
