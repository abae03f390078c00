// Tells when a program is about to load a builtin module that is not to be loaded only to be patched: `http2` takes 3 to 7 ms, `https`
// with TLS 10, and young modules warn that they are experimental.
//
// `require` of a builtin goes through `Module._load`; an import is told by the hook of es-modules.ts, where Node runs that in the
// program's thread. Elsewhere a program of ES modules does not wait, except for young modules: those are found when they are loaded.

import Module from 'node:module'
import { mimic } from '../base/mimic'
import { quietly } from '../base/quietly'
import { hasThreadHooks } from './node-hooks'

type LoadFunction = (this: unknown, request: string, ...rest: unknown[]) => unknown

/** By the name without `node:`, except where that is part of the name. */
const waiting = new Map<string, () => void>()
let isHooked = false

/** Calls `listener` before the module is loaded, or at once where it is loaded already; returns the function that stops waiting. */
export function beforeBuiltinLoads(name: string, listener: () => void): () => void {
  if (isLoaded(name) || (!isYoung(name) && importsUnseen())) {
    listener()
    return () => {}
  }
  hookLoad()
  waiting.set(name, listener)
  return () => void waiting.delete(name)
}

/** The module is about to be loaded. */
export function builtinLoads(request: string): void {
  if (waiting.size === 0) return
  const name = waiting.has(request) ? request : bare(request)
  const listener = waiting.get(name)
  if (listener === undefined) return
  waiting.delete(name)
  listener()
}

/** All that is waited for and may be loaded, where nobody could tell. */
export function loadNow(): void {
  for (const name of [...waiting.keys()]) if (!isYoung(name)) builtinLoads(name)
}

/** What has been loaded unseen is told now. */
export function patchLoadedBuiltins(): void {
  for (const name of [...waiting.keys()].filter(isLoaded)) builtinLoads(name)
}

function isLoaded(name: string): boolean {
  const { moduleLoadList: loaded } = process as unknown as { moduleLoadList?: readonly string[] }
  return loaded?.includes(`NativeModule ${bare(name)}`) === true
}

function bare(name: string): string {
  return name.startsWith('node:') ? name.slice('node:'.length) : name
}

/** Whether it has only the name with `node:`, as all that are new, and experimental for a time, have. */
function isYoung(name: string): boolean {
  return bare(name) !== name
}

function importsUnseen(): boolean {
  if (hasThreadHooks) return false
  const { isEsModule, mainFile } = require('./program-modules') as typeof import('./program-modules')
  const main = mainFile()
  return main !== undefined && isEsModule(main)
}

function hookLoad(): void {
  if (isHooked) return
  isHooked = true
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
