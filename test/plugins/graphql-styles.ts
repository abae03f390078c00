// The ways to ask graphql for something: a schema, and rows for the test of its plugin.

import type { CallStyle, Probe } from '../support/call-styles'

export interface Graphql {
  graphql(...args: unknown[]): Promise<Result>
  graphqlSync(...args: unknown[]): Result
  execute(...args: unknown[]): Result | Promise<Result>
  executeSync?(...args: unknown[]): Result
  subscribe(...args: unknown[]): Promise<AsyncIterable<Result>>
  parse(...args: unknown[]): object
  validate(...args: unknown[]): readonly Error[]
  buildSchema(text: string): Schema
  defaultFieldResolver: Resolve
}

type Resolve = (source: never, args: never, context: never, info: never) => unknown

export interface Schema {
  getType(name: string): { getFields(): Record<string, { resolve?: Resolve; subscribe?: Resolve }> }
}

interface Result {
  data?: Record<string, unknown> | null
  errors?: readonly (Error & { originalError?: Error })[]
}

export interface Subject {
  readonly lib: Graphql
  readonly schema: Schema
}

export interface Row extends CallStyle<Subject> {
  /** The first version that has it. */
  readonly since?: string
  /** The last major. */
  readonly until?: number
  /** `name resource` of each span, in the order of their beginning. */
  readonly spans: readonly string[]
  readonly errors?: number
}

const SDL = `
  type Query { hello(name: String): String  friends: [Person!]!  later: Person  thrown: String  rejected: String  thenable: String  root: String  must: String! }
  type Person { name: String  pets: [Pet]  age: Int }
  type Pet { name: String  owner: Person }
  type Mutation { rename(to: String): Person }
  type Subscription { counted: Int }
`
const people = () => ['Ada', 'Bob'].map((name) => ({ name, age: 40 }))

export function makeSchema({ buildSchema }: Graphql): Schema {
  const schema = buildSchema(SDL)
  const put = (type: string, resolvers: Record<string, Resolve>) => {
    for (const [name, resolve] of Object.entries(resolvers)) schema.getType(type).getFields()[name]!.resolve = resolve
  }
  put('Query', {
    hello: (_source, { name = 'you' }: { name?: string }) => `hello ${name}`,
    friends: async () => people(),
    later: async () => people()[0],
    thrown() {
      throw new Error('thrown by the resolver')
    },
    rejected: async () => {
      throw new Error('rejected by the resolver')
    },
    thenable: () => {
      const value = new Foreign((turn) => queueMicrotask(turn))
      value.resolve('then')
      return value
    },
    must: () => null,
  })
  put('Person', { pets: async (source: { name: string }) => [{ name: `${source.name}'s cat`, owner: source }] })
  put('Pet', { owner: (source: { owner: unknown }) => source.owner })
  put('Mutation', { rename: async (_source, { to }: { to: string }) => ({ name: to }) })
  schema.getType('Subscription').getFields()['counted']!.subscribe = async function* () {
    yield { counted: 1 }
    yield { counted: 2 }
  }
  return schema
}

/** A promise of some other library: its callbacks run wherever its queue is worked off. */
export class Foreign {
  #settled: { value: unknown } | undefined
  readonly #waiting: (() => void)[] = []

  constructor(private readonly enqueue: (turn: () => void) => void) {}

