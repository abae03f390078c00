// Builds the package into dist/, or the folder that is given: compiles the TypeScript, writes out which files are required, links `dd/api`
// and what a start loads, and bundles the viewer of the local agent, with the packages it is made of, into the four files that the agent serves, and the Protobuf library
// into the file that uses it.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { bundleViewer } from './bundle-viewer.mjs'
import { linkStart } from './link-start.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const built = join(root, process.argv[2] ?? 'dist')

rmSync(built, { recursive: true, force: true })
compile('-p', root, '--outDir', built)

for (const part of ['src', 'plugins']) {
  for (const file of readdirSync(join(built, part), { recursive: true })) {
    if (file.endsWith('.js')) writeOutRequires(join(built, part, file))
  }
}

await linkApi()
linkStart(built)
await bundleProtobuf()

compile('-p', join(root, 'src', 'local-agent', 'viewer'))
await bundleViewer(join(built, 'src', 'local-agent', 'viewer'))

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

/** The one file that imports the Protobuf library has it inside afterwards: the package does not depend on it. */
async function bundleProtobuf() {
  const file = join('src', 'local-agent', 'otlp', 'protobuf-wire')
  await build({
    entryPoints: [join(root, `${file}.ts`)],
    outfile: join(built, `${file}.js`),
    allowOverwrite: true,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    banner: {
      js: `// Has the wire format of @bufbuild/protobuf inside. Copyright 2021-2026 Buf Technologies, Inc.; Apache License, Version 2.0.\n${varintLicence()}`,
    },
  })
}

/** Of Google's code in it, whose licence wants to be repeated. */
function varintLicence() {
  const source = join(root, 'node_modules', '@bufbuild', 'protobuf', 'dist', 'esm', 'wire', 'varint.js')
  return /^(?:\/\/.*\n)+/.exec(readFileSync(source, 'utf8'))[0]
}

function compile(...args) {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status } = spawnSync(process.execPath, [compiler, ...args], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
