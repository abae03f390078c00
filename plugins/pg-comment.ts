// Puts the comment of Database Monitoring into the query that `pg` gets, and leaves the program's own objects as they are: programs
// use them again, some are frozen.

import type { AnyFunction, Span } from '../src/plugin'
import { copyWith, type DatabaseComment, duringCall } from '../src/plugin/clients'
import { correctPosition } from './postgres-position'

interface Query {
  readonly name?: unknown
  readonly text?: unknown
  readonly submit?: unknown
  readonly cursor?: { readonly text?: unknown }
  handleError?: AnyFunction
}

/** Where a connection keeps the texts of its prepared statements; each name stands for one text. */
export interface Statements {
  readonly connection?: { readonly parsedStatements?: Texts; readonly submittedNamedStatements?: Texts }
  /** The native client's. */
  readonly namedQueries?: Texts
}

type Texts = Readonly<Record<string, unknown>>

export function addComment(comments: DatabaseComment, span: Span, client: Statements, args: unknown[]): void {
  const config = args[0] as string | Query
  if (typeof config === 'string') {
    args[0] = comments.added(config, span)
    return
  }
  const { name } = config
  if (typeof config.submit === 'function') {
    // By hand the text of a named statement is compared when it is sent and once more when it was read.
    if (name !== undefined) return
    const holder = typeof config.text === 'string' ? config : config.cursor
    if (typeof holder?.text !== 'string') return
    duringCall(holder, 'submit', 'text', comments.added(holder.text, span))
    if (holder === config) correctEarly(config, span)
    return
  }
  const text = String(config.text)
  const commented = comments.added(text, span, Boolean(name))
  const known = typeof name === 'string' && name !== '' ? textOf(client, name) : undefined
  // A statement that the connection has already is asked for by the text it has.
  const isOurs = known !== undefined && known !== commented && (known === text || isCommented(known, text))
  args[0] = copyWith(config, 'text', isOurs ? known : commented)
}

/** A cursor tells its readers of an error before its span hears of it. */
function correctEarly(query: Query, span: Span): void {
  const { handleError } = query
  if (typeof handleError !== 'function' || !Object.isExtensible(query)) return
  const value = {
    handleError(this: unknown, ...args: unknown[]): unknown {
      Reflect.deleteProperty(query, 'handleError')
      correctPosition(args[0], span)
      return Reflect.apply(handleError, this, args)
    },
  }.handleError
  if (!Object.hasOwn(query, 'handleError'))
    Object.defineProperty(query, 'handleError', { configurable: true, writable: true, value })
}

function textOf({ connection, namedQueries }: Statements, name: string): string | undefined {
  const text =
    connection?.parsedStatements?.[name] ?? connection?.submittedNamedStatements?.[name] ?? namedQueries?.[name]
  return typeof text === 'string' ? text : undefined
}

function isCommented(known: string, text: string): boolean {
  return known.length > text.length && known.startsWith("/*dddb='") && known.endsWith(`*/ ${text}`)
}
