// The Nodes to measure on: versions that package.json here installs from npm, or any by its path.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const packages = fileURLToPath(new URL('node_modules/', import.meta.url))

/** The first is the one that targets are set for. */
export const MAJORS = [24, 20, 22, 26]

/** @param versionOrPath `24`: the package node24; else the path of a program */
export function nodeOf(versionOrPath) {
  const path = /^\d+$/.test(versionOrPath) ? installed(versionOrPath) : resolve(versionOrPath)
  const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim()
  return { path, version, major: Number(version.slice(1).split('.')[0]) }
}

function installed(major) {
  const binary = join(packages, `node${major}`, 'bin', 'node')
  if (existsSync(binary)) return binary
  throw new Error(
    `${binary} is missing; the packages are ${MAJORS.map((known) => `node${known}`).join(', ')}, and ` +
      `\`npm rebuild node${major}\` in benchmarks/ makes one's program; or give a path`,
  )
}
