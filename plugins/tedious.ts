// SQL Server by `tedious`: all that a program asks of it, batches, procedures, prepared statements, transactions and bulk loads.
//
// Each request keeps its callback, and may be made again; so the callback is put back at each end. Its events come when the socket
// has something to say, in whatever context that was opened.

import {
  type AnyFunction,
  belongs,
  type CallStart,
  definePlugin,
  hiddenField,
  type Operation,
  type Patcher,
  type Span,
  tags,
} from '../src/plugin'
import { DatabaseComment } from '../src/plugin/clients'

interface Connection {
  readonly config?: {
    readonly server?: string
    readonly authentication?: { readonly options?: { readonly userName?: string } }
    readonly options?: { readonly database?: string; readonly port?: number }
  }
  makeRequest: unknown
  execBulkLoad: unknown
  reset: unknown
}

/** A request, or a bulk load, whose text is made. */
interface Asked {
  readonly sqlTextOrProcedure?: unknown
  getBulkInsertSql?(): unknown
  callback: unknown
}

interface RequestClass {
  readonly prototype: { emit: AnyFunction; listenerCount(event: string | symbol): number }
}

type RequestArgs = [asked: Asked, packetType?: unknown, payload?: unknown]

/** What the driver makes of a request, to be sent: a batch of statements, or the call of a procedure. */
interface Payload {
  sqlText?: unknown
  /** The server's own, such as `sp_executesql`, by number or by an object that has it. */
  readonly procedure?: unknown
  readonly parameters?: readonly { readonly name?: unknown; value?: unknown }[]
}

/** Of those that are being made. */
const ownCallback = hiddenField<unknown>()
const template = {
  name: 'tedious.request',
  v1Name: 'mssql.query',
  type: 'sql',
  kind: 'client',
  system: 'mssql',
  peerTags: [tags.DB_NAME],
  activate: false,
} as const
/** What a bulk load sends first, for itself. */
const BULK = /^insert bulk /

function requests(
  textOf: (...args: RequestArgs) => unknown,
  comments?: DatabaseComment,
): Operation<Connection, RequestArgs> {
  return {
    ...template,

    start({ config }, args): CallStart | undefined {
      const [asked] = args
      const text = textOf(...args)
      if (typeof text !== 'string' || ownCallback.get(asked) !== undefined) return undefined
      ownCallback.set(asked, asked.callback)
      return {
        resource: text,
        tags: {
          [tags.DB_TYPE]: 'mssql',
          [tags.DB_NAME]: config?.options?.database,
          [tags.DB_USER]: config?.authentication?.options?.userName,
          [tags.OUT_HOST]: config?.server,
          [tags.DESTINATION_PORT]: config?.options?.port,
        },
        bind: [asked],
        callback: { of: asked, key: 'callback' },
      }
    },

    ...(comments && {
      before: (span, [, , payload]) => addComment(comments, span, (payload ?? {}) as Payload),
    }),

    finish(_span, _value, [asked]) {
      asked.callback = ownCallback.get(asked)
      ownCallback.set(asked, undefined)
    },
  }
}

/** A transaction has no text; its payload says what it is, and how it is called: `Begin Transaction: name=…`. */
function textOf({ sqlTextOrProcedure: text }: Asked, _packetType: unknown, payload: unknown): unknown {
  if (typeof text === 'string') return BULK.test(text) ? undefined : text
  return /^\w+ Transaction(?=:)/.exec(String(payload))?.[0].toUpperCase()
}

/** SQL Server keeps the plan of every text, so the comment is the same each time. */
function addComment(comments: DatabaseComment, span: Span, payload: Payload): void {
  if (typeof payload.sqlText === 'string') payload.sqlText = comments.added(payload.sqlText, span, true)
  // The parameters of a procedure that has a name are the program's.
  if (typeof payload.procedure === 'string') return
  const text = payload.parameters?.find(({ name }) => name === 'statement' || name === 'stmt')
  if (typeof text?.value === 'string') text.value = comments.added(text.value, span, true)
}

function traceRequests({ prototype }: { prototype: Connection }, patcher: Patcher): void {
  patcher.trace(prototype, 'makeRequest', requests(textOf, DatabaseComment.of(patcher, template)))
  patcher.trace(
    prototype,
    'execBulkLoad',
    requests((bulkLoad) => bulkLoad.getBulkInsertSql?.()),
  )
  patcher.mute(prototype, 'reset')
}

/** The pools of `mssql`, by which most programs use the driver. */
function followPool({ prototype }: { prototype: { _poolCreate: AnyFunction } }, patcher: Patcher): void {
  patcher.wrap(prototype, '_poolCreate', (original) => {
    return {
      _poolCreate(this: object, ...args: unknown[]) {
        return (Reflect.apply(original, this, args) as Promise<object>).then((connection) => {
          belongs(connection, this)
          return connection
        })
      },
    }._poolCreate
  })
}

const hook = { module: 'tedious', versions: '>=14.0.0 <21' }

export default definePlugin({
  name: 'tedious',
  hooks: [
    { module: 'mssql', versions: '>=6 <13', file: 'lib/tedious/connection-pool.js', patch: followPool },
    { ...hook, file: 'lib/connection.js', patch: traceRequests },
    {
      ...hook,
      file: 'lib/request.js',
      patch: ({ prototype }: RequestClass, patcher: Patcher) => patcher.bindEvents(prototype),
    },
  ],
})
