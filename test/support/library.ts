// The libraries that plugins are tested with, in all the versions that are still in use. A test names the oldest and the newest
// release of each major; these are installed from the npm registry into a cache, not into the lock file, and each of them gets
// the whole suite. The newest of each major is the default; `DD_TEST_VERSIONS=all` takes both, `DD_TEST_VERSIONS=redis@4` what fits.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { satisfies } from 'semver'
import { skipNamed } from '../services'
import { INSTALL_TIMEOUT_MS, PackageSet } from './npm-packages'
import { assertSameExports } from './same-exports'

const EXPORTS_TIMEOUT_MS = 60_000

export interface LibraryVersions {
  /** The npm package. */
  readonly name: string
  /** By major: the oldest supported release and the newest; one where they are the same. */
  readonly majors: Readonly<Record<number, readonly [oldest: string, newest: string] | readonly [only: string]>>
  /** What else is installed beside it: packages with exact versions, where need be by the library's major or version. */
  readonly beside?:
    | Readonly<Record<string, string>>
    | ((major: number, version: string) => Readonly<Record<string, string>>)
  /** What programs require of it. Default: its name. */
  readonly entries?: readonly string[]
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

export type Declared = LibraryVersions & { readonly plugin: string }

/** All that was declared, for the table of versions. */
export const declared: Declared[] = []

/** A `describe` for each version of the library. `plugin` is the name of the plugin that is tested. */
export function describeLibrary(plugin: string, versions: LibraryVersions, declare: (library: Library) => void): void {
  declared.push({ ...versions, plugin })
  for (const [major, releases] of Object.entries(versions.majors)) {
    for (const version of chosen(versions.name, releases)) {
      const packages = { [versions.name]: version, ...besideOf(versions, Number(major), version) }
      describePackages(`${versions.name} ${version}`, packages, versions.builds, (set) => {
        before(function () {
          const engine = engineOf(set, versions.name)
          if (engine === undefined) return
          this.test?.parent?.eachTest((test) => {
            test.title += ` (skipped: it asks for Node ${engine})`
          })
          this.skip()
        })
        it('exports the same with dd as without', async function () {
          this.timeout(EXPORTS_TIMEOUT_MS)
          await assertSameExports((versions.entries ?? [versions.name]).map((entry) => set.require.resolve(entry)))
        })
        const { name } = versions
        const load = <T>(specifier = name) => set.require(specifier) as T
        declare({ name, version, major: Number(major), folder: set.folder, load })
      })
    }
  }
}

/** A `describe` with npm packages of exact versions, for what needs several at once. */
export function describePackages(
  title: string,
  packages: Readonly<Record<string, string>>,
  builds: readonly string[] | undefined,
  declare: (set: PackageSet) => void,
): void {
  const set = new PackageSet(title, packages, builds)
  describe(title, () => {
    before(`install ${title}`, async function () {
      this.timeout(INSTALL_TIMEOUT_MS * 2)
      await set.install().catch((error: Error) => skipNamed(this, `${title} could not be installed`, error.message))
    })
    declare(set)
  })
}

function besideOf({ beside = {} }: LibraryVersions, major: number, version: string): Readonly<Record<string, string>> {
  return typeof beside === 'function' ? beside(major, version) : beside
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

/** The range of Node versions that the library asks for, if this Node is not among them. */
function engineOf({ folder }: PackageSet, name: string): string | undefined {
  const { engines } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')) as {
    engines?: { node?: string }
  }
  const range = engines?.node
  return range === undefined || satisfies(process.version, range, { includePrerelease: true }) ? undefined : range
}
