// Makes ES modules of npm packages announce themselves (announced-files.ts) when they have been evaluated, before those who import
// them run.
//
// Such files do not pass through `Module.prototype.load`. Where Node has module hooks in the program's thread that work, they are
// used whenever somebody wants to know of a package; elsewhere the hook costs a thread of its own and 40 to 60 ms, and only
// `dd/register` asks for it.

import * as nodeModule from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, log } from '../base/log'
import { quietly } from '../base/quietly'
import { builtinLoads, loadNow } from './builtin-hook'
import { type LoaderData, type Wish, withAnnouncement } from './es-module-loader'
import { hasThreadHooks, isHooksThread } from './node-hooks'

type NextLoad = (url: string, context: unknown) => Parameters<typeof withAnnouncement>[1]
type Load = (url: string, context: unknown, nextLoad: NextLoad) => ReturnType<NextLoad>
type RegisterHooks = (hooks: { load: Load }) => { deregister(): void }

/** More than what `dd` and other preloads still load before the program begins. */
const FIRST_FILES = 100

/** The URLs of the first files, of which one is the program's main file. */
const firstFiles: string[] = []
let hasThread = false

/** Makes the files of wanted packages announce themselves where that costs no thread; returns the function that stops it. */
export function watchEsModules(wish: Wish): () => void {
  if (!hasThreadHooks) return () => {}
  const { registerHooks } = nodeModule as unknown as { registerHooks: RegisterHooks }
  const load: Load = (url, context, nextLoad) => {
    if (url.startsWith('node:')) quietly('patching a builtin module', () => builtinLoads(url))
    else if (firstFiles.length < FIRST_FILES) firstFiles.push(url)
    const loaded = nextLoad(url, context)
    return quietly('reading an ES module', () => withAnnouncement(url, loaded, wish)) ?? loaded
  }
  try {
    const hooks = registerHooks({ load })
    return () => hooks.deregister()
  } catch (error) {
    // jest has a loader of its own, and throws here (test/testing/examples.test.ts).
    log.debug(() => `ES modules are not seen: ${describe(error)}`)
    return () => {}
  }
}

/**
 * Does the same, once per process, where Node needs a thread for it, for all packages of all plugins.
 * @param plugins the file that exports them
 */
export function watchInOwnThread(plugins: string): void {
  if (hasThreadHooks || hasThread || isHooksThread()) return
  hasThread = true
  loadNow()
  const data: LoaderData = { plugins }
  nodeModule.register(pathToFileURL(join(__dirname, 'es-module-loader.js')), { data })
}

/** Whether the program whose first file is `main` was loaded under the hook. */
export function seesImportsOf(main: string): boolean {
  return hasThread || firstFiles.includes(pathToFileURL(main).href)
}
