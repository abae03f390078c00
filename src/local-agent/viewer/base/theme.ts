// Dark or light: as the system says, until the reader says otherwise. Canvases cannot use style sheets, so the colours they
// need are read here, once per theme.

import { computed, signal } from '@preact/signals'
import { recall, remember } from './remembered'

type Theme = 'dark' | 'light'

const system = matchMedia('(prefers-color-scheme: dark)')
const known = recall<unknown>('theme', undefined)
const chosen = signal<Theme | undefined>(known === 'dark' || known === 'light' ? known : undefined)
const ofSystem = signal<Theme>(system.matches ? 'dark' : 'light')

export const theme = computed<Theme>(() => chosen.value ?? ofSystem.value)

system.addEventListener('change', () => {
  ofSystem.value = system.matches ? 'dark' : 'light'
})

theme.subscribe((now) => {
  document.documentElement.dataset['theme'] = now
})

export function toggleTheme(): void {
  const next = theme.peek() === 'dark' ? 'light' : 'dark'
  chosen.value = next
  remember('theme', next)
}

/** Colours of the style sheet by their names, read again when the theme changes. */
export const colours = computed(() => {
  void theme.value
  const style = getComputedStyle(document.documentElement)
  const read = new Map<string, string>()
  return (name: string): string => {
    let colour = read.get(name)
    if (colour === undefined) {
      colour = style.getPropertyValue(`--${name}`).trim()
      read.set(name, colour)
    }
    return colour
  }
})
