// Says once which libraries nobody can see: those inside a bundle, and those that the program imports as ES modules where Node has no
// hooks in the program's thread, or where `dd` was imported by the program itself, after all that it imports had been read.
//
// Neither can be asked. Told are libraries that have not been seen and that a large main file names as bundlers do, or that are ES
// modules and are imported, by their text, by the files of a program of ES modules.

import { later } from '../base/later'
import { log } from '../base/log'
import { patchLoadedBuiltins } from './builtin-hook'
import { seesImportsOf } from './es-modules'

/** By then a program has loaded what it needs to serve. */
const LOADED_AFTER_MS = 2000

let pending: (() => void) | undefined

/** Looks once, soon after the start or when it is told that the program ends; returns the function that gives it up. */
export function tellUnseenPackages(isUnseen: (name: string) => boolean): () => void {
  const tell = () => {
    stop()
    patchLoadedBuiltins()
    if (process.argv[1] === undefined) return
    const { bundledIn, importedEsPackages, isEsModule, mainFile } =
      require('./program-modules') as typeof import('./program-modules')
    const main = mainFile()
    if (main === undefined) return
    const bundled = bundledIn(main).filter(isUnseen).join(', ')
    if (bundled !== '') {
      const remedy = 'bundle with the plugin dd/esbuild or dd/webpack, or leave them external'
      log.once('bundled packages', `${bundled} are in a bundle and cannot be seen; ${remedy}`)
    }
    if (!isEsModule(main) || seesImportsOf(main)) return
    const imported = importedEsPackages(main).filter(isUnseen).join(', ')
    if (imported === '') return
    const remedy = 'start the program with node --import dd/register to trace them'
    log.once('unseen packages', `${imported} cannot be seen where imported as ES modules; ${remedy}`)
  }
  const timer = later('looking for unseen packages', tell, LOADED_AFTER_MS)
  pending = tell
  function stop(): void {
    clearTimeout(timer)
    if (pending === tell) pending = undefined
  }
  return stop
}

/** To be called before the program ends. A listener of our own for that would be seen by the program. */
export function tellUnseenPackagesNow(): void {
  pending?.()
}
