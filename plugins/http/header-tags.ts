// The headers that a program wants as tags (`headerTags`, `DD_TRACE_HEADER_TAGS`): none unless it names them, as they may hold secrets.

import type { OutgoingMessage } from 'node:http'
import type { Span } from '../../src/plugin'

/** The value of a header by its name in lower case. */
export type HeaderLookup = (name: string) => unknown

interface HeaderTag {
  readonly header: string
  readonly requestTag: string
  readonly responseTag: string
}

export class HeaderTags {
  readonly #tags: readonly HeaderTag[]

  /** @param names `header`, or `header:tag` */
  constructor(names: readonly string[] = []) {
    this.#tags = names.map(headerTag).filter(({ header }) => header !== '')
  }

  /** Whether there is nothing to look for. */
  get isEmpty(): boolean {
    return this.#tags.length === 0
  }

  put(span: Span, request: HeaderLookup, response: HeaderLookup): void {
    this.putRequest(span, request)
    this.putResponse(span, response)
  }

  putRequest(span: Span, headers: HeaderLookup): void {
    for (const { header, requestTag } of this.#tags) put(span, requestTag, headers(header))
  }

  putResponse(span: Span, headers: HeaderLookup): void {
    for (const { header, responseTag } of this.#tags) put(span, responseTag, headers(header))
  }
}

function put(span: Span, tag: string, value: unknown): void {
  if (value !== undefined && value !== null)
    span.put(tag, (Array.isArray(value) ? value.join(', ') : String(value)).trim())
}

/** A tag that is named is one for both directions; the others keep of a name what the Agent takes, as Datadog's tracers do. */
function headerTag(name: string): HeaderTag {
  const colon = name.indexOf(':')
  const header = (colon === -1 ? name : name.slice(0, colon)).trim().toLowerCase()
  const tag = colon === -1 ? '' : name.slice(colon + 1).trim()
  const key = header.replace(/[^a-z0-9_\-:/]/g, '_')
  return {
    header,
    requestTag: tag || `http.request.headers.${key}`,
    responseTag: tag || `http.response.headers.${key}`,
  }
}

/** Looks in headers as Node gives those received, with names in lower case. */
export function inHeaders(headers: Readonly<Record<string, unknown>> | undefined): HeaderLookup {
  return (name) => (headers !== undefined && Object.hasOwn(headers, name) ? headers[name] : undefined)
}

/** Looks among names and values in turn. */
export function inList(list: unknown): HeaderLookup {
  return (name) => {
    if (!Array.isArray(list)) return undefined
    const values = list.filter((_, at) => at % 2 === 1 && String(list[at - 1]).toLowerCase() === name).map(String)
    return values.length === 0 ? undefined : values
  }
}

/** Looks in text of lines `name: value`. */
export function inText(text: string): HeaderLookup {
  const lines = text.split('\r\n')
  return (name) => {
    const found = lines.filter((line) => line.slice(0, name.length + 1).toLowerCase() === `${name}:`)
    return found.length === 0 ? undefined : found.map((line) => line.slice(name.length + 1).trim())
  }
}

/** Looks in what was sent: Node keeps no list of headers given to `writeHead` or as an array, only their text. */
export function inSent(message: OutgoingMessage): HeaderLookup {
  if (!message.headersSent) return () => undefined
  const { _header: text } = message as unknown as { _header?: unknown }
  return typeof text === 'string' ? inText(text) : (name) => message.getHeader(name)
}
