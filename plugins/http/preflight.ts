// A browser asks, before it sends a request to another site, whether it may send these headers along (the preflight request of
// the Fetch standard's CORS protocol). Where the program lets that site in, it lets in its tracing headers too: it does not
// know of them, and the request itself would be refused for their sake.

import type { IncomingHttpHeaders } from 'node:http'
import { mimic, type Patcher } from '../../src/plugin'
import { type Headers, pairsOf, withHeaders } from './headers'

const TRACING = /^(?:traceparent|tracestate|baggage|x-datadog-[a-z-]+)$/
const ALLOW_ORIGIN = 'access-control-allow-origin'
const ALLOW_HEADERS = 'access-control-allow-headers'

interface Asking {
  readonly headers: IncomingHttpHeaders
}

interface Answer {
  writeHead: (...args: never[]) => unknown
  getHeader(name: string): unknown
  setHeader(name: string, value: string): unknown
}

/** Called before the program sees the request, whose method is OPTIONS. */
export function allowTracingHeaders({ headers }: Asking, answer: Answer, patcher: Patcher): void {
  const { origin } = headers
  const asked = wordsOf(headers['access-control-request-headers']).filter((name) => TRACING.test(name))
  if (origin === undefined || asked.length === 0) return
  const original = answer.writeHead as (...args: unknown[]) => unknown
  function writeHead(this: Answer, ...args: unknown[]): unknown {
    patcher.guarded('preflight', () => allow(answer, args, origin as string, asked))
    return Reflect.apply(original, this, args)
  }
  // Not enumerable, as on the prototype.
  Object.defineProperty(answer, 'writeHead', { value: mimic(writeHead, original), configurable: true, writable: true })
}

/** @param args of `writeHead`: the status, perhaps a reason, perhaps headers */
function allow(answer: Answer, args: unknown[], origin: string, asked: readonly string[]): void {
  const at = typeof args[1] === 'string' ? 2 : 1
  const given = args[at] as Headers | undefined
  const read = (name: string) => givenHeader(given, name) ?? answer.getHeader(name)
  const site = read(ALLOW_ORIGIN)
  if (site !== '*' && site !== origin) return
  const before = read(ALLOW_HEADERS)
  const allowed = wordsOf(before)
  const missing = asked.filter((name) => !allowed.includes(name))
  if (missing.length === 0 || allowed.includes('*')) return
  const value = [before, ...missing].flat().filter(Boolean).join(',')
  if (givenHeader(given, ALLOW_HEADERS) === undefined) answer.setHeader(ALLOW_HEADERS, value)
  else args[at] = withHeaders(given, { [ALLOW_HEADERS]: value })
}

function givenHeader(given: Headers | undefined, name: string): unknown {
  const entries = Array.isArray(given) ? pairsOf(given) : Object.entries(given ?? {})
  return entries.find(([key]) => String(key).toLowerCase() === name)?.[1]
}

function wordsOf(list: unknown): string[] {
  return String(list ?? '')
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter(Boolean)
}
