// `npm run test:versions`: tests each plugin with the oldest and the newest release of every supported major, and when all pass
// writes the README's table of versions. Arguments go to mocha: `npm run test:versions -- --grep redis` (writes nothing then).

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const readme = join(root, 'README.md')
const folder = mkdtempSync(join(tmpdir(), 'dd-test-versions-'))
const table = join(folder, 'table.md')
const args = process.argv.slice(2)

try {
  const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js')
  // `--spec` in the configuration would add to the files given here.
  const options = ['--no-config', '--require', 'dist/test/services/hooks.js', '--timeout', '20000']
  const env = { ...process.env, DD_TEST_VERSIONS: 'all', DD_TEST_VERSIONS_FILE: table }
  const run = [mocha, ...options, 'dist/test/plugins/**/*.test.js', ...args]
  const { status } = spawnSync(process.execPath, run, { cwd: root, stdio: 'inherit', env })
  process.exitCode = status ?? 1
  if (status === 0 && args.length === 0) writeTable(readFileSync(table, 'utf8'))
} finally {
  rmSync(folder, { recursive: true })
}

function writeTable(lines) {
  const text = readFileSync(readme, 'utf8')
  const written = text.replace(
    /(<!-- versions -->\n)[\s\S]*?(<!-- \/versions -->)/,
    (_all, begin, end) => `${begin}${lines}\n${end}`,
  )
  if (written === text) return
  writeFileSync(readme, written)
  console.log('README.md: wrote the table of versions')
}