  resolve(value: unknown): void {
    if (value instanceof Promise || value instanceof Foreign) return void value.then((later) => this.resolve(later))
    this.#settled = { value }
    for (const turn of this.#waiting) this.enqueue(turn)
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  then(done?: (value: unknown) => unknown): Foreign {
    const next = new Foreign(this.enqueue)
    const turn = () => next.resolve(done === undefined ? this.#settled?.value : done(this.#settled?.value))
    if (this.#settled === undefined) this.#waiting.push(turn)
    else this.enqueue(turn)
    return next
  }
}

/** Errors hold the whole document: what a program shows of them is this. */
const plain = ({ data, errors }: Result) => ({
  data: JSON.stringify(data),
  errors: errors?.map(({ message, originalError }) => `${message} from ${originalError?.message}`),
})
const soon = async (result: unknown) => plain(await (result as Promise<Result>))
const kind = <T>(probe: Probe, result: T): T => {
  probe.note('kind', result instanceof Promise)
  return result
}

const HELLO = '{ hello(name: "Ada") }'
const hello = ['graphql.execute query{hello(name:"")}', 'graphql.resolve hello:String']
const steps = (...spans: string[]) => ['graphql.parse graphql.parse', 'graphql.validate graphql.validate', ...spans]
const FRIENDS = '{ friends { name pets { name owner { name } } } }'
const friends = [
  'graphql.execute query{friends{name pets{name owner{name}}}}',
  'graphql.resolve friends:[Person!]!',
  'graphql.resolve pets:[Pet]',
  'graphql.resolve owner:Person',
]

export const rows: readonly Row[] = [
  {
    name: 'graphql',
    run: ({ lib, schema }) => soon(lib.graphql({ schema, source: HELLO })),
    spans: steps(...hello),
  },
  {
    name: 'graphql, property by property',
    until: 15,
    run: ({ lib, schema }) => soon(lib.graphql(schema, HELLO)),
    spans: steps(...hello),
  },
  {
    name: 'graphqlSync',
    run: ({ lib, schema }) => plain(lib.graphqlSync({ schema, source: HELLO })),
    spans: steps(...hello),
  },
  {
    name: 'graphqlSync of what takes time',
    run: ({ lib, schema }) => lib.graphqlSync({ schema, source: '{ later { age } }' }),
    spans: steps('graphql.execute query{later{age}}', 'graphql.resolve later:Person'),
  },
  {
    name: 'execute, which returns at once',
    run: ({ lib, schema }, probe) =>
      plain(kind(probe, lib.execute(Object.freeze({ schema, document: lib.parse(HELLO) }))) as Result),
    spans: ['graphql.parse graphql.parse', ...hello],
  },
  {
    name: 'execute, property by property',
    until: 15,
    run: ({ lib, schema }) => plain(lib.execute(schema, lib.parse(HELLO)) as Result),
    spans: ['graphql.parse graphql.parse', ...hello],
  },
  {
    name: 'execute, which returns a promise',
    run: ({ lib, schema }, probe) => soon(kind(probe, lib.execute({ schema, document: lib.parse(FRIENDS) }))),
    spans: ['graphql.parse graphql.parse', ...friends],
  },
  {
    name: 'executeSync',
    since: '15.2.0',
    run: ({ lib, schema }) => plain(lib.executeSync!({ schema, document: lib.parse(HELLO) })),
    spans: ['graphql.parse graphql.parse', ...hello],
  },
  {
    name: 'variables and a name',
    run({ lib, schema }) {
      const document = lib.parse('query A { hello } query B($n: String) { greeting: hello(name: $n) }')
      return plain(lib.execute({ schema, document, operationName: 'B', variableValues: { n: 'Bob' } }) as Result)
    },
    spans: [
      'graphql.parse graphql.parse',
      'graphql.execute query B($n:String){hello(name:$n)}',
      'graphql.resolve hello:String',
    ],
  },
  {
    name: 'a mutation',
    run: ({ lib, schema }) =>
      soon(lib.graphql({ schema, source: 'mutation { a: rename(to: "x") { name } b: rename(to: "y") { name } }' })),
    spans: steps(
      'graphql.execute mutation{rename(to:""){name} rename(to:""){name}}',
      'graphql.resolve rename:Person',
      'graphql.resolve rename:Person',
    ),
  },
  {
    name: 'a subscription',
    async run({ lib, schema }) {
      const seen = []
      const document = lib.parse('subscription { counted }')
      const results = (await lib.subscribe({ schema, document })) as AsyncIterable<Result>
      for await (const result of results) seen.push(plain(result))
      return seen
    },
    spans: [
      'graphql.parse graphql.parse',
      'graphql.execute subscription{counted}',
      'graphql.execute subscription{counted}',
    ],
  },
  {
    name: 'methods of the root',
    run: ({ lib, schema }, probe) => {
      const rootValue = probe.note('root', { root: probe.callback('method', () => 'computed'), hello: 'unused' })
      return plain(lib.execute({ schema, document: lib.parse('{ root }'), rootValue }) as Result)
    },
    spans: ['graphql.parse graphql.parse', 'graphql.execute query{root}', 'graphql.resolve root:String'],
  },
  {
    name: 'a resolver for all fields',
    run: ({ lib, schema }) => {
      const fieldResolver = Object.freeze(() => 'anything')
      return plain(lib.execute({ schema, document: lib.parse('{ root }'), fieldResolver }) as Result)
    },
    spans: ['graphql.parse graphql.parse', 'graphql.execute query{root}', 'graphql.resolve root:String'],
  },
  {
    name: 'the default resolver, spelt out',
    run: ({ lib, schema }) => {
      const { defaultFieldResolver: fieldResolver } = lib
      const rootValue = { root: 'read' }
      return plain(lib.execute({ schema, document: lib.parse('{ root }'), fieldResolver, rootValue }) as Result)
    },
    spans: ['graphql.parse graphql.parse', 'graphql.execute query{root}'],
  },
  {
    name: 'a thenable',
    run: ({ lib, schema }) => soon(lib.execute({ schema, document: lib.parse('{ thenable }') })),
    spans: ['graphql.parse graphql.parse', 'graphql.execute query{thenable}', 'graphql.resolve thenable:String'],
  },
  {
    name: 'a resolver that throws',
    run: ({ lib, schema }) => plain(lib.execute({ schema, document: lib.parse('{ thrown }') }) as Result),
    spans: ['graphql.parse graphql.parse', 'graphql.execute query{thrown}', 'graphql.resolve thrown:String'],
    errors: 2,
  },
  {
    name: 'a resolver that rejects',
    run: ({ lib, schema }) => soon(lib.execute({ schema, document: lib.parse('{ rejected }') })),
    spans: ['graphql.parse graphql.parse', 'graphql.execute query{rejected}', 'graphql.resolve rejected:String'],
    errors: 2,
  },
  {
    name: 'null where it must not be',
    run: ({ lib, schema }) => plain(lib.execute({ schema, document: lib.parse('{ must }') }) as Result),
    spans: ['graphql.parse graphql.parse', 'graphql.execute query{must}', 'graphql.resolve must:String!'],
    errors: 1,
  },
  {
    name: 'a text that is no document',
    run: ({ lib }) => {
      try {
        return lib.parse('{ hello')
      } catch (error) {
        return `${(error as Error).name}: ${(error as Error).message}`
      }
    },
    spans: ['graphql.parse graphql.parse'],
    errors: 1,
  },
  {
    name: 'a document that is not valid',
    run: ({ lib, schema }) => lib.validate(schema, lib.parse('{ nothing }')).map(({ message }) => message),
    spans: steps(),
    errors: 1,
  },
  {
    name: 'no operation of that name',
    run: ({ lib, schema }) =>
      plain(lib.execute({ schema, document: lib.parse(HELLO), operationName: 'Other' }) as Result),
    spans: ['graphql.parse graphql.parse', 'graphql.execute graphql.execute'],
    errors: 1,
  },
  {
    name: 'no document',
    run: ({ lib, schema }) => lib.execute({ schema }),
    spans: [],
  },
  {
    name: 'the health check of Apollo',
    run: ({ lib, schema }) =>
      soon(lib.graphql({ schema, source: 'query __ApolloServiceHealthCheck__ { __typename }' })),
    spans: [],
  },
]

/** What `@graphql-tools/executor` does of it: it executes, and takes one object. A subscription of it executes inside. */
export const executorRows = rows.filter(
  ({ name, until, spans }) =>
    until === undefined &&
    spans.some((span) => span.startsWith('graphql.execute')) &&
    !/^graphql|Apollo|subscription|no operation/.test(name),
)
