// Puts the comment of Database Monitoring into the text that a connection of postgres.js makes of a query.
//
// The connection reads the pieces of the text, which are the program's template, and sets `string` to what it made of them. Until
// then the query has other pieces; the text that stays, and that errors show, is the program's.

import { type Span, tags } from '../../src/plugin'
import type { DatabaseComment } from '../../src/plugin/clients'
import type { Query } from './settling'

export interface Route {
  readonly host: readonly string[]
  readonly database: string
  /** Whether queries are prepared unless they say otherwise. */
  readonly prepare?: boolean
}

type Changeable = { -readonly [Key in keyof Query]: Query[Key] }

export class Commenting {
  #strings: readonly string[] | undefined

  constructor(
    private readonly comments: DatabaseComment,
    private readonly span: Span,
  ) {}

  /** Before the connection takes the query. One that is lost before it is set up may be followed by another. */
  begin(query: Changeable, { host, database, prepare: usually }: Route): void {
    this.finish(query)
    const { comments, span } = this
    const { strings, options = {} } = query
    span.put(tags.DB_NAME, database)
    if (host.length === 1) span.put(tags.OUT_HOST, host[0] as string)
    const isPrepared = options.simple !== true && (options.prepare ?? usually ?? true)
    const at = comments.appends ? strings.length - 1 : 0
    const piece = strings[at] ?? ''
    const commented = comments.added(piece, span, isPrepared)
    // Behind the first of several pieces it would stand in the middle.
    if (!comments.appends && strings.length > 1 && !commented.endsWith(piece)) return
    this.#strings = strings
    query.strings = strings.with(at, commented)
    let text = query.string
    Object.defineProperty(query, 'string', {
      configurable: true,
      enumerable: true,
      get: () => text,
      set: (made: string) => {
        const isNew = this.#strings !== undefined
        if (this.#strings !== undefined) query.strings = this.#strings
        this.#strings = undefined
        text = isNew ? comments.takenOut(made) : made
      },
    })
  }

  /** Leaves the query as it would be. */
  finish(query: Changeable): void {
    if (this.#strings !== undefined) query.strings = this.#strings
    this.#strings = undefined
    const { string, statement } = query
    // It has been sent, and results show it.
    if (typeof statement?.string === 'string') statement.string = this.comments.takenOut(statement.string)
    if (Object.getOwnPropertyDescriptor(query, 'string')?.get === undefined) return
    Reflect.deleteProperty(query, 'string')
    if (string !== undefined) query.string = string
  }
}
