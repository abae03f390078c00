// The libraries that plugins are tested with, in all the versions that are still in use. A test names the oldest and the newest
// release of each major; these are installed from the npm registry into a cache, not into the lock file, and each of them gets
// the whole suite. The newest of each major is the default; `DD_TEST_VERSIONS=all` takes both, `DD_TEST_VERSIONS=redis@4` what fits.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { satisfies } from 'semver'
import { skipNamed } from '../services'
import { cacheFolder } from '../services/cache-folder'
import { say } from '../services/say'
import { cleanEnv } from './clean-env'

const run = promisify(execFile)
const INSTALL_TIMEOUT_MS = 300_000
/** npm processes at a time. */
const INSTALLERS = 3

export interface LibraryVersions {
  /** The npm package. */
  readonly name: string
  /** By major: the oldest supported release and the newest; one where they are the same. */
  readonly majors: Readonly<Record<number, readonly [oldest: string, newest: string] | readonly [only: string]>>
  /** What else is installed beside it: packages with exact versions, where need be by the major of the library. */
  readonly beside?: Readonly<Record<string, string>> | ((major: number) => Readonly<Record<string, string>>)
  /** Packages whose install scripts must run: those that compile or fetch something. */
  readonly builds?: readonly string[]
}

export interface Library {
  readonly name: string
  readonly version: string
  readonly major: number
  /** Where it is installed: the folder with `node_modules`. Programs that are spawned there find it. */
  readonly folder: string
  /** Requires it (default) or anything beside it. Only in hooks and tests. */
  load<T>(specifier?: string): T
}

interface Wanted {
  readonly library: Library
  readonly packages: Readonly<Record<string, string>>
  readonly builds: readonly string[]
}

const queue: Wanted[] = []
const installed = new Map<Library, Promise<void>>()
let running = 0

/** All that was declared, for the table of versions. */
export const declared: { plugin: string; name: string; version: string; suite: Mocha.Suite }[] = []

/** A `describe` for each version of the library. `plugin` is the name of the plugin that is tested. */
export function describeLibrary(plugin: string, versions: LibraryVersions, declare: (library: Library) => void): void {
  for (const [major, releases] of Object.entries(versions.majors)) {
    for (const version of chosen(versions.name, releases)) {
      const library = libraryOf(versions, Number(major), version)
      const suite = describe(`${versions.name} ${version}`, () => {
        before(`install ${versions.name} ${version}`, async function () {
          this.timeout(INSTALL_TIMEOUT_MS * 2)
          await install(library).catch((error: Error) => {
            skipNamed(this, `${versions.name} ${version} could not be installed`, error.message)
          })
          const engine = engineOf(library)
          if (engine === undefined) return
          this.test?.parent?.eachTest((test) => {
            test.title += ` (skipped: ${versions.name} ${version} asks for Node ${engine})`
          })
          this.skip()
        })
        declare(library)
      })
      declared.push({ plugin, name: versions.name, version, suite })
    }
  }
}

function chosen(name: string, releases: readonly string[]): readonly string[] {
  const wanted = process.env['DD_TEST_VERSIONS'] ?? 'newest'
  if (wanted === 'all') return [...new Set(releases)]
  if (wanted === 'newest') return releases.slice(-1)
  return [...new Set(releases)].filter((version) =>
    wanted.split(',').some((one) => {
      const at = one.lastIndexOf('@')
      return one.slice(0, at) === name && satisfies(version, one.slice(at + 1), { includePrerelease: true })
    }),
  )
}

function libraryOf({ name, beside = {}, builds = [] }: LibraryVersions, major: number, version: string): Library {
  const packages = { [name]: version, ...(typeof beside === 'function' ? beside(major) : beside) }
  const key = createHash('sha256')
    .update(JSON.stringify([packages, builds, process.versions.modules]))
    .digest('hex')
  const folder = join(cacheFolder, 'npm', `${name.replace(/\//g, '+')}-${version}-${key.slice(0, 8)}`)
  const library: Library = {
    name,
    version,
    major,
    folder,
    load: <T>(specifier = name) => createRequire(join(folder, 'package.json'))(specifier) as T,
  }
  queue.push({ library, packages, builds })
  return library
}

/** Waits for a library; the others are installed in the background, in the order of the tests. */
function install(library: Library): Promise<void> {
  while (running < INSTALLERS && queue.length > 0) next()
  const known = installed.get(library)
  if (known !== undefined) return known
  const at = queue.findIndex((wanted) => wanted.library === library)
  return begin(queue.splice(at, 1)[0]!)
}

function next(): void {
  const wanted = queue.shift()
  // A failure is the affair of those who wait for the library.
  if (wanted !== undefined) begin(wanted).catch(() => {})
}

function begin(wanted: Wanted): Promise<void> {
  running++
  const done = installInto(wanted).finally(() => {
    running--
    next()
  })
  installed.set(wanted.library, done)
  return done
}

async function installInto({ library: { folder, name, version }, packages, builds }: Wanted): Promise<void> {
  if (existsSync(folder)) return
  say(`installing ${name} ${version}`)
  const making = `${folder}.${process.pid}`
  mkdirSync(making, { recursive: true })
  writeFileSync(join(making, 'package.json'), JSON.stringify({ private: true, dependencies: packages }))
  const npm = (...args: string[]) =>
    run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: making,
      env: cleanEnv(),
      timeout: INSTALL_TIMEOUT_MS,
    })
  try {
    // Newer npm builds nothing unasked.
    await npm('install', '--ignore-scripts', '--legacy-peer-deps')
    if (builds.length > 0) await npm('rebuild', ...builds, '--ignore-scripts=false', '--foreground-scripts')
    renameSync(making, folder)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
}

/** The range of Node versions that the library asks for, if this Node is not among them. */
function engineOf({ folder, name }: Library): string | undefined {
  const { engines } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')) as {
    engines?: { node?: string }
  }
  const range = engines?.node
  return range === undefined || satisfies(process.version, range, { includePrerelease: true }) ? undefined : range
}
