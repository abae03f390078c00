// SQL Server by `tedious`: all that a program asks of it, batches, procedures, prepared statements, transactions and bulk loads.
//
// Each request keeps its callback, and may be made again; so the callback is put back at each end. Its events come when the socket
// has something to say, in whatever context that was opened.

import {
  type AnyFunction,
  type CallStart,
  definePlugin,
  hiddenField,
  type Operation,
  type Patcher,
  tags,
} from '../src/plugin'

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

/** Of those that are being made. */
const ownCallback = hiddenField<unknown>()
/** What a bulk load sends first, for itself. */
const BULK = /^insert bulk /

function requests(textOf: (...args: RequestArgs) => unknown): Operation<Connection, RequestArgs> {
  return {
    name: 'tedious.request',
    type: 'sql',
    kind: 'client',
    system: 'mssql',
    activate: false,

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

function traceRequests({ prototype }: { prototype: Connection }, patcher: Patcher): void {
  patcher.trace(prototype, 'makeRequest', requests(textOf))
  patcher.trace(
    prototype,
    'execBulkLoad',
    requests((bulkLoad) => bulkLoad.getBulkInsertSql?.()),
  )
  patcher.mute(prototype, 'reset')
}

const hook = { module: 'tedious', versions: '>=14.0.0 <21' }

export default definePlugin({
  name: 'tedious',
  hooks: [
    { ...hook, file: 'lib/connection.js', patch: traceRequests },
    {
      ...hook,
      file: 'lib/request.js',
      patch: ({ prototype }: RequestClass, patcher: Patcher) => patcher.bindEvents(prototype),
    },
  ],
})
