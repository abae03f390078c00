// The variables that Node's own HTTP client heeds while it runs, for a thread that gets no others: with NODE_OPTIONS, for one, it
// would load `dd` again.

import { programEnvironment } from './program-environment'

const NAMES = ['NODE_TLS_REJECT_UNAUTHORIZED']

export function clientEnvironment(
  env: Readonly<Record<string, string | undefined>> = programEnvironment(),
): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name of NAMES) {
    const value = env[name]
    if (value !== undefined) kept[name] = value
  }
  return kept
}
