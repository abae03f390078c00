// GraphQL by `graphql`: parsing, validating and executing a document, and its resolvers.
//
// All are plain functions, so what is patched is the exports of the inner files: the library's own callers and its index ask there at
// each call. A program that took `execute` off the exports before `dd` was loaded keeps it.

import { type CallStart, definePlugin, hiddenField, type Operation, type Patcher, type Span } from '../../src/plugin'
import { cutText, MAX_RESOURCE_CHARACTERS, MAX_TAG_CHARACTERS } from '../cut-text'
import { type ResolverOptions, ResolverTracer, type Schema } from './resolvers'
import { type Document, type Node, signatureOf } from './signature'

interface GraphqlOptions extends ResolverOptions {
  /** Whether the text of documents goes into a tag; it may hold secrets. Default: false. */
  readonly source?: boolean
  /** The variables that go into tags, by name, or a function that picks them. Default: none. */
  readonly variables?: readonly string[] | ((variables: Record<string, unknown>) => Record<string, unknown>)
  /** Whether the resource shows the fields. Default: true; otherwise type and name. */
  readonly signature?: boolean
  /** The extensions of errors that go into their events. Default: none. */
  readonly errorExtensions?: readonly string[]
}

/** What Apollo asks itself to find out whether it is alive. */
const HEALTH_CHECK = '__ApolloServiceHealthCheck__'

interface Request {
  readonly schema: Schema
  readonly document: Document
  readonly variableValues?: Record<string, unknown> | null
  readonly operationName?: string | null
  readonly fieldResolver?: unknown
}

interface GraphqlError {
  readonly message?: string
  readonly name?: string
  readonly stack?: string
  readonly path?: readonly (string | number)[]
  readonly locations?: readonly { line: number; column: number }[]
  readonly extensions?: Record<string, unknown>
}

type ExecuteArgs = [request: Request] | unknown[]
type Exported<Name extends string> = Record<Name, (...args: never[]) => unknown>

/** Documents are kept and run again by most servers. */
const signatures = hiddenField<string>()

function traceExecute(
  exports: Exported<'execute' | 'defaultFieldResolver'> & Partial<Exported<'executeSync'>>,
  patcher: Patcher<GraphqlOptions>,
): void {
  const { options } = patcher
  const resolvers = new ResolverTracer(patcher as Patcher<ResolverOptions>, exports.defaultFieldResolver)
  const operation: Operation<object, ExecuteArgs> = {
    name: 'graphql.execute',
    v1Name: 'graphql.server.request',
    type: 'graphql',
    kind: 'server',

    pinOn: (_exports, args) => requestOf(args).schema as object | undefined,

    start(_exports, args): CallStart | undefined {
      const { schema, document, operationName, fieldResolver } = requestOf(args)
      if (!schema || !document?.definitions) return undefined
      const found = operationOf(document, operationName)
      if (found?.name?.value === HEALTH_CHECK) return undefined
      if (options.depth !== 0) {
        resolvers.see(schema)
        withResolver(args, resolvers.fieldResolver(fieldResolver))
      }
      return {
        resource: found === undefined ? '' : resourceOf(found, document, options),
        tags: {
          'graphql.operation.type': found?.operation,
          'graphql.operation.name': found?.name?.value,
          'graphql.source': options.source ? textOf(document.loc?.source) : undefined,
        },
      }
    },

    before(span, args) {
      resolvers.begin(span)
      const { variables } = options
      const { variableValues } = requestOf(args)
      if (variables === undefined || !variableValues) return
      const picked =
        typeof variables === 'function'
          ? variables(variableValues)
          : Object.fromEntries(
              variables.filter((name) => name in variableValues).map((name) => [name, variableValues[name]]),
            )
      for (const name in picked) span.setTag(`graphql.variables.${name}`, picked[name])
    },

    finish(span, result) {
      resolvers.end(span)
      noteErrors(span, (result as { errors?: unknown } | undefined)?.errors, options)
    },
  }
  patcher.trace<{ execute: unknown }, ExecuteArgs>(exports, 'execute', operation)
  // Since 15.
  const { executeSync } = exports
  if (executeSync !== undefined)
    patcher.trace<{ executeSync?: unknown }, ExecuteArgs>(exports, 'executeSync', operation)
}

