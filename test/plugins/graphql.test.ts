// The graphql plugin and graphql itself: every way to run a document looks the same to the program with and without `dd`, and gives
// the spans of its steps and resolvers under the right parents.

import { strict as assert } from 'node:assert'
import { AsyncResource } from 'node:async_hooks'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gte } from 'semver'
import { tracer } from '../../src'
import { REGISTER } from '../process/traced'
import { childrenOf, find, type ReceivedSpan, startAgent } from '../support/agent'
import { describeCallStyles } from '../support/call-styles'
import { describeLibrary, type Library } from '../support/library'
import { runNode } from '../support/spawn'
import { Tracing } from '../support/tracing'
import { executorRows, Foreign, type Graphql, makeSchema, type Row, rows, type Subject } from './graphql-styles'

const majors = { 14: ['14.0.0', '14.7.0'], 15: ['15.0.0', '15.11.0'], 16: ['16.0.0', '16.15.0'] } as const

describe('graphql', () => {
  describeLibrary('graphql', { name: 'graphql', majors }, (library) => {
    let tracing: Tracing
    const lib = () => library.load<Graphql>()
    const open = (): Subject => ({ lib: lib(), schema: makeSchema(lib()) })
    const start = async (options: object | boolean = true) => {
      tracing = await Tracing.start({ graphql: options as boolean })
    }

    describeCallStyles<Subject, Row>('asked by', rowsOf(library), {
      without: { open },
      with: {
        before: () => start(),
        async open() {
          const subject = open()
          // A schema is made of a document too.
          await tracer.flush()
          tracing.clear()
          return subject
        },
        check: (row) => checkSpans(tracing, row),
        after: () => tracing.stop(),
      },
    })

    const run = (schema: Subject['schema'], source: string, more: object = {}) => {
      const { execute, parse } = lib()
      return execute({ schema, document: parse(source), ...more })
    }
    /** What an option makes of a request. */
    const spansWith = async (options: object | true, source: string, more: object = {}) => {
      await start(options)
      const { schema } = open()
      await tracer.flush()
      tracing.clear()
      await run(schema, source, more)
      const spans = await tracing.spans()
      await tracing.stop()
      return spans
    }
    const FRIENDS = '{ friends { pets { owner { pets { name } } } } }'
    const pathsOf = (spans: ReceivedSpan[]) =>
      spans.flatMap(({ meta }) => meta['graphql.field.path'] ?? []).sort((a, b) => (a < b ? -1 : 1))

    it('puts each resolver below the field it stands in', async () => {
      const spans = await spansWith(true, FRIENDS)
      const execute = find(spans, 'graphql.execute')
      const [friends, ...others] = childrenOf(execute, spans)
      assert.deepEqual(others, [])
      assert.equal(friends?.meta['graphql.field.path'], 'friends')
      const [pets] = childrenOf(friends!, spans)
      assert.deepEqual(
        [
          pets?.resource,
          pets?.meta['graphql.field.name'],
          pets?.meta['graphql.field.path'],
          pets?.meta['graphql.field.type'],
        ],
        ['pets:[Pet]', 'pets', 'friends.*.pets', '[Pet]'],
      )
      assert.equal(pets?.meta['graphql.field.coordinates'], 'Person.pets')
      const [owner] = childrenOf(pets!, spans)
      assert.equal(owner?.meta['graphql.field.path'], 'friends.*.pets.*.owner')
      for (const span of spans) {
        if (span.name !== 'graphql.resolve') continue
        assert.ok(span.start >= execute.start)
        assert.ok(span.start + span.duration <= execute.start + execute.duration)
      }
    })

    it('gives each item of a list its own spans on request', async () => {
      assert.deepEqual(pathsOf(await spansWith({ collapse: false }, '{ friends { pets { name } } }')), [
        'friends',
        'friends.0.pets',
        'friends.1.pets',
      ])
    })

    it('goes as deep as it is told', async () => {
      const all = ['friends', 'friends.*.pets', 'friends.*.pets.*.owner', 'friends.*.pets.*.owner.pets']
      for (const [depth, count] of [
        [0, 0],
        [1, 1],
        [2, 2],
        [4, 4],
        [-1, 4],
      ] as const) {
        assert.deepEqual(pathsOf(await spansWith({ depth }, FRIENDS)), all.slice(0, count))
      }
    })

    it('shows sources and variables on request only', async () => {
      const source = 'query Q($n: String) { hello(name: $n) }'
      const variableValues = { n: 'Ada', secret: 'x' }
      const keysOf = (spans: ReceivedSpan[]) =>
        spans.flatMap(({ name, meta }) =>
          Object.entries(meta)
            .filter(([key]) => /^graphql\.(source|variables)/.test(key))
            .map(([key, value]) => `${name} ${key}=${value}`),
        )
      assert.deepEqual(keysOf(await spansWith(true, source, { variableValues })), [])
      assert.deepEqual(keysOf(await spansWith({ source: true }, source, { variableValues })), [
        `graphql.parse graphql.source=${source}`,
        `graphql.execute graphql.source=${source}`,
      ])
      const named = await spansWith({ variables: ['n', 'other'] }, source, { variableValues })
      assert.deepEqual(keysOf(named), ['graphql.execute graphql.variables.n=Ada'])
      const pick = ({ n }: Record<string, unknown>) => ({ n: `${String(n).length} letters` })
      const picked = await spansWith({ variables: pick }, source, { variableValues })
      assert.deepEqual(keysOf(picked), ['graphql.execute graphql.variables.n=3 letters'])
      const execute = find(picked, 'graphql.execute')
      assert.equal(execute.meta['graphql.operation.type'], 'query')
      assert.equal(execute.meta['graphql.operation.name'], 'Q')
      const short = await spansWith({ signature: false }, source)
      assert.equal(find(short, 'graphql.execute').resource, 'query Q')
    })

    it('keeps texts within their limits', async () => {
      const document = (length: number) => `{ hello }${'#'.padEnd(length - 9, 'x')}`
      for (const [length, cut] of [
        [25_000, document(25_000)],
        [25_001, `${document(25_001).slice(0, 24_997)}...`],
      ] as const) {
        const spans = await spansWith({ source: true }, document(length))
        for (const name of ['graphql.parse', 'graphql.execute']) {
          assert.equal(find(spans, name).meta['graphql.source'], cut)
        }
      }
      // `query N{hello}`
      const name = (length: number) => 'N'.padEnd(length - 13, 'n')
      for (const [length, cut] of [
        [5000, `query ${name(5000)}{hello}`],
        [5001, `query ${name(5001)}{hello}`.slice(0, 4997).concat('...')],
      ] as const) {
        const spans = await spansWith(true, `query ${name(length)} { hello }`)
        assert.equal(find(spans, 'graphql.execute').resource, cut)
      }
    })

    it('writes signatures without literals, aliases and order', async () => {
      const source = `
        query Q($id: [String!]!, $with: Boolean = true) {
          later @include(if: $with) { ...P age other: name }
          a: hello(name: "secret") ... on Query { b: hello }
        }
        fragment P on Person { name }
        fragment Unused on Person { age }
      `
      const spans = await spansWith(true, source, { variableValues: { id: [] } })
      assert.equal(
        find(spans, 'graphql.execute').resource,
        'query Q($id:[String!]!,$with:Boolean){...on Query{hello} hello(name:"") later@include(if:$with){...P age name}} fragment P on Person{name}',
      )
    })

    it('tells all errors, and the extensions that are asked for', async () => {
      const spans = await spansWith({ errorExtensions: ['code'] }, '{ a: thrown b: rejected }')
      const execute = find(spans, 'graphql.execute')
      assert.equal(execute.meta['error.message'], 'thrown by the resolver')
      const events = JSON.stringify([execute.meta, execute.span_events], (_key, value) =>
        typeof value === 'bigint' ? String(value) : value,
      )
      for (const text of ['thrown by the resolver', 'rejected by the resolver', 'dd.graphql.query.error', '1:3']) {
        assert.ok(events.includes(text), text)
      }
    })

    describe('in a program', () => {
      before(() => start())
      beforeEach(() => tracing.clear())
      after(() => tracing.stop())

      it('runs resolvers inside their spans, and keeps 20 requests apart', async () => {
        const { schema } = open()
        const fields = schema.getType('Query').getFields()
        fields['later']!.resolve = async () => {
          await new Promise(setImmediate)
          await tracer.trace('query.database', async () => {})
          return { name: 'Ada' }
        }
        // All other callbacks of its library run in the context of the last request, as a shared queue has it.
        let work = (turn: () => void): void => void turns.push(turn)
        const turns: (() => void)[] = []
        fields['friends']!.resolve = () => {
          const friends = new Foreign((turn) => work(turn))
          friends.resolve([{ name: 'Bob' }])
          return friends
        }
        await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            tracer.trace('request', { resource: `r${n}` }, async (span) => {
              const result = run(schema, `query Q${n} { later { name } friends { pets { name } } }`)
              if (n === 19) {
                const inThisRequest = AsyncResource.bind((turn: () => void) => turn())
                work = (turn) => queueMicrotask(() => inThisRequest(turn))
                for (const turn of turns) work(turn)
              }
              await result
              assert.equal(tracer.activeSpan, span)
            }),
          ),
        )
        const spans = await tracing.spans()
        for (let n = 0; n < 20; n++) {
          const request = find(spans, { name: 'request', resource: `r${n}` })
          const [parse, execute, ...others] = childrenOf(request, spans)
          assert.deepEqual([parse?.name, execute?.name, others.length], ['graphql.parse', 'graphql.execute', 0])
          assert.equal(execute?.meta['graphql.operation.name'], `Q${n}`)
          const resolvers = childrenOf(execute!, spans)
          assert.deepEqual(resolvers.map(({ resource }) => resource).sort(), ['friends:[Person!]!', 'later:Person'])
          const later = find(resolvers, { resource: 'later:Person' })
          assert.deepEqual(
            childrenOf(later, spans).map(({ name }) => name),
            ['query.database'],
          )
          const friends = find(resolvers, { resource: 'friends:[Person!]!' })
          assert.deepEqual(
            childrenOf(friends, spans).map(({ resource }) => resource),
            ['pets:[Pet]'],
          )
        }
      })

      it('finishes the span of a resolver that outlives its execution', async () => {
        const { schema } = open()
        let release = (_value: unknown): void => {}
        const fields = schema.getType('Query').getFields()
        fields['later']!.resolve = () => new Promise((resolve) => (release = resolve))
        fields['must']!.resolve = async () => null
        await run(schema, '{ later { name } must }')
        const early = await tracing.spans()
        assert.equal(find(early, 'graphql.execute').error, 1)
        assert.equal(
          early.some(({ resource }) => resource === 'later:Person'),
          false,
        )
        release(null)
        await new Promise(setImmediate)
        const late = await tracing.spans()
        assert.ok(late.some(({ resource }) => resource === 'later:Person'))
      })
    })

    it('takes its service from the options', async () => {
      const spans = await spansWith({ service: 'api' }, '{ hello }')
      assert.deepEqual(
        spans.map(({ service }) => service),
        ['api', 'api', 'api'],
      )
    })

    it('leaves the library and its schemas alone when it is off, and the library after', async () => {
      const { execute, parse, validate } = lib()
      await start(false)
      const { schema } = open()
      const { resolve } = schema.getType('Query').getFields()['hello']!
      await run(schema, '{ hello }')
      assert.deepEqual([lib().execute, lib().parse, lib().validate], [execute, parse, validate])
      assert.equal(schema.getType('Query').getFields()['hello']!.resolve, resolve)
      assert.deepEqual(await tracing.spans(), [])
      await tracing.stop()
      await start()
      assert.notEqual(lib().execute, execute)
      assert.deepEqual([lib().execute.name, lib().execute.length], [execute.name, execute.length])
      await tracing.stop()
      assert.deepEqual([lib().execute, lib().parse, lib().validate], [execute, parse, validate])
    })
  })
})

