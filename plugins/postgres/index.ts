// PostgreSQL by postgres.js (npm `postgres`): a span for every query from when it is executed to its result.
//
// A Query is a promise that does nothing until somebody waits for it: whoever awaits it first is its parent. It is settled by two
// functions that it holds; its text and its route are known only once a connection has taken it.

import {
  type AnyFunction,
  definePlugin,
  hiddenField,
  mimic,
  type Operation,
  type Patcher,
  tags,
} from '../../src/plugin'
import { DatabaseComment } from '../../src/plugin/clients'
import { correctPosition } from '../postgres-position'
import { Commenting, type Route } from './commenting'
import { followPins } from './pins'
import { type End, type Query, Watch } from './settling'

interface Options extends Route {
  readonly port: readonly (number | string)[]
  readonly user: string
}

interface Connection {
  connect(query: object): unknown
  execute(query: object): unknown
}

type Connect = (options: Options, ...rest: unknown[]) => Connection
type HandleArgs = [query: Query, end: End]

/** The options of the connection that has taken a query. */
const routes = hiddenField<Options>()
const watches = hiddenField<Watch>()
const commentings = hiddenField<Commenting>()

const queries: Operation<Query, HandleArgs> = {
  name: 'postgres.query',
  v1Name: 'postgresql.query',
  type: 'sql',
  kind: 'client',
  system: 'postgres',
  peerTags: [tags.DB_NAME],
  // The socket that a query opens serves others after it.
  activate: false,

  start(query) {
    return { resource: query.strings[0] ?? '', tags: { [tags.DB_TYPE]: 'postgres' }, callback: 'last' }
  },

  pinOn: (query) => query.handler,

  finish(span, _result, [query]) {
    span.resource = textOf(query)
    const { pid } = query.state ?? {}
    if (typeof pid === 'number') span.put('db.pid', pid)
    const options = routes.get(query)
    if (options === undefined) return
    span.put(tags.DB_NAME, options.database)
    span.put(tags.DB_USER, options.user)
    // Of several hosts only the driver knows which one answered.
    if (options.host.length !== 1) return
    span.put(tags.OUT_HOST, options.host[0]!)
    span.put(tags.DESTINATION_PORT, Number(options.port[0]))
  },
}

function withComments(comments: DatabaseComment): typeof queries {
  return {
    ...queries,
    before: (span, [query]) => commentings.set(query, new Commenting(comments, span)),
    finish(span, result, args, error) {
      commentings.get(args[0])?.finish(args[0])
      correctPosition(error, span)
      queries.finish?.(span, result, args, error)
    },
  }
}

/** What was never sent is written as the driver would; only it knows which values are pieces of the text. */
function textOf({ string, strings }: Query): string {
  return string ?? strings.reduce((text, part, index) => (index === 0 ? part : `${text}$${index}${part}`), '')
}

function traceQueries({ Query }: { Query: { prototype: Query } }, patcher: Patcher): void {
  const { prototype } = Query
  patcher.wrap(prototype, 'handle', (original) => {
    const comments = DatabaseComment.of(patcher, queries)
    const operation = comments === undefined ? queries : withComments(comments)
    const execute = patcher.tracing(operation)(function (this: Query, query: Query, end: End) {
      patcher.guarded('watch', () => {
        const watch = new Watch(query, end)
        watches.set(query, watch)
        watch.renew(query)
      })
      return Reflect.apply(original, query, [])
    } as AnyFunction)
    return {
      handle(this: Query) {
        if (!this.executed && typeof this.canceller === 'function')
          return Reflect.apply(execute, this, [this, () => {}])
        // Each step of an iterated cursor settles the query by new functions.
        const watch = watches.get(this)
        if (watch !== undefined) patcher.guarded('renew', () => watch.renew(this))
        return Reflect.apply(original, this, [])
      },
    }.handle
  })
  followPins(prototype, patcher)
  // Rows come in the context of whoever opened the connection.
  patcher.bind(prototype, 'forEach')
  patcher.bind(prototype, 'cursor')
}

function noteRoutesOfModule(exports: { default: Connect }, patcher: Patcher): void {
  patcher.wrap(exports, 'default', (connect) => noteRoutes(connect as Connect, patcher) as AnyFunction)
}

/** Only a connection knows where it leads. */
function noteRoutes(connect: Connect, patcher: Patcher): Connect {
  const noting: Connect = (options, ...rest) => {
    const connection = connect(options, ...rest)
    patcher.guarded('connection', () => {
      for (const method of ['connect', 'execute'] as const) {
        const original = connection[method]
        connection[method] = (query) => {
          patcher.guarded('route', () => {
            routes.set(query, options)
            commentings.get(query)?.begin(query as Query, options)
          })
          return original(query)
        }
      }
    })
    return connection
  }
  return mimic(noting, connect)
}

const versions = '>=3.0.0 <4'

export default definePlugin({
  name: 'postgres',
  hooks: [
    { module: 'postgres', versions, file: ['cjs/src/query.js', 'src/query.js'], patch: traceQueries },
    { module: 'postgres', versions, file: 'cjs/src/connection.js', patch: noteRoutes },
    { module: 'postgres', versions, file: 'src/connection.js', replaces: ['default'], patch: noteRoutesOfModule },
  ],
})
