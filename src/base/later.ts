// A timer of `dd`'s own: it does not keep the process alive, and what its step throws does not become the program's uncaught exception.

import { quietly } from './quietly'

/** The longest wait that Node's timers know, in ms: they take a longer one for none at all. */
export const MAX_TIMER_MS = 2 ** 31 - 1

/** @param doing as in `quietly` */
export function later(doing: string, step: () => void, ms: number): NodeJS.Timeout {
  return setTimeout(() => void quietly(doing, step), ms).unref()
}
