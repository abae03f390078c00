// After `npm test` on a Node that is older than some libraries ask for: tests these on a newer one from the npm registry. On a laptop
// where that cannot be had it only says so; where `CI` is set it fails.

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NEWER = 24
/** The majors that ask for Node 22, and the tests they are in. */
const LIBRARIES = [
  '@elastic/elasticsearch@9',
  '@nestjs/core@12',
  'better-sqlite3@13',
  'restify@12',
  'tedious@20',
  'undici@8',
]
const TESTS = /^(better-sqlite3|elasticsearch|nestjs|node-sqlite|restify|tedious|undici-package)\.test\.js$/

const root = dirname(dirname(fileURLToPath(import.meta.url)))
if (Number.parseInt(process.versions.node, 10) < 22) testThere()

function testThere() {
  const inNode = (...args) =>
    spawnSync('npx', ['--yes', '-p', `node@${NEWER}`, '--', 'node', ...args], { cwd: root, encoding: 'utf8' })
  const { stdout, stderr, status } = inNode('-p', 'process.execPath')
  if (status !== 0) {
    console.error(`Node ${NEWER} cannot be had, so what asks for Node 22 is not tested: ${stderr.trim()}`)
    process.exitCode = process.env.CI ? 1 : 0
    return
  }
  const folder = join('dist', 'test', 'plugins')
  const files = readdirSync(join(root, folder)).filter((file) => TESTS.test(file))
  const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js')
  const options = ['--no-config', '--require', 'dist/test/services/hooks.js', '--timeout', '20000', '--reporter', 'dot']
  const run = spawnSync(stdout.trim(), [mocha, ...options, ...files.map((file) => join(folder, file))], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, DD_TEST_VERSIONS: LIBRARIES.join() },
  })
  process.exitCode = run.status ?? 1
}
