// What Node has for module hooks: whether they can run in the program's thread, or which thread is theirs.

import * as nodeModule from 'node:module'

/** The first minor and patch of each major in which they work for what changes the text of CommonJS, too (nodejs/node #59929). */
const SINCE: Readonly<Record<number, readonly [minor: number, patch: number]>> = {
  22: [22, 3],
  24: [11, 1],
  25: [1, 0],
}

const [major = 0, minor = 0, patch = 0] = process.versions.node.split('.', 3).map((part) => Number.parseInt(part, 10))

function isSound(): boolean {
  const since = SINCE[major]
  if (since === undefined) return major > 25
  return minor > since[0] || (minor === since[0] && patch >= since[1])
}

/** Node 26 warns of the other way, a thread of its own (DEP0205). */
export const hasThreadHooks = 'registerHooks' in nodeModule && isSound()

/** Whether this is the thread in which hooks run, where what is preloaded runs, too: it is no part of the program. */
export function isHooksThread(): boolean {
  // The arguments say at once that a main thread is none, and so does Node where nothing has been loaded that threads begin with: it takes
  // 1 to 2 ms to load what there is to ask. A worker of the program has a parent to talk to.
  if (process.argv.length > 1 || !isLoaded('internal/worker/io')) return false
  const { isMainThread, parentPort } = require('node:worker_threads') as typeof import('node:worker_threads')
  return !isMainThread && parentPort === null
}

/** Whether Node has loaded a module of its own already; true where it does not tell. */
export function isLoaded(name: string): boolean {
  const { moduleLoadList } = process as unknown as { moduleLoadList?: readonly string[] }
  return moduleLoadList?.includes(`NativeModule ${name}`) !== false
}
