// What `dd` says in the tests of a suite: the lines of its log, kept from stderr, forgotten before each test.

import { log } from '../../src/base/log'

/** Call it inside a `describe`, or at the top of a file; the array is filled anew for each test. */
export function collectLog(): readonly string[] {
  const lines: string[] = []
  beforeEach(() => {
    lines.length = 0
    log.reset()
    log.configure({ sink: (_level, line) => lines.push(line) })
  })
  afterEach(() => log.reset())
  return lines
}
