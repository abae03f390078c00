// Builds the package into dist/, or the folder that is given: compiles the TypeScript, writes out which files are required, links `dd/api`,
// and copies what the compiler leaves behind (the viewer's page).

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

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

await linkApi()

const viewer = join('src', 'local-agent', 'viewer')
for (const file of readdirSync(join(root, viewer)).filter((name) => !name.endsWith('.ts'))) {
  cpSync(join(root, viewer, file), join(built, viewer, file))
}

/**
 * Makes `dd/api` one file, so that bundles and cold starts of functions have a client of 40 kB: as CommonJS, each of its forty files would
 * keep its frame and the names of all that it exports.
 */
async function linkApi() {
  const file = join(built, 'src', 'alone', 'api.js')
  const names = Object.keys(createRequire(import.meta.url)(file))
  const contents = `import { ${names} } from './api'\nmodule.exports = { ${names} }`
  await build({
    stdin: { contents, resolveDir: join(root, 'src', 'alone'), loader: 'ts' },
    outfile: file,
    allowOverwrite: true,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    charset: 'utf8',
    // The entry is a module with CommonJS exports, which is meant.
    logOverride: { 'commonjs-variable-in-esm': 'silent' },
  })
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
