// pg's optional native client, `pg-native`, which is compiled against PostgreSQL's libpq: built once per Node version into a
// cache folder, because not everybody can build it and `npm ci` must not fail for that.

import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cleanEnv } from '../support/clean-env'
import { npmEnv } from '../support/npm-env'
import { cacheFolder } from './cache-folder'
import { installDebianPackage } from './debian-package'
import { say } from './say'
import type { Missing, RunningService, Service } from './service'

const run = promisify(execFile)
const VERSION = '3.9.0'
const BUILD_TIMEOUT_MS = 300_000

const folder = join(cacheFolder, `pg-native-${VERSION}-abi${process.versions.modules}-${process.arch}`)
const modules = join(folder, 'node_modules')

export const pgNative: Service = {
  name: 'pg-native',

  async start(): Promise<RunningService | Missing> {
    try {
      const from = (await loads()) ? folder : await build()
      const { version } = JSON.parse(readFileSync(join(modules, 'pg-native', 'package.json'), 'utf8')) as {
        version: string
      }
      return { url: modules, version, from, concurrent: true, stop: async () => {} }
    } catch (error) {
      return { missing: (error as Error).message }
    }
  },
}

/** In a process of its own: a broken addon must not take the tests along. */
async function loads(): Promise<boolean> {
  if (!existsSync(join(modules, 'pg-native'))) return false
  const load = ['-e', `require(${JSON.stringify(join(modules, 'pg-native'))})`]
  return run(process.execPath, load, { env: cleanEnv() }).then(
    () => true,
    () => false,
  )
}

async function build(): Promise<string> {
  if (!(await hasLibpq())) await installDebianPackage('libpq-dev')
  say('building pg-native (some seconds)')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: { 'pg-native': VERSION } }))
  const npm = (...args: string[]) =>
    run('npm', [...args, '--no-audit', '--no-fund'], { cwd: folder, env: npmEnv(), timeout: BUILD_TIMEOUT_MS })
  // Newer npm builds nothing unasked, older npm would build here already.
  await npm('install', '--ignore-scripts')
  await npm('rebuild', 'libpq', '--ignore-scripts=false', '--foreground-scripts')
  if (!(await loads())) throw new Error('it was built, but does not load')
  return 'built from the npm registry'
}

function hasLibpq(): Promise<boolean> {
  return run('pg_config', ['--version']).then(
    () => existsSync('/usr/include/postgresql/libpq-fe.h') || existsSync('/usr/local/include/libpq-fe.h'),
    () => false,
  )
}
