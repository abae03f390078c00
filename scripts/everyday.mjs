// `npm run everyday`: popular programs from the npm registry, without and with `dd`. `npm run everyday -- --help` has the options;
// `DD_TEST_BUILD` is the build folder, by default dist.

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const run = join(root, process.env.DD_TEST_BUILD ?? 'dist', 'test', 'everyday', 'run.js')
const { everyday } = createRequire(import.meta.url)(run)
process.exitCode = (await everyday(process.argv.slice(2))) ? 0 : 1
