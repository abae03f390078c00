// A throw-away folder from which a program sees this package as an installed one: `node_modules/dd` is a link to the
// repository, and every other package resolves to the repository's own. A file elsewhere in the repository could not
// `require('dd')`: Node's self-reference stops at any folder named node_modules or with a package.json of its own.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { repoRoot } from './repo-root'

interface ProgramFolder {
  path: string
  remove(): void
}

export function createProgramFolder(): ProgramFolder {
  const parent = join(repoRoot, 'node_modules', '.cache', 'dd-test')
  mkdirSync(parent, { recursive: true })
  const path = mkdtempSync(join(parent, 'program-'))
  mkdirSync(join(path, 'node_modules'))
  symlinkSync(repoRoot, join(path, 'node_modules', 'dd'), 'junction')
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
