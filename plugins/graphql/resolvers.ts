// The resolvers of an execution: a span for each field that is computed, below the span of the field it stands in.
//
// The items of a list share one span per field, unless `collapse` is off: it ends with the last of them. Resolvers are found on the
// schema, where there is no prototype to patch: they are wrapped in place at the first execution of a schema, and are looked through
// once the plugin is undone, since nobody knows all schemas. A property that is only read gives no span.

import {
  type AnyFunction,
  followPin,
  hiddenField,
  mimic,
  type Patcher,
  type PluginOptions,
  pinsAreThere,
  type Span,
  tags,
} from '../../src/plugin'

export interface ResolverOptions extends PluginOptions {
  /** How many fields deep resolvers are traced: 0 none, -1 (default) all. */
  readonly depth?: number
  /** Whether the items of a list share their spans. Default: true. */
  readonly collapse?: boolean
}

export interface Schema {
  getTypeMap(): Record<string, { getFields?(): Record<string, { resolve?: unknown }> }>
}

interface Path {
  readonly prev: Path | undefined
  readonly key: string | number
}

interface Info {
  readonly fieldName: string
  readonly returnType: object
  readonly parentType: { readonly name: string }
  readonly path: Path
  readonly variableValues: object
}

interface Field {
  readonly span: Span
  readonly path: string
  readonly depth: number
  readonly children: Map<string, Field>
  /** Calls that have not ended. */
  pending: number
  endMs: number
}

interface Execution {
  readonly root: Field
  isOver: boolean
}

type ResolveArgs = [source: unknown, args: unknown, context: unknown, info: Info]

/**
 * Of a span of `execute`; and of the variables, which are made anew for each execution: where a resolver's promise is of another
 * library, the active span may be another request's.
 */
const executions = hiddenField<Execution>()
const fields = hiddenField<Field>()

export class ResolverTracer {
  readonly #patcher: Patcher<ResolverOptions>
  /** Schemas and resolvers that are done. */
  readonly #seen = new WeakSet<object>()
  readonly #wrappers = new WeakMap<AnyFunction, AnyFunction>()
  readonly #defaultResolver: AnyFunction
  readonly #fallback: AnyFunction

  /** @param defaultResolver the library's own, which reads a property or calls a method */
  constructor(patcher: Patcher<ResolverOptions>, defaultResolver: AnyFunction) {
    this.#patcher = patcher
    this.#defaultResolver = defaultResolver
    const call = this.#wrap(defaultResolver)
    this.#fallback = (...args: unknown[]) => {
      const [source, , , info] = args as ResolveArgs
      if ((typeof source === 'object' && source !== null) || typeof source === 'function') {
        const property = (source as Record<string, unknown>)[info.fieldName]
        if (typeof property !== 'function') return property
      }
      return Reflect.apply(call, undefined, args)
    }
  }

  /** Wraps the resolvers of a schema, once. Introspection has its own, which all schemas share. */
  see(schema: Schema): void {
    if (this.#seen.has(schema)) return
    this.#seen.add(schema)
    for (const [name, type] of Object.entries(schema.getTypeMap())) {
      if (name.startsWith('__') || typeof type.getFields !== 'function') continue
      for (const field of Object.values(type.getFields())) {
        const { value: resolve, writable } = Object.getOwnPropertyDescriptor(field, 'resolve') ?? {}
        if (typeof resolve !== 'function' || !writable || this.#seen.has(resolve)) continue
        field.resolve = this.#wrap(resolve as AnyFunction)
      }
    }
  }

  /** What is to resolve the fields that have no resolver. */
  fieldResolver(given: unknown): AnyFunction {
    if (typeof given !== 'function' || given === this.#defaultResolver) return this.#fallback
    const known = this.#wrappers.get(given as AnyFunction) ?? this.#wrap(given as AnyFunction)
    this.#wrappers.set(given as AnyFunction, known)
    return known
  }

  begin(span: Span): void {
    const root: Field = { span, path: '', depth: 0, children: new Map(), pending: 0, endMs: 0 }
    executions.set(span, { root, isOver: false })
  }

  /** Finishes the spans of all fields, but those that still run: an error may have ended the execution early. */
  end(span: Span): void {
    const execution = executions.get(span)
    if (execution === undefined) return
    execution.isOver = true
    finish(execution.root.children)
  }

  #wrap(resolve: AnyFunction): AnyFunction {
    const tracer = this
    const wrapper = mimic(
      {
        resolve(this: unknown, ...args: unknown[]) {
          const patcher = tracer.#patcher
          const entered = patcher.guarded('resolve', () => tracer.#enter((args as ResolveArgs)[3]))
          if (entered === undefined) return Reflect.apply(resolve, this, args)
          const { field, execution } = entered
          return patcher.follow(field.span, resolve, this, args, (error, failed) => {
            if (failed) field.span.setError(error)
            field.pending--
            field.endMs = field.span.trace.nowUs() / 1000
            if (execution.isOver && field.pending === 0) field.span.finish()
          })
        },
      }.resolve,
      resolve,
    )
    this.#seen.add(wrapper)
    return wrapper
  }

  #enter(info: Info | undefined): { field: Field; execution: Execution } | undefined {
    if (info === undefined) return undefined
    const execution = this.#executionOf(info)
    if (execution === undefined || execution.isOver) return undefined
    const { collapse = true, depth = -1 } = this.#patcher.options
    let parent = execution.root
    let key = String(info.path.key)
    let names = 1
    for (let at = info.path.prev; at !== undefined; at = at.prev) {
      const known = fields.get(at)
      if (known !== undefined) {
        parent = known
        break
      }
      if (typeof at.key === 'string') names++
      key = `${typeof at.key === 'number' && collapse ? '*' : at.key}.${key}`
    }
    if (depth >= 0 && parent.depth + names > depth) return undefined
    let field = parent.children.get(key)
    if (field === undefined) {
      field = this.#open(info, parent, key, names)
      parent.children.set(key, field)
    }
    fields.set(info.path, field)
    field.pending++
    return { field, execution }
  }

  #executionOf({ variableValues }: Info): Execution | undefined {
    const known = executions.get(variableValues)
    if (known !== undefined) return known
    const { activeSpan } = this.#patcher.tracer
    const execution = activeSpan === undefined ? undefined : executions.get(activeSpan)
    if (execution !== undefined) executions.set(variableValues, execution)
    return execution
  }

  #open({ fieldName, returnType, parentType }: Info, parent: Field, key: string, names: number): Field {
    const path = parent.path === '' ? key : `${parent.path}.${key}`
    const type = String(returnType)
    const resource = `${fieldName}:${type}`
    const span = this.#patcher.tracer.open('graphql.resolve', parent.span.service, resource, 'graphql', parent.span)
    span.put(tags.COMPONENT, 'graphql')
    span.put(tags.INTEGRATION, 'graphql')
    span.put(tags.SPAN_KIND, 'internal')
    if (pinsAreThere()) followPin(span, parent.span, 'graphql')
    span.put('graphql.field.name', fieldName)
    span.put('graphql.field.path', path)
    span.put('graphql.field.type', type)
    span.put('graphql.field.coordinates', `${parentType.name}.${fieldName}`)
    return { span, path, depth: parent.depth + names, children: new Map(), pending: 0, endMs: 0 }
  }
}

function finish(children: ReadonlyMap<string, Field>): void {
  for (const field of children.values()) {
    if (field.pending === 0) field.span.finish(field.endMs)
    finish(field.children)
  }
}
