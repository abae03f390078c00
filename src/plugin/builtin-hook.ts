// Tells when a program is about to load a builtin module that is not to be loaded only to be patched: `http` takes 2 to 5 ms, `http2` 3 to
// 7, `https` with TLS 10, and young modules warn that they are experimental.
//
// `require` of a builtin goes through `Module._load`; an import is told by the hook of es-modules.ts, where Node runs that in the
// program's thread. Where that may pass unseen nobody waits, except for young modules: those are found when they are loaded.

import Module from 'node:module'
import { mimic } from '../base/mimic'
import { quietly } from '../base/quietly'
import { hasThreadHooks, isLoaded } from './node-hooks'

type LoadFunction = (this: unknown, request: string, ...rest: unknown[]) => unknown

/** By the name without `node:`, except where that is part of the name. */
const waiting = new Map<string, () => void>()
let isTelling = false
let isHooked = false

/** Calls `listener` before the module is loaded, or at once where it is loaded already; returns the function that stops waiting. */
export function beforeBuiltinLoads(name: string, listener: () => void): () => void {
  if (isLoaded(bare(name)) || (!isYoung(name) && mayPassUnseen(name))) {
    listener()
    return () => {}
  }
  hookLoad()
  waiting.set(name, listener)
  return () => void waiting.delete(name)
}

/** The module is about to be loaded. */
export function builtinLoads(request: string): void {
  if (waiting.size === 0 || isTelling) return
  const name = waiting.has(request) ? request : request.startsWith('_http_') ? 'http' : bare(request)
  const listener = waiting.get(name)
  if (listener === undefined) return
  waiting.delete(name)
  isTelling = true
  try {
    listener()
  } finally {
    isTelling = false
  }
  // `https` brings `http` with it, whose classes it shares; and the listener may have loaded others.
  patchLoadedBuiltins()
}

/** All that is waited for and may be loaded, where nobody could tell. */
export function loadNow(): void {
  for (const name of [...waiting.keys()]) if (!isYoung(name)) builtinLoads(name)
}

/** What has been loaded unseen is told now. */
export function patchLoadedBuiltins(): void {
  for (const name of [...waiting.keys()].filter((name) => isLoaded(bare(name)))) builtinLoads(name)
}

function bare(name: string): string {
  return name.startsWith('node:') ? name.slice('node:'.length) : name
}

/** Whether it has only the name with `node:`, as all that are new, and experimental for a time, have. */
function isYoung(name: string): boolean {
  return bare(name) !== name
}

/** Also a program of CommonJS files may import one of ES modules in its middle: rare enough for what takes long, not for `http`. */
function mayPassUnseen(name: string): boolean {
  if (isSingleExecutable()) return true
  if (hasThreadHooks) return false
  if (name === 'http') return true
  const { isEsModule, mainFile } = require('./program-modules') as typeof import('./program-modules')
  const main = mainFile()
  return main !== undefined && isEsModule(main)
}

/** In an executable that has the program inside, `require` of a builtin module does not go through `Module._load`. */
function isSingleExecutable(): boolean {
  // Not required by name: bundlers for an old Node take `node:` off, and there is no other name.
  const { isSea } = (process.getBuiltinModule?.('node:sea') ?? {}) as { isSea?: () => boolean }
  return isSea?.() === true
}

function hookLoad(): void {
  if (isHooked) return
  isHooked = true
  hookGetBuiltin()
  const loader = Module as unknown as { _load: LoadFunction }
  const original = loader._load
  loader._load = mimic(
    function _load(this: unknown, request: string, ...rest: unknown[]) {
      if (waiting.size > 0 && typeof request === 'string')
        quietly('patching a builtin module', () => builtinLoads(request))
      return Reflect.apply(original, this, [request, ...rest])
    } as LoadFunction,
    original,
  )
}

/** The other way to a builtin module, which few take. Node has it since 20.16. */
function hookGetBuiltin(): void {
  const original: typeof process.getBuiltinModule | undefined = process.getBuiltinModule
  if (original === undefined) return
  process.getBuiltinModule = mimic(
    function getBuiltinModule(this: unknown, id: string) {
      if (typeof id === 'string') quietly('patching a builtin module', () => builtinLoads(id))
      return Reflect.apply(original, this, [id]) as object
    } as typeof original,
    original,
  )
}
