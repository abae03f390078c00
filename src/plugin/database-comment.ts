// The comment that Datadog's Database Monitoring finds in a query: who asks, and in mode `full` for which span.
//
// Form, keys and their order are those of Datadog's tracers ("Correlate Database Monitoring and Traces" in its documentation):
// `/*dddb='orders',dddbs='web-postgres',dde='prod',ddh='db1',ddps='web',ddpv='1.2.0'*/ select 1`. Values are percent-encoded, also
// `'` and `*`, so that none ends the text or the comment, nor looks like a placeholder to a driver.

import { hiddenField } from '../base/hidden-field'
import { log } from '../base/log'
import { DB_NAME, DBM_TRACE_INJECTED, OUT_HOST, PEER_SERVICE } from '../base/tags'
import type { Span } from '../trace/span'
import type { Tracer } from '../trace/tracer'
import type { PluginOptions, SpanTemplate } from './contract'
import type { Patcher } from './patcher'
import { peerOf } from './peer-name'
import { serviceName } from './service-name'

/** `dynamic_service` is `service` here: what it adds, a hash of the tags of process and container, is not made. */
const MODES: readonly unknown[] = ['disabled', 'service', 'full', 'dynamic_service']
/** Comments that are kept: the names of databases, with MongoDB those of collections too, may be without end. */
export const MAX_KEPT = 256
/** A hint to PostgreSQL's planner counts only in the first comment. */
const HINT = /^\s*\/\*\+/

/** The same with the space by which it is joined; no value has an asterisk. */
const COMMENT = /\/\*dddb='[^*]*\*\/ | \/\*dddb='[^*]*\*\//
/** How many characters stand before the program's own text. */
const shifts = hiddenField<number>()

type Name = string | number | undefined

export class DatabaseComment {
  /** By database, host, service and peer; the one used last is the last. */
  readonly #kept = new Map<string, string>()
  readonly #isFull: boolean
  /** Whether it stands behind the text. */
  readonly appends: boolean
  readonly #service: string
  /** What is the same for all: env, and the program with its version. */
  readonly #env: string
  readonly #program: string

  private constructor(
    private readonly tracer: Tracer,
    private readonly template: Pick<SpanTemplate, 'system' | 'peerTags'>,
    { dbmPropagationMode, appendComment, service: given }: PluginOptions,
  ) {
    const { service, env, version } = tracer.unified
    this.#isFull = dbmPropagationMode === 'full'
    this.appends = appendComment === true
    this.#service = serviceName(tracer.service, template.system, given, tracer.naming)
    this.#env = `dde='${encoded(env)}'`
    this.#program = `ddps='${encoded(service)}',ddpv='${encoded(version)}'`
  }

  /** What a plugin's options ask for (`dbmPropagationMode`, `appendComment`); undefined: no comments. */
  static of<Options extends PluginOptions>(
    { plugin, options, tracer }: Patcher<Options>,
    template: Pick<SpanTemplate, 'system' | 'peerTags'>,
  ): DatabaseComment | undefined {
    const { dbmPropagationMode: mode = 'disabled' } = options
    if (!MODES.includes(mode)) {
      const modes = MODES.join(', ')
      log.once(`dbm ${plugin}`, `dbmPropagationMode of ${plugin} is none of ${modes}; its queries get no comment`)
      return undefined
    }
    return mode === 'disabled' ? undefined : new DatabaseComment(tracer, template, options)
  }

  /**
   * The text of a query with its comment.
   * @param isConstant whether the server keeps the text to find it again, as that of a prepared statement: its comment does not name
   *   the span, or no text would be like another
   */
  added(sql: string, span: Span, isConstant = false): string {
    const text = this.#joined(sql, this.text(span, isConstant))
    if (!text.startsWith(sql)) shifts.set(span, text.length - sql.length)
    return text
  }

  /** The same where there is no span. */
  addedTo(sql: string, database: Name, host: Name): string {
    return this.#joined(sql, this.#textOf(database, host, this.#service, undefined))
  }

  /** What stands in the comment. */
  text(span: Span, isConstant = false): string {
    const { peers } = this.tracer.naming
    const peer = peers === undefined ? undefined : peerOf(span, this.template, peers)?.name
    const database = span.getTag(DB_NAME)
    const text = this.#textOf(database, span.getTag(OUT_HOST), peer ?? span.service, span.getTag(PEER_SERVICE))
    if (isConstant || !this.#isFull) return text
    // It leaves the process, so it must be the last word.
    span.trace.decide()
    span.put(DBM_TRACE_INJECTED, 'true')
    const isKept = (span.trace.priority ?? 0) > 0
    return `${text},traceparent='00-${span.traceId}-${span.spanId}-${isKept ? '01' : '00'}'`
  }

  /** Makes texts of an error those that they would be without the comment. */
  takeOut(error: unknown, keys: readonly string[]): void {
    for (const key of keys) {
      const text: unknown = (error as Record<string, unknown> | null | undefined)?.[key]
      if (typeof text === 'string' && COMMENT.test(text)) Reflect.set(error as object, key, this.takenOut(text))
    }
  }

  /** `text` without the comment. */
  takenOut(text: string): string {
    return text.replace(COMMENT, '')
  }

  /** How many texts are kept. */
  get keptCount(): number {
    return this.#kept.size
  }

  #textOf(database: Name, host: Name, service: string, peer: Name): string {
    const kept = this.#kept
    const key = `${database ?? ''}\0${host ?? ''}\0${service}\0${peer ?? ''}`
    let text = kept.get(key)
    if (text === undefined) {
      const of = `dddb='${encoded(database)}',dddbs='${encoded(service)}',${this.#env},ddh='${encoded(host)}'`
      text = `${of},${this.#program}${peer === undefined ? '' : `,ddprs='${encoded(peer)}'`}`
      if (kept.size >= MAX_KEPT) for (const oldest of kept.keys()) if (kept.delete(oldest)) break
    } else kept.delete(key)
    kept.set(key, text)
    return text
  }

  #joined(sql: string, text: string): string {
    if (!this.appends && !HINT.test(sql)) return `/*${text}*/ ${sql}`
    // Behind a semicolon it would be a statement of its own.
    let end = sql.length
    while (end > 0 && ' \t\r\n;'.includes(sql[end - 1] as string)) end--
    return `${sql.slice(0, end)} /*${text}*/${sql.slice(end)}`
  }
}

/** How many characters the text of a span's query has before what the program wrote: servers count places in texts. */
export function commentLength(span: Span): number {
  return shifts.get(span) ?? 0
}

function encoded(name: Name): string {
  if (name === undefined) return ''
  const text = String(name)
  // A lone surrogate cannot be encoded.
  return /^[\w.~-]*$/.test(text)
    ? text
    : encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(/['*()!]/g, percent)
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}
