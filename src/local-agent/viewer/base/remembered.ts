// What the page remembers in this browser: the theme, widths, the colours of services. A browser that forbids it only forgets.

import { type Signal, signal } from '@preact/signals'

const PREFIX = 'dd.'

export function recall<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name)
    return text === null ? otherwise : (JSON.parse(text) as T)
  } catch {
    return otherwise
  }
}

export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // Forbidden or full.
  }
}

/** A number that is remembered, within bounds. */
export function rememberedNumber(name: string, otherwise: number, min: number, max: number): Signal<number> {
  const known = recall<unknown>(name, otherwise)
  const value = signal(typeof known === 'number' && known >= min && known <= max ? known : otherwise)
  value.subscribe((now) => {
    if (now !== otherwise || known !== otherwise) remember(name, now)
  })
  return value
}
