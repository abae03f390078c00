// What the span of one command says, whichever version of the driver sends it.
//
// Documents that are written are never reported, filters only as far as `obfuscateQuery` allows.

import { type CallStart, type PluginOptions, type Span, tags } from '../../src/plugin'
import { copyWith, type DatabaseComment } from '../../src/plugin/clients'
import { type Obfuscation, queryText } from './query-text'

export interface Options extends PluginOptions {
  readonly obfuscateQuery?: Obfuscation
  readonly queryInResourceName?: boolean
  /** Whether `hello` and `ismaster` have spans, which the driver sends by itself. Default: false. */
  readonly heartbeatEnabled?: boolean
}

export type Command = Readonly<Record<string, unknown>>

interface WriteError {
  readonly errmsg?: unknown
  readonly code?: unknown
}

/** A reply: a document, a document in a box (before 4), or bytes that are read when asked (since 6.6). */
interface Reply {
  readonly result?: unknown
  has?(field: string): boolean
  toObject?(): unknown
}

export const MAX_RESOURCE_LENGTH = 10_000

const HEARTBEATS: readonly string[] = ['hello', 'ismaster', 'isMaster']

/** Handshake, health, authentication, and tidying up behind cursors and sessions. */
const OF_THE_DRIVER = new Set([
  ...HEARTBEATS,
  ...['saslStart', 'saslContinue', 'authenticate', 'getnonce'],
  ...['endSessions', 'killCursors'],
])

/** The description of a command as the server gets it; none for the driver's own. */
export function describeCommand(
  options: Options,
  ns: string,
  command: Command,
  address: string | undefined,
  callback: CallStart['callback'],
): CallStart | undefined {
  const name = firstKey(command)
  if (name === undefined) return undefined
  if (OF_THE_DRIVER.has(name) && !(options.heartbeatEnabled === true && HEARTBEATS.includes(name))) return undefined
  const { query, filter, pipeline, deletes, updates } = command
  return startOf(
    options,
    name,
    namespaceOf(ns, name, command),
    query ?? filter ?? pipeline ?? filtersOf(deletes ?? updates),
    address,
    callback,
  )
}

export function startOf(
  options: Options,
  name: string,
  namespace: string,
  filter: unknown,
  address: string | undefined,
  callback: CallStart['callback'],
): CallStart {
  const text = filter === undefined ? undefined : queryText(filter, options.obfuscateQuery ?? 'redact')
  const resource = `${name} ${namespace}`
  // The address of a socket file has no port, that of an IPv6 server may be in brackets.
  const colon = address?.lastIndexOf(':') ?? -1
  const port = colon === -1 ? undefined : address?.slice(colon + 1)
  return {
    resource:
      options.queryInResourceName === true && text !== undefined
        ? `${resource} ${text}`.slice(0, MAX_RESOURCE_LENGTH)
        : resource,
    callback,
    tags: {
      [tags.DB_NAME]: namespace,
      'mongodb.query': text,
      [tags.OUT_HOST]: colon === -1 ? undefined : address?.slice(0, colon).replace(/^\[|\]$/g, ''),
      'out.port': port,
      [tags.DESTINATION_PORT]: port === undefined ? undefined : Number(port),
    },
  }
}

/** The filters of a batch of changes; one by itself. */
export function filtersOf(changes: unknown): unknown {
  // Since 6.10 a batch may come together with its bytes.
  const documents = (changes as { documents?: unknown } | undefined)?.documents ?? changes
  if (!Array.isArray(documents)) return undefined
  return documents.length === 1 ? documents[0].q : documents.map(({ q }: { q?: unknown }) => q)
}

/** `database.collection`: many commands name their collection themselves and are sent to the whole database. */
function namespaceOf(ns: string, name: string, command: Command): string {
  const subject = command[name]
  if (!ns.endsWith('.$cmd') || typeof subject !== 'string' || /user|role/i.test(name)) return ns
  return name === 'renameCollection' ? subject : `${ns.slice(0, ns.indexOf('.'))}.${subject}`
}

function firstKey(command: Command): string | undefined {
  for (const key in command) return key
  return undefined
}

/** MongoDB 4.4: since then every command may have a comment. */
const COMMENTS_EVERYWHERE = 9

/** The command with the comment of Database Monitoring behind its own; the same where the server would refuse one. */
export function commented(command: Command, comments: DatabaseComment, span: Span, wireVersion = 0): Command {
  const { comment } = command
  const isWelcome = wireVersion >= COMMENTS_EVERYWHERE || 'find' in command || 'aggregate' in command
  // It may be any value; to one that is neither text nor list nothing can be added.
  if (!isWelcome || !(comment === undefined || typeof comment === 'string' || Array.isArray(comment))) return command
  const text = comments.text(span)
  if (Array.isArray(comment)) return copyWith(command, 'comment', [...comment, text])
  return copyWith(command, 'comment', comment === undefined || comment === '' ? text : `${comment},${text}`)
}

/** Marks what the program will see as an error: to the connection a duplicate key is a reply like any other. */
export function failIfRefused(span: Span, reply: unknown): void {
  const { has, toObject, result } = (reply ?? {}) as Reply
  const document = has === undefined ? (result ?? reply) : has.call(reply, 'writeErrors') && toObject?.call(reply)
  const [error] = (document as { writeErrors?: readonly WriteError[] } | undefined)?.writeErrors ?? []
  if (error !== undefined) span.setError({ name: 'WriteError', message: error.errmsg, code: error.code })
}
