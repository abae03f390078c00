// Tells when a program is about to load a builtin module that is too dear to be loaded only to be patched: `http2` takes 3 to 7 ms.
//
// `require` of a builtin goes through `Module._load`; an import is told by the hook of `dd/register`, where Node runs that in the
// program's thread. Elsewhere `loadNow` is called at the start.

import Module from 'node:module'
import { mimic } from '../base/mimic'

type LoadFunction = (this: unknown, request: string, ...rest: unknown[]) => unknown

const waiting = new Map<string, () => void>()
let isHooked = false

/** Calls `listener` before the module is loaded, or at once where it is loaded already; returns the function that stops waiting. */
export function beforeBuiltinLoads(name: string, listener: () => void): () => void {
  const { moduleLoadList: loaded } = process as unknown as { moduleLoadList?: readonly string[] }
  if (loaded?.includes(`NativeModule ${name}`) === true) {
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
  const name = request.startsWith('node:') ? request.slice('node:'.length) : request
  const listener = waiting.get(name)
  if (listener === undefined) return
  waiting.delete(name)
  listener()
}

/** All that is waited for, where nobody could tell. */
export function loadNow(): void {
  for (const name of [...waiting.keys()]) builtinLoads(name)
}

function hookLoad(): void {
  if (isHooked) return
  isHooked = true
  const loader = Module as unknown as { _load: LoadFunction }
  const original = loader._load
  loader._load = mimic(
    function _load(this: unknown, request: string, ...rest: unknown[]) {
      if (typeof request === 'string') builtinLoads(request)
      return Reflect.apply(original, this, [request, ...rest])
    } as LoadFunction,
    original,
  )
}
