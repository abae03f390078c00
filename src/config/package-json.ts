// Names a program that nobody named: by the nearest package.json above its entry file that has a name. One without says only
// what kind of modules a folder holds.

import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { programFile } from './program-environment'

export interface NearestPackage {
  readonly name: string
  readonly version: string | undefined
}

/**
 * Looks upward from the folder of `entry` (default: the program's file, else the working directory); and where there is nothing, from the
 * file that it links to: a command that is installed for all is `/usr/local/bin/verdaccio` to Node.
 */
export function nearestPackage(entry: string | undefined = programFile()): NearestPackage | undefined {
  if (entry === undefined) return packageAbove(workingFolder())
  return packageAbove(dirname(entry)) ?? packageAbove(folderBehind(entry))
}

function packageAbove(folder: string | undefined): NearestPackage | undefined {
  for (const { name, version } of packagesAbove(folder)) {
    if (isWord(name)) return { name, version: isWord(version) ? version : undefined }
  }
  return undefined
}

/** The names of all that the nearest package.json above `folder` (default: the working directory) depends on. */
export function packageDependencies(folder: string | undefined = workingFolder()): Set<string> {
  for (const { dependencies, devDependencies, optionalDependencies } of packagesAbove(folder)) {
    return new Set([dependencies, devDependencies, optionalDependencies].flatMap((some) => Object.keys(some ?? {})))
  }
  return new Set()
}

/** Every package.json that can be read, from `folder` upward. */
function* packagesAbove(folder: string | undefined): Generator<Record<string, unknown>> {
  for (let at = folder; at !== undefined; ) {
    let found: unknown
    try {
      found = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'))
    } catch {
      // Not there, or not readable: one folder up.
    }
    if (typeof found === 'object' && found !== null) yield found as Record<string, unknown>
    const parent: string = dirname(at)
    at = parent === at ? undefined : parent
  }
}

/** Undefined where `entry` is no link. */
function folderBehind(entry: string): string | undefined {
  try {
    const file = realpathSync(entry)
    return file === entry ? undefined : dirname(file)
  } catch {
    return undefined
  }
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
