// The files that pass no loader of ours: those inside a bundle, and ES modules. Each has got a line, from `dd/esbuild`, `dd/webpack`
// or a module hook, that announces it in a list on the global object when it has been evaluated, whether or not `dd` is there.

import { log } from '../base/log'
import { replaceable, type Setters } from './es-module-source'
import type { PackageFile } from './package-file'

/** What a file says of itself. */
interface Announced extends PackageFile {
  readonly module?: { exports: unknown }
  readonly setters?: Setters
}

type Listener = (file: PackageFile, module: { exports: unknown }) => void

const KEY = Symbol.for('dd.files')

const listeners = new Set<Listener>()

/**
 * The expression by which a file announces itself.
 * @param more further fields of what it says; their values are expressions
 */
export function announcement(file: PackageFile, more: Readonly<Record<string, string>> = {}): string {
  const fields = Object.entries(more).map(([key, value]) => `,${key}:${value}`)
  const object = JSON.stringify(file).replace(/}$/, `${fields.join('')}}`)
  return `(globalThis[Symbol.for("${KEY.description}")]??=[]).push(${object})`
}

/** Calls `listener` for every file announced from now on; returns the function that stops it. */
export function onAnnouncedFile(listener: Listener): () => void {
  const list = announced()
  if (!Object.hasOwn(list, 'push')) Object.defineProperty(list, 'push', { configurable: true, value: take })
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** The files that were announced already. */
export function* announcedFiles(): Iterable<Parameters<Listener>> {
  for (const one of announced()) yield [one, moduleOf(one)]
}

function take(this: Announced[], one: Announced): number {
  this[this.length] = one
  try {
    for (const listener of listeners) listener(one, moduleOf(one))
  } catch (error) {
    // It is a line among the program's own that calls.
    log.once('announced', `a library that announced itself is not traced (${String(error)})`)
  }
  return this.length
}

function moduleOf({ module = { exports: {} }, setters }: Announced): { exports: unknown } {
  return setters === undefined ? module : { exports: replaceable(module.exports as object, setters) }
}

function announced(): Announced[] {
  const holder = globalThis as unknown as Record<symbol, Announced[] | undefined>
  const known = holder[KEY]
  if (Array.isArray(known)) return known
  const list: Announced[] = []
  holder[KEY] = list
  return list
}
