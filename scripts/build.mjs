// Builds the package into dist/, or the folder that is given: compiles the TypeScript, writes out which files are required, and copies what
// the compiler leaves behind (the viewer's page).

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const built = join(root, process.argv[2] ?? 'dist')

rmSync(built, { recursive: true, force: true })
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const { status } = spawnSync(process.execPath, [compiler, '-p', root, '--outDir', built], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

for (const part of ['src', 'plugins']) {
  for (const file of readdirSync(join(built, part), { recursive: true })) {
    if (file.endsWith('.js')) writeOutRequires(join(built, part, file))
  }
}

const viewer = join('src', 'local-agent', 'viewer')
for (const file of readdirSync(join(root, viewer)).filter((name) => !name.endsWith('.ts'))) {
  cpSync(join(root, viewer, file), join(built, viewer, file))
}

/** `./x` becomes `./x.js` or `./x/index.js`: Node asks the file system twice for the short form, and `dd/init` requires 200 times. */
function writeOutRequires(file) {
  const text = readFileSync(file, 'utf8')
  const written = text.replace(/\brequire\((["'])(\.{1,2}\/[^"']+)\1\)/g, (all, quote, request) => {
    const ending = ['', '.js', '/index.js'].find(
      (one) => /\.\w+$/.test(request + one) && existsSync(join(dirname(file), request + one)),
    )
    return ending === undefined ? all : `require(${quote}${request}${ending}${quote})`
  })
  if (written !== text) writeFileSync(file, written)
}
