// `dog --version`: the version of this package, and of the Node.js it runs on.
//
// Both, because a bug report needs both, and they are rarely what one thinks they are.

import { OWN_VERSION } from '../base/own-version'

export function versionCommand(): number {
  process.stdout.write(`dd ${OWN_VERSION}, Node.js ${process.version}\n`)
  return 0
}
