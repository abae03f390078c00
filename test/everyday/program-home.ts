// The folder in which a program runs, as a user has it: a project with `dd` and the program's packages in its node_modules, made anew for each
// start but always in the same place and with the same port, so that nothing that is printed or answered differs for the folder's sake.

import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { cleanEnv } from '../support/clean-env'
import { repoRoot } from '../support/repo-root'

/** Stands for `dist`, whatever the folder of this build is called. */
const build = join(__dirname, '..', '..')

const CHANGED_AT = new Date('2026-01-02T03:04:05Z')

/** Puts this build of `dd` into a node_modules folder, as npm would. */
export function installDd(modules: string): void {
  const dd = join(modules, 'dd')
  mkdirSync(join(dd, 'node_modules'), { recursive: true })
  cpSync(join(repoRoot, 'package.json'), join(dd, 'package.json'))
  for (const part of ['src', 'plugins']) cpSync(join(build, part), join(dd, 'dist', part), { recursive: true })
  symlinkSync(join(repoRoot, 'node_modules', 'semver'), join(dd, 'node_modules', 'semver'), 'junction')
}

export class ProgramHome {
  readonly #modules: string

  /**
   * @param port for the program to listen on
   * @param dd the installed `dd`
   * @param packages the folder whose `node_modules` has the program's packages
   */
  constructor(
    readonly path: string,
    readonly port: number,
    dd: string,
    packages: string,
    app: string | undefined,
  ) {
    this.remove()
    this.#modules = join(path, 'node_modules')
    mkdirSync(this.#modules, { recursive: true })
    if (app !== undefined) cpSync(join(repoRoot, 'test', 'everyday', 'apps', app), path, { recursive: true })
    for (const name of namesIn(packages)) this.#link(join(packages, 'node_modules', name), name)
    this.#link(dd, 'dd')
    this.#link(join(packages, 'node_modules', '.bin'), '.bin')
  }

  /** A file of a package. */
  package(file: string): string {
    return join(this.#modules, file)
  }

  /** A command, as npm links it. */
  command(name: string): string {
    return join(this.#modules, '.bin', name)
  }

  /** Gives all files the same time, whatever the day: answers tell of it. */
  setTimes(): void {
    for (const entry of readdirSync(this.path, { recursive: true, withFileTypes: true })) {
      if (!entry.isSymbolicLink()) utimesSync(join(entry.parentPath ?? entry.path, entry.name), CHANGED_AT, CHANGED_AT)
    }
  }

  file(name: string): string {
    return join(this.path, name)
  }

  read(name: string): string {
    return readFileSync(this.file(name), 'utf8')
  }

  write(name: string, text: string | Buffer): void {
    mkdirSync(dirname(this.file(name)), { recursive: true })
    writeFileSync(this.file(name), text)
  }

  /** Runs a tool to its end, for what has to be made before: a generator, a compiler. It never runs with `dd`. */
  run(name: string, ...args: string[]): void {
    execFileSync(process.execPath, [this.command(name), ...args], { cwd: this.path, env: cleanEnv(), stdio: 'pipe' })
  }

  /** A folder that takes long to make: made in the first home of a program, and kept for its second. */
  once(folder: string, make: () => void): void {
    const kept = join(`${this.path} keeps`, folder)
    const isKept = existsSync(kept)
    if (!isKept) make()
    const [from, to] = isKept ? [kept, this.file(folder)] : [this.file(folder), kept]
    cpSync(from, to, { recursive: true, verbatimSymlinks: true })
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  #link(from: string, name: string): void {
    const to = join(this.#modules, name)
    mkdirSync(dirname(to), { recursive: true })
    symlinkSync(from, to, 'junction')
  }
}

/** The packages installed in a folder. */
function namesIn(folder: string): string[] {
  const modules = join(folder, 'node_modules')
  if (!existsSync(modules)) return []
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((one) => `${name}/${one}`) : [name],
    )
}
