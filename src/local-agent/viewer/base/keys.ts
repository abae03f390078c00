// One listener for all keys. Each view lays its keys over those of the frame while it is there, so the same key can mean
// different things in different views, and none has to know the other.

import { useLayoutEffect, useRef } from 'preact/hooks'

/** By the name of the key: `j`, `Enter`, `Mod+f` (Ctrl or Cmd), `Shift+ArrowLeft`. Returning false passes the key on. */
export type Keys = Readonly<Record<string, (event: KeyboardEvent) => unknown>>

/** The keys that move in a list. */
export function stepKeys(step: (by: number) => void): Keys {
  const [down, up] = [() => step(1), () => step(-1)]
  return { j: down, ArrowDown: down, k: up, ArrowUp: up }
}

const layers: { current: Keys }[] = []

/** After `g`, the next key names a page. */
let prefix = ''
let prefixTimer: ReturnType<typeof setTimeout> | undefined
const PREFIX_MS = 1200

export function useKeys(keys: Keys): void {
  const layer = useRef(keys)
  layer.current = keys
  // With what is seen, not after it: a key may follow at once.
  useLayoutEffect(() => {
    layers.push(layer)
    return () => {
      layers.splice(layers.indexOf(layer), 1)
    }
  }, [])
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
}

function nameOf(event: KeyboardEvent): string {
  const mod = event.ctrlKey || event.metaKey ? 'Mod+' : ''
  const shift = event.shiftKey && event.key.length > 1 ? 'Shift+' : ''
  return `${mod}${shift}${event.key}`
}

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.altKey) return
  const mod = event.ctrlKey || event.metaKey
  // A box that is typed into keeps all keys but those that no text has.
  if (isTyping(event.target) && !mod) return
  const name = prefix + nameOf(event)
  prefix = ''
  clearTimeout(prefixTimer)
  for (const layer of layers.toReversed()) {
    const act = layer.current[name]
    if (act === undefined) continue
    if (act(event) !== false) {
      event.preventDefault()
      return
    }
  }
  if (name === 'g') {
    prefix = 'g '
    prefixTimer = setTimeout(() => {
      prefix = ''
    }, PREFIX_MS)
  }
})
