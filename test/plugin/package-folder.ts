// Packages written for a test into a `node_modules` of its own, to be required or imported as installed ones are.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Contents by path below `node_modules`, such as `pg/lib/client.js`; objects are written as JSON. */
export type PackageFiles = Readonly<Record<string, string | object>>

const folders: string[] = []

export class PackageFolder {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'dd-test-')))
  /** As from a program in the folder. */
  readonly require = createRequire(join(this.path, 'app.js'))

  constructor(files: PackageFiles) {
    folders.push(this.path)
    for (const [name, content] of Object.entries(files)) this.write(`node_modules/${name}`, content)
  }

  /** Writes a file of the program itself; returns its path. */
  write(name: string, content: string | object): string {
    const path = join(this.path, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
    return path
  }

  /** What an ES module of the program exports. */
  import(source: string): Promise<Record<string, unknown>> {
    return import(pathToFileURL(this.write(`module-${PackageFolder.#modules++}.mjs`, source)).href)
  }
  static #modules = 0
}

export function removePackageFolders(): void {
  for (const folder of folders.splice(0)) {
    for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path]
    rmSync(folder, { recursive: true, force: true })
  }
}
