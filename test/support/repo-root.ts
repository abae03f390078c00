// The folder of this repository's package.json. Tests run as compiled files whose depth depends on the output folder,
// so paths are found by walking up to the package named `dd`, never by counting `..`.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

function findRepoRoot(from: string): string {
  const manifest = join(from, 'package.json')
  if (existsSync(manifest)) {
    const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }
    if (name === 'dd') return from
  }
  const parent = dirname(from)
  if (parent === from) throw new Error(`no package.json named "dd" above ${__dirname}`)
  return findRepoRoot(parent)
}

export const repoRoot = findRepoRoot(__dirname)
