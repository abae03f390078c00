// Mongoose: each operation of a model as a span above the commands it sends, which are the driver's.
//
// Queries and aggregations are patched where they run, not where they are built, so that they stay lazy. Mongoose publishes
// channels since 9.7, but what listens to them cannot become the parent of the driver's spans. Cursors have no span, their commands do.

import { belongs, definePlugin, hiddenField, type Operation, type Patcher, tags } from '../src/plugin'

interface Model {
  readonly modelName?: string
  readonly collection?: { readonly name?: string }
  readonly db?: { readonly name?: string }
}

type Method = (...args: unknown[]) => unknown
interface Query {
  readonly model?: Model
  readonly op?: string
  exec: Method
}
interface Aggregate {
  readonly _model?: Model
  exec: Method
}
interface ModelClass extends Model {
  readonly prototype: { save: Method; $save: Method }
  insertMany: Method
  bulkWrite: Method
}
interface Queue {
  queue: [method: unknown, args?: unknown[]][]
  addQueue: Method
  doQueue: Method
}

/** `about` gives the model and the operation. */
function operation<Self extends object>(
  about: (self: Self, args: unknown[]) => [model: Model | undefined, name: string],
): Operation<Self, unknown[]> {
  return {
    name: 'mongoose.query',
    kind: 'internal',
    pinOn(self, args) {
      const [model] = about(self, args)
      if (model?.db !== undefined) belongs(model, model.db)
      return model
    },
    start(self, args) {
      const [model, name] = about(self, args)
      const { modelName, collection, db } = model ?? {}
      return {
        resource: modelName === undefined ? name : `${modelName}.${name}`,
        callback: 'last',
        tags: {
          [tags.DB_NAME]: db?.name === undefined ? undefined : `${db.name}.${collection?.name}`,
          'mongoose.model': modelName,
          'mongoose.operation': name,
        },
      }
    },
  }
}

/** A model belongs to its connection, whose own collections are the driver's. */
function followConnections(patcher: Patcher): void {
  patcher.whenPinned((target) => {
    const { client, useDb, modelName, db } = target as { client?: unknown; useDb?: unknown } & Model
    if (modelName !== undefined && db !== undefined) belongs(target, db)
    if (typeof useDb === 'function' && typeof client === 'object' && client !== null) belongs(client, target)
    return undefined
  })
}

function traceQueries(Query: { prototype: Query }, patcher: Patcher): void {
  patcher.trace(
    Query.prototype,
    'exec',
    operation(({ model, op }, [given]) => [model, typeof given === 'string' ? given : (op ?? 'exec')]),
  )
}

function traceAggregates(Aggregate: { prototype: Aggregate }, patcher: Patcher): void {
  patcher.trace(
    Aggregate.prototype,
    'exec',
    operation(({ _model }) => [_model, 'aggregate']),
  )
}

function traceModels(Model: ModelClass, patcher: Patcher): void {
  followConnections(patcher)
  const { prototype } = Model
  patcher.trace(
    prototype,
    'save',
    operation((document) => [document.constructor as Model, 'save']),
  )
  // Its other name, for documents with a field `save`, stays the same function.
  patcher.wrap(prototype, '$save', () => prototype.save)
  for (const method of ['insertMany', 'bulkWrite'] as const) {
    patcher.trace<ModelClass>(
      Model,
      method,
      operation((model) => [model, method]),
    )
  }
}

/** What was asked before the connection was open is asked then, in the context of whoever opened it. */
function keepQueued({ prototype }: { prototype: Queue }, patcher: Patcher): void {
  const asked = hiddenField<Method>()
  patcher.wrap(prototype, 'addQueue', (original) => {
    return function (this: Queue & Record<string, Method>, ...entry: unknown[]) {
      const [name, args] = entry as [string, unknown[] | undefined]
      // Kept aside: it is by name and arguments that an entry which waits too long is found and removed.
      patcher.guarded('addQueue', () => {
        const method = this[name]
        const bound = method && patcher.tracer.scopeOrNothing?.bind(method)
        if (args !== undefined) asked.set(args, bound)
      })
      return Reflect.apply(original, this, entry)
    }
  })
  patcher.wrap(prototype, 'doQueue', (original) => {
    return function (this: Queue, ...none: unknown[]) {
      patcher.guarded('doQueue', () => {
        for (const entry of this.queue) entry[0] = (entry[1] && asked.get(entry[1])) ?? entry[0]
      })
      return Reflect.apply(original, this, none)
    }
  })
}

const LIBRARY = { module: 'mongoose', versions: '>=6 <10' }

export default definePlugin({
  name: 'mongoose',
  hooks: [
    { ...LIBRARY, file: 'lib/query.js', patch: traceQueries },
    { ...LIBRARY, file: 'lib/aggregate.js', patch: traceAggregates },
    { ...LIBRARY, file: 'lib/model.js', patch: traceModels },
    { ...LIBRARY, file: 'lib/collection.js', patch: keepQueued },
  ],
})
