// The packages that benchmarks compare with: other tracers, whose real encoders and exporters are worth testing against. They are installed for
// benchmarks only, so a test that needs them is skipped where they are not.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { skipNamed } from '../services'
import { repoRoot } from './repo-root'

const folder = join(repoRoot, 'benchmarks')

/** A file from which peers can be required. */
export const peersFrom = join(folder, 'package.json')

/** To be called in `before`. */
export function needsPeers(context: Mocha.Context, ...packages: string[]): void {
  const missing = packages.filter((name) => !existsSync(join(folder, 'node_modules', name)))
  if (missing.length > 0) skipNamed(context, 'no peers', `npm install in benchmarks brings ${missing.join(', ')}`)
}
