// A timer of `dd`'s own: it does not keep the process alive, and what its step throws does not become the program's uncaught exception.

import { quietly } from './quietly'

/** @param doing as in `quietly` */
export function later(doing: string, step: () => void, ms: number): NodeJS.Timeout {
  return setTimeout(() => void quietly(doing, step), ms).unref()
}
