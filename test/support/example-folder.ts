// A folder outside of the repository in which an example can be run as its reader would run it: with this build of `dd` installed
// as a package is, and the packages of a set beside it. Test runners leave alone what lies below a `node_modules`.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { repoRoot } from './repo-root'

/** Stands for `dist`, whatever the folder of this build is called. */
const build = join(__dirname, '..', '..')

export class ExampleFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'dd-example-'))
  readonly #modules = join(this.path, 'node_modules')

  /**
   * @param example the folder in `examples` that is copied
   * @param packages a folder whose `node_modules` are to be found
   */
  constructor(example: string, packages?: string) {
    cpSync(join(repoRoot, 'examples', example), this.path, { recursive: true })
    const dd = join(this.#modules, 'dd')
    mkdirSync(dd, { recursive: true })
    cpSync(join(repoRoot, 'package.json'), join(dd, 'package.json'))
    for (const part of ['src', 'plugins']) cpSync(join(build, part), join(dd, 'dist', part), { recursive: true })
    if (packages !== undefined) for (const name of namesIn(packages)) this.#link(join(packages, 'node_modules'), name)
    // In the place of what the runner brings; that finds its own.
    for (const dependency of ['semver', 'express']) this.#link(join(repoRoot, 'node_modules'), dependency)
  }

  /** Puts a file beside those of the example. */
  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text)
  }

  /** The file of a package's command. */
  command(name: string, file: string): string {
    return join(this.#modules, name, file)
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  #link(from: string, name: string): void {
    const to = join(this.#modules, name)
    rmSync(to, { force: true })
    mkdirSync(dirname(to), { recursive: true })
    symlinkSync(join(from, name), to, 'junction')
  }
}

/** The packages installed in a folder. */
function namesIn(folder: string): string[] {
  const modules = join(folder, 'node_modules')
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((one) => `${name}/${one}`) : [name],
    )
}
