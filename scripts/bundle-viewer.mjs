// Bundles the viewer of the local agent, with the packages it is made of, into the files that the agent serves. Run by itself, with a
// build folder, it takes a tenth of the time of a whole build.

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundleViewer(join(root, process.argv[2] ?? 'dist', 'src', 'local-agent', 'viewer'))
}

export async function bundleViewer(target) {
  const source = join(root, 'src', 'local-agent', 'viewer')
  const { metafile } = await build({
    entryPoints: [join(source, 'app.tsx')],
    outdir: target,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
  for (const file of ['index.html', 'icon.svg']) cpSync(join(source, file), join(target, file))
  writeFileSync(join(target, 'licences.txt'), licencesOf(Object.keys(metafile.inputs)))
}

/** The licences of the packages that are in the bundle: they want to be passed on with it. */
function licencesOf(inputs) {
  const packages = inputs.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]).filter(Boolean)
  const texts = [...new Set(packages)].sort().map((name) => {
    const folder = join(root, 'node_modules', name)
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
    return `${name}\n\n${file === undefined ? 'no licence file' : readFileSync(join(folder, file), 'utf8').trim()}\n`
  })
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}
