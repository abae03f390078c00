// A user of this system: as root some servers do not run.

import { execFileSync } from 'node:child_process'

/** Whom Debian's packages add. */
export function systemUser(name: string): { uid: number; gid: number } {
  const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }))
  return { uid: id('-u'), gid: id('-g') }
}
