// PostgreSQL by `pg`: every query of the JavaScript and the native client, in all the ways it can be asked for.
//
// A client takes text, a configuration object or an object that submits itself (Query, Cursor, QueryStream), and tells the end by
// a callback in the arguments, a callback in the configuration, a promise, or events.

import { type CallStart, definePlugin, type Operation, type Patcher } from '../src/plugin'
import { DatabaseComment, PoolWait } from '../src/plugin/clients'
import { addComment, type Statements } from './pg-comment'
import { template, tracePool, WAIT_TAG } from './pg-pool'
import { correctPosition } from './postgres-position'
import { connectionTags, type SqlConnection } from './sql-connection'

interface Client extends Statements {
  query(...args: unknown[]): unknown
  readonly connectionParameters?: SqlConnection
  readonly processID?: number | null
}

interface Submittable {
  submit: unknown
  callback?: unknown
  text?: unknown
  cursor?: { text?: unknown }
  emit(event: string | symbol, ...args: unknown[]): unknown
  on(event: string | symbol, listener: (...args: never[]) => void): unknown
  removeListener(event: string | symbol, listener: (...args: never[]) => void): unknown
}

type QueryArgs = [config: string | { text?: unknown; callback?: unknown } | Submittable | null, ...rest: unknown[]]

const queries = (wait: PoolWait, comments: DatabaseComment | undefined): Operation<Client, QueryArgs> => ({
  ...template,
  name: 'pg.query',
  v1Name: 'postgresql.query',

  start(client, args): CallStart | undefined {
    const [config] = args
    const text = typeof config === 'string' ? config : textOf(config)
    if (text === undefined) return undefined
    const submits = isSubmittable(config)
    return {
      resource: text,
      tags: {
        ...connectionTags('postgres', client.connectionParameters),
        'db.pid': client.processID ?? undefined,
        'db.stream': submits && !isQuery(config) ? 1 : undefined,
        [WAIT_TAG]: wait.take(),
      },
      ...(submits ? endOfSubmittable(config, args) : endOfQuery(config, args)),
    }
  },
  ...(comments && {
    before: (span, args, client) => addComment(comments, span, client, args),
    finish: (span, _value, _args, error) => correctPosition(error, span),
  }),
})

function textOf(config: Exclude<QueryArgs[0], string>): string | undefined {
  // A stream holds its text in the cursor it drives.
  const text = config?.text ?? (config as Submittable | null)?.cursor?.text
  return typeof text === 'string' ? text : undefined
}

function isSubmittable(config: QueryArgs[0]): config is Submittable {
  return typeof (config as Submittable | null)?.submit === 'function'
}

/** A Query, of either client, keeps its callback; cursors and streams are read by hand. */
function isQuery(config: Submittable): boolean {
  return 'callback' in config && config.cursor === undefined
}

function endOfQuery(config: QueryArgs[0], args: QueryArgs): Pick<CallStart, 'callback'> {
  const callback = (config as { callback?: unknown } | null)?.callback
  if (typeof callback === 'function' && !args.slice(1).some((arg) => typeof arg === 'function')) {
    // Moved to the arguments. The program's own object, perhaps frozen, shows through the one pg gets and is left alone.
    args[0] = Object.create(config as object, { callback: { value: undefined, writable: true, configurable: true } })
    args[2] = callback
  }
  return { callback: 'last' }
}

function endOfSubmittable(config: Submittable, args: QueryArgs): Pick<CallStart, 'callback' | 'until'> {
  const given = args.slice(1).find((arg) => typeof arg === 'function')
  if (typeof config.callback === 'function') {
    // pg keeps a callback that is there already, so ours has to take its place.
    args.splice(1, args.length - 1, config.callback)
    config.callback = undefined
    return { callback: 'last' }
  }
  if (given !== undefined && isQuery(config)) return { callback: 'last' }
  // A cursor keeps quiet about errors unless somebody listens; its reader is told in any case.
  const quiet = config.cursor === undefined && !isQuery(config)
  return { until: { emitter: config, events: quiet ? ['end', 'error'] : ['end', 'close'] } }
}

function traceQueries(Client: { prototype: Client }, patcher: Patcher): void {
  patcher.trace(Client.prototype, 'query', queries(PoolWait.of(patcher), DatabaseComment.of(patcher, template)))
}

const versions = '>=8.0.3 <9'

export default definePlugin({
  name: 'pg',
  hooks: [
    { module: 'pg', versions, file: 'lib/client.js', patch: traceQueries },
    { module: 'pg', versions, file: 'lib/native/client.js', patch: traceQueries },
    { module: 'pg-pool', versions: '>=3.0.0 <4', patch: tracePool },
  ],
})
