// One `dd` per process, however often the package is loaded: from two node_modules folders, by `--require dd/init` of one copy and
// `require('dd')` of another, once more by a test runner with a module registry of its own. Two that patch the same libraries would
// make every span twice. So the first copy makes itself known, and the entries of each later one become those of the first.
//
// It is known by a symbol on a built-in module, which all contexts of a thread share, as they share what is patched in such modules.
// A context that test runners make and throw away keeps its copy to itself: that would not outlive it in one piece.

import { join } from 'node:path'
import { describe, log } from './log'

/** Raised when the entries of a copy can no longer stand in for those of an older or newer one. */
const PROTOCOL = 1
const KEY = Symbol.for('dd')

interface FirstCopy {
  readonly protocol: number
  readonly folder: string
  /** The exports of one of its entries. */
  entry(name: string): unknown
}

type Holder = { [KEY]?: FirstCopy }

const FOLDER = join(__dirname, '..')
const builtin = require('node:async_hooks') as Holder
const entries = new Map<string, unknown>()

function makeKnown(): FirstCopy {
  const isOfBuiltins = Object.getPrototypeOf(builtin) === Object.prototype
  const value: FirstCopy = {
    protocol: PROTOCOL,
    folder: FOLDER,
    entry: (name) => entries.get(name) ?? require(join(FOLDER, name)),
  }
  Object.defineProperty(isOfBuiltins ? builtin : globalThis, KEY, { value, configurable: true })
  return value
}

const first = builtin[KEY] ?? (globalThis as Holder)[KEY] ?? makeKnown()

/** Whether a copy that this one cannot stand beside is at work already. */
export const isUnwanted = first.protocol !== PROTOCOL

/**
 * In a later copy, puts the exports of the first in the place of its own.
 * @param name of the entry: its path below `src`, without an ending
 * @param entry its `module`, when it has exported everything
 */
export function joinFirstCopy(name: string, entry: { exports: unknown }): void {
  entries.set(name, entry.exports)
  if (isUnwanted) {
    log.once(
      'copy',
      `two copies of dd that cannot work together are loaded: ${first.folder} is at work, ${FOLDER} does nothing`,
    )
    return
  }
  try {
    entry.exports = first.entry(name)
  } catch (error) {
    log.debug(() => `the first copy of dd, ${first.folder}, has no ${name} (${describe(error)})`)
  }
}
