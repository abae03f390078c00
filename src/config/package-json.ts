// Names a program that nobody named: by the package.json nearest to its entry file.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface NearestPackage {
  readonly name: string | undefined
  readonly version: string | undefined
}

/** Looks upward from the folder of `entry` (default: the program's file, else the working directory). */
export function nearestPackage(entry: string | undefined = process.argv[1]): NearestPackage | undefined {
  let folder = entry === undefined ? process.cwd() : dirname(entry)
  for (;;) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
        string,
        unknown
      >
      return { name: wordOrNothing(name), version: wordOrNothing(version) }
    } catch {
      // Not there, or not readable: one folder up.
    }
    const parent = dirname(folder)
    if (parent === folder) return undefined
    folder = parent
  }
}

function wordOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
