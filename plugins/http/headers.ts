// The headers of requests that go out, which programs give as an object or as a list, and what is added to them.

import type { RequestOptions } from 'node:http'

export type Headers = RequestOptions['headers']
type Pair = readonly [name: string, value: unknown]

/** What is added takes the place of what is there; Node wants a list to stay one. */
export function withHeaders(given: Headers | undefined, added: Record<string, string>): Headers {
  if (!Array.isArray(given)) {
    const headers = { ...given } as Record<string, unknown>
    for (const name in headers) {
      // HTTP/2 would send both.
      if (!Object.hasOwn(added, name) && Object.hasOwn(added, name.toLowerCase())) delete headers[name]
    }
    return Object.assign(headers, added) as Headers
  }
  // Node refuses it.
  if (!Array.isArray(given[0]) && given.length % 2 === 1) return given
  const kept = pairsOf(given).filter(([name]) => !Object.hasOwn(added, String(name).toLowerCase()))
  const pairs = [...kept, ...Object.entries(added)]
  return (Array.isArray(given[0]) ? pairs : pairs.flat()) as string[]
}

/** A list of headers holds pairs, or names and values in turn. */
export function pairsOf(list: readonly unknown[]): readonly Pair[] {
  if (Array.isArray(list[0])) return list as Pair[]
  return Array.from({ length: list.length / 2 }, (_, at) => [list[at * 2] as string, list[at * 2 + 1]])
}

/** A request with an AWS signature must go out as it was signed. */
export function isSigned({ path, headers }: Pick<RequestOptions, 'path' | 'headers'>): boolean {
  if (/x-amz-signature=/i.test(String(path))) return true
  const given = (Array.isArray(headers) ? Object.fromEntries(pairsOf(headers)) : headers) as Record<string, unknown>
  for (const name in given) {
    if (/^authorization$/i.test(name) && String(given[name]).startsWith('AWS4-')) return true
  }
  return false
}
