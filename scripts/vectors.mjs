// `npm run vectors -- metrics FILE`, or `http-api FILE`: runs the machine-readable cases of a file (test/vectors/*.json have the formats) on
// our clients. Prints each that failed or was left out, and how many of each there were; ends with 1 when one failed. `DD_TEST_BUILD` is the
// build folder.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [area, file] = process.argv.slice(2)
if ((area !== 'metrics' && area !== 'http-api') || file === undefined) {
  console.error('npm run vectors -- metrics FILE, or npm run vectors -- http-api FILE')
  process.exit(1)
}
// npm runs it in the project, whoever calls it where.
const path = [process.env.INIT_CWD ?? '.', '.'].map((folder) => resolve(folder, file)).find((one) => existsSync(one))
if (path === undefined) {
  console.error(`there is no file ${file}`)
  process.exit(1)
}
const { runVectorFile } = createRequire(import.meta.url)(
  join(root, process.env.DD_TEST_BUILD ?? 'dist', 'test', 'support', 'vectors', 'run-file.js'),
)
const isRight = await runVectorFile(area, path, (line) => console.log(line))
process.exitCode = isRight ? 0 : 1
