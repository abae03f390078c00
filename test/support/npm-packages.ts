// Sets of npm packages for the tests, installed from the registry into a cache that outlives the run instead of the lock file. Whoever
// waits for a set gets it first; the others follow in the background, in the order of the tests.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '../services/cache-folder'
import { say } from '../services/say'
import { npmEnv } from './npm-env'

const run = promisify(execFile)
export const INSTALL_TIMEOUT_MS = 600_000
/** npm processes at a time. */
const INSTALLERS = 3

const queue: PackageSet[] = []
/** By folder: several suites may want the same. */
const fetched = new Map<string, Promise<void>>()
let running = 0

export class PackageSet {
  /** With the packages in its `node_modules`. */
  readonly folder: string
  #installed: Promise<void> | undefined

  /**
   * @param packages exact versions by name
   * @param builds packages whose install scripts must run
   * @param overrides versions of dependencies that cannot be had as they are asked for
   */
  constructor(
    readonly title: string,
    readonly packages: Readonly<Record<string, string>>,
    readonly builds: readonly string[] = [],
    readonly overrides?: Readonly<Record<string, string>>,
  ) {
    // Only what is built is made for one Node.
    const madeFor = builds.length > 0 ? process.versions.modules : undefined
    const key = createHash('sha256')
      .update(JSON.stringify([packages, builds, madeFor, ...(overrides === undefined ? [] : [overrides])]))
      .digest('hex')
    this.folder = join(cacheFolder, 'npm', `${title.replace(/[/ ]/g, '+')}-${key.slice(0, 8)}`)
    queue.push(this)
  }

  /** A require that finds the packages. */
  get require(): NodeJS.Require {
    return createRequire(join(this.folder, 'package.json'))
  }

  /** Resolves when the packages are there. */
  install(): Promise<void> {
    while (running < INSTALLERS && queue.length > 0) beginNext()
    return this.begin()
  }

  begin(): Promise<void> {
    if (this.#installed !== undefined) return this.#installed
    if (queue.includes(this)) queue.splice(queue.indexOf(this), 1)
    running++
    const known = fetched.get(this.folder) ?? this.#fetch()
    fetched.set(this.folder, known)
    this.#installed = known.finally(() => {
      running--
      beginNext()
    })
    return this.#installed
  }

  async #fetch(): Promise<void> {
    if (existsSync(this.folder)) return
    say(`installing ${this.title}`)
    const making = `${this.folder}.${process.pid}`
    mkdirSync(making, { recursive: true })
    const { packages: dependencies, overrides } = this
    writeFileSync(join(making, 'package.json'), JSON.stringify({ private: true, dependencies, overrides }))
    const options = { cwd: making, env: npmEnv(), timeout: INSTALL_TIMEOUT_MS }
    const npm = (...args: string[]) => run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], options)
    try {
      // Newer npm builds nothing unasked.
      await npm('install', '--ignore-scripts', '--legacy-peer-deps')
      if (this.builds.length > 0) await npm('rebuild', ...this.builds, '--ignore-scripts=false', '--foreground-scripts')
      renameSync(making, this.folder)
    } catch (error) {
      // Another run, on another Node, was quicker.
      if (!existsSync(this.folder)) throw error
    } finally {
      rmSync(making, { recursive: true, force: true })
    }
  }
}

function beginNext(): void {
  // A failure is the affair of those who wait for the set.
  queue[0]?.begin().catch(() => {})
}
