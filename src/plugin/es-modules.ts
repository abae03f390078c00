// Tells when a file of an npm package that is an ES module has been evaluated, before those who import it run.
//
// Such files do not pass through `Module.prototype.load`. A module hook appends a line to them (es-module-loader.ts): the file then
// imports itself, and hands over what it exports. Bindings cannot be replaced, but the prototypes of classes can be patched.
// Only `dd/register` installs the hook: where Node has no hooks in the same thread it costs a thread of its own.

import * as nodeModule from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { builtinLoads, loadNow } from './builtin-hook'
import type { Load } from './es-module-loader'
import { type PackageFile, packageFileOf } from './package-file'

type Listener = (file: PackageFile, module: { exports: unknown }) => void

/** `registerHooks` works for instrumentation since these (nodejs/node #59929); Node 26 warns of the other way (DEP0205). */
const SYNC_HOOKS = '^22.22.3 || ^24.11.1 || >=25.1.0'

const listeners = new Set<Listener>()
let isWatching = false

/** Calls `listener` for each of them; returns the function that stops it. */
export function onEsModuleEvaluated(listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Called by the line that the hook appends. */
export function evaluated(url: string, exports: object): void {
  const file = packageFileOf(fileURLToPath(url))
  if (file !== undefined) for (const listener of listeners) listener(file, { exports })
}

/** Installs the hook for the files of these packages, once per process. */
export function watchEsModules(packages: readonly string[]): void {
  if (isWatching) return
  isWatching = true
  const data = { packages, listener: pathToFileURL(__filename).href }
  const { registerHooks } = nodeModule as unknown as { registerHooks?(hooks: { load: Load }): unknown }
  const satisfies = require('semver/functions/satisfies') as typeof import('semver/functions/satisfies')
  if (registerHooks !== undefined && satisfies(process.version, SYNC_HOOKS, { includePrerelease: true })) {
    // Only programs of ES modules need it.
    const { initialize, loadSync } = require('./es-module-loader') as typeof import('./es-module-loader')
    initialize(data)
    registerHooks({
      load: (url, context, nextLoad) => {
        if (url.startsWith('node:')) builtinLoads(url)
        return loadSync(url, context, nextLoad)
      },
    })
  } else {
    loadNow()
    nodeModule.register(pathToFileURL(join(__dirname, 'es-module-loader.js')), { data })
  }
}
