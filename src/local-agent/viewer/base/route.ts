// The address decides what is shown: `#/<page>/<what>?<filters>`. So links, reload and the back button work, and an address
// that is passed on shows the same.

import { signal } from '@preact/signals'
import { address, type Params } from './address'

export interface Route {
  readonly page: string
  readonly rest: readonly string[]
  readonly params: URLSearchParams
}

export const route = signal<Route>(parse(location.hash))

/** What `route` was read from. */
let shown = location.hash

addEventListener('hashchange', () => {
  shown = location.hash
  route.value = parse(shown)
})

function parse(hash: string): Route {
  const [path = '', query] = hash.replace(/^#\/?/, '').split('?')
  const [page = '', ...rest] = path.split('/').map(decoded)
  return { page: page || 'traces', rest, params: new URLSearchParams(query) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** An address of the page. */
export const href = (path: string, params: Params = {}): string => `#/${address(path, params)}`

export const traceHref = (id: string, span?: string): string => href(`trace/${id}`, { span })

export const tracesHref = (query: string): string => href('traces', { q: query })

export function go(address: string): void {
  location.hash = address
}

/**
 * Changes parameters of the address and leaves the page where it is.
 * @param isStep whether the back button should lead to what was before
 */
export function setParams(changes: Params, isStep = false): void {
  const { page, rest, params } = route.peek()
  const all: Record<string, string | undefined> = Object.fromEntries(params)
  for (const [name, value] of Object.entries(changes)) all[name] = value === undefined ? undefined : String(value)
  const address = href([page, ...rest].map(encodeURIComponent).join('/'), all)
  // Someone is on the way to another address already: what belongs to this one comes too late.
  if (location.hash !== shown || address === shown) return
  if (isStep) history.pushState(null, '', address)
  else history.replaceState(null, '', address)
  shown = location.hash
  route.value = parse(shown)
}

export const param = (name: string): string => route.value.params.get(name) ?? ''