/** One object; up to 15 also its properties in turn. */
function requestOf(args: ExecuteArgs): Request {
  if (args.length < 2) return (args[0] ?? {}) as Request
  const [schema, document, , , variableValues, operationName, fieldResolver] = args
  return { schema, document, variableValues, operationName, fieldResolver } as Request
}

function withResolver(args: ExecuteArgs, fieldResolver: unknown): void {
  if (args.length > 1) args[6] = fieldResolver
  // The program's own object, perhaps frozen, shows through the one the library gets and is left alone.
  else args[0] = Object.create(args[0] as object, { fieldResolver: { value: fieldResolver, enumerable: true } })
}

function operationOf({ definitions }: Document, name: string | null | undefined): Node | undefined {
  return definitions.find((node) => node.kind === 'OperationDefinition' && (!name || node.name?.value === name))
}

function resourceOf(operation: Node, document: Document, { signature = true }: GraphqlOptions): string {
  if (!signature) return `${operation.operation} ${operation.name?.value ?? ''}`.trim()
  const known = signatures.get(operation)
  if (known !== undefined) return known
  const text = cutText(signatureOf(operation, document), MAX_RESOURCE_CHARACTERS)
  signatures.set(operation, text)
  return text
}

function textOf(source: unknown): string | undefined {
  const text = (source as { body?: unknown } | undefined)?.body ?? source
  return typeof text === 'string' ? cutText(text, MAX_TAG_CHARACTERS) : undefined
}

/** The first one is the span's error; each is an event. */
function noteErrors(span: Span, errors: unknown, { errorExtensions = [] }: GraphqlOptions): void {
  if (!Array.isArray(errors) || errors.length === 0) return
  span.setError(errors[0])
  for (const { message, name, stack, path, locations, extensions } of errors as GraphqlError[]) {
    const attributes: Record<string, string | number | boolean> = {
      message: String(message),
      type: String(name ?? 'GraphQLError'),
    }
    if (stack !== undefined) attributes['stacktrace'] = stack
    if (path !== undefined) attributes['path'] = path.join('.')
    if (locations !== undefined) {
      attributes['locations'] = locations.map(({ line, column }) => `${line}:${column}`).join(',')
    }
    for (const key of errorExtensions) {
      const value = extensions?.[key]
      if (value !== undefined) attributes[`extensions.${key}`] = typeof value === 'number' ? value : String(value)
    }
    span.addEvent('dd.graphql.query.error', attributes)
  }
}

const step = { type: 'graphql', kind: 'internal', activate: false } as const

function traceParse(exports: Exported<'parse'>, patcher: Patcher<GraphqlOptions>): void {
  const { source: showSource } = patcher.options
  patcher.trace(exports, 'parse', {
    ...step,
    name: 'graphql.parse',
    start(_exports, [source]) {
      if (typeof source === 'string' && source.includes(HEALTH_CHECK)) return undefined
      return { resource: '', tags: { 'graphql.source': showSource ? textOf(source) : undefined } }
    },
  })
}

function traceValidate(exports: Exported<'validate'>, patcher: Patcher<GraphqlOptions>): void {
  const { options } = patcher
  patcher.trace(exports, 'validate', {
    ...step,
    name: 'graphql.validate',
    pinOn: (_exports, [schema]) => schema as object | undefined,
    start(_exports, args) {
      const document = args[1] as Document | undefined
      if (!document?.definitions || operationOf(document, HEALTH_CHECK) !== undefined) return undefined
      return {
        resource: '',
        tags: { 'graphql.source': options.source ? textOf(document.loc?.source) : undefined },
      }
    },
    finish: (span, errors) => noteErrors(span, errors, options),
  })
}

/** Node always takes the first file; bundlers may take the other. */
function inner(file: string, ...replaces: string[]) {
  return { module: 'graphql', versions: '>=14.0.0 <17', file: [`${file}.js`, `${file}.mjs`], replaces }
}

export default definePlugin({
  name: 'graphql',
  hooks: [
    { ...inner('execution/execute', 'execute', 'executeSync'), patch: traceExecute },
    {
      // What graphql-yoga and other servers of the Guild run documents with: graphql's own execution, retold.
      module: '@graphql-tools/executor',
      versions: '>=1.0.0 <3',
      file: ['cjs/execution/execute.js', 'esm/execution/execute.js'],
      replaces: ['execute', 'executeSync'],
      patch: traceExecute,
    },
    { ...inner('language/parser', 'parse'), patch: traceParse },
    { ...inner('validation/validate', 'validate'), patch: traceValidate },
  ],
})