/** It brings no parser and no validation of its own. */
const executorMajors = { 1: ['1.0.0', '1.5.7'], 2: ['2.0.0', '2.1.0'] } as const

describe('@graphql-tools/executor', () => {
  const beside = { graphql: '16.15.0' }
  describeLibrary('graphql', { name: '@graphql-tools/executor', majors: executorMajors, beside }, (library) => {
    let tracing: Tracing
    const open = (): Subject => {
      const lib = { ...library.load<Graphql>('graphql'), ...library.load<Graphql>() }
      return { lib, schema: makeSchema(lib) }
    }

    describeCallStyles<Subject, Row>('asked by', executorRows, {
      without: { open },
      with: {
        async before() {
          tracing = await Tracing.start({ graphql: true })
        },
        async open() {
          const subject = open()
          await tracer.flush()
          tracing.clear()
          return subject
        },
        check: (row) => checkSpans(tracing, row),
        after: () => tracing.stop(),
      },
    })

    it('is seen where it is an ES module', async () => {
      const agent = await startAgent()
      try {
        const code = `
import { buildSchema, parse } from 'graphql'
import { normalizedExecutor } from '@graphql-tools/executor'
const schema = buildSchema('type Query { hello: String }')
const rootValue = { hello: () => 'you' }
console.log(JSON.stringify(await normalizedExecutor({ schema, rootValue, document: parse('{ hello }') })))`
        const file = join(library.folder, 'executor-program.mjs')
        writeFileSync(file, code)
        const env = { DD_TRACE_AGENT_URL: agent.url }
        const run = await runNode({ file, execArgv: ['--import', pathToFileURL(REGISTER).href], env })
        assert.deepEqual([run.stdout, run.stderr, run.code], ['{"data":{"hello":"you"}}\n', '', 0])
        const spans = agent.spans()
        const execute = find(spans, 'graphql.execute')
        assert.equal(execute.resource, 'query{hello}')
        assert.deepEqual(
          childrenOf(execute, spans).map(({ name, resource }) => `${name} ${resource}`),
          ['graphql.resolve hello:String'],
        )
      } finally {
        await agent.close()
      }
    })
  })
})

function rowsOf({ version, major }: Library): Row[] {
  return rows.filter(({ since = '0.0.0', until = major }) => gte(version, since) && major <= until)
}

async function checkSpans(tracing: Tracing, { spans: expected, errors = 0 }: Row): Promise<void> {
  const spans = await tracing.spans()
  const named = spans.map(({ name, resource }) => `${name} ${resource}`)
  assert.deepEqual(named.sort(), [...expected].sort())
  assert.equal(spans.filter(({ error }) => error === 1).length, errors)
  for (const span of spans) checkTags(span)
}

function checkTags(span: ReceivedSpan): void {
  assert.equal(span.type, 'graphql')
  assert.equal(span.service, 'test')
  assert.equal(span.meta['component'], 'graphql')
  assert.equal(span.meta['_dd.integration'], 'graphql')
  assert.equal(span.meta['span.kind'], span.name === 'graphql.execute' ? 'server' : 'internal')
}
