// mocha's root hooks, loaded by `--require` before any test: at the end of a run they stop the servers and print where
// each came from, and leave the table of versions where it is asked for; at the end of a test they kill the child processes it left behind. And they make a rejection that
// nobody handled fail the test that runs: mocha 12 by itself swallows it. A run that stops midway fails: mocha can end with 0 then.

import { writeFileSync } from 'node:fs'
import { killChildren, testBegins, testEnds } from '../support/child-registry'
import { declared } from '../support/library'
import { leaveScopes } from '../support/test-scopes'
import { versionsTable } from '../support/versions-table'
import { servicesTable, stopServices } from './index'

process.on('unhandledRejection', (reason) => {
  throw reason
})

let ended = false
process.on('exit', (code) => {
  if (ended || code !== 0) return
  process.stderr.write('the run has stopped before its last test\n')
  process.exitCode = 1
})

export const mochaHooks: Mocha.RootHookObject = {
  beforeEach: testBegins,
  async afterEach() {
    leaveScopes()
    await testEnds()
  },
}

/** What keeps a finished run alive longer is a fault, which is said: a server not closed, a client not ended. */
const LINGER_MS = 30_000

export async function mochaGlobalTeardown(): Promise<void> {
  ended = true
  killChildren()
  const table = await servicesTable()
  await stopServices()
  if (table) process.stderr.write(`${table}\n\n`)
  const file = process.env['DD_TEST_VERSIONS_FILE']
  if (file) writeFileSync(file, versionsTable(declared).join('\n'))
  const linger = setTimeout(() => {
    process.stderr.write(`the run has passed its end and is held by ${process.getActiveResourcesInfo().join(', ')}\n`)
    // With what the tests came to.
    process.exit()
  }, LINGER_MS)
  linger.unref()
}
