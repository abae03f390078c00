// The ways to ask cassandra-driver for something: rows for the test of its plugin.

import type { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import type { CallStyle, Probe } from '../support/call-styles'

export interface Client extends EventEmitter {
  connect(callback?: (error: unknown) => void): Promise<void> | undefined
  shutdown(callback?: () => void): unknown
  execute(...args: unknown[]): unknown
  batch(...args: unknown[]): unknown
  eachRow(...args: unknown[]): unknown
  stream(...args: unknown[]): EventEmitter
}

export interface Result {
  readonly rows?: unknown[]
  readonly rowLength?: number
  readonly info: { readonly queriedHost: string }
  nextPage?(): void
  [Symbol.asyncIterator]?(): AsyncIterator<unknown>
}

export interface Driver {
  readonly Client: new (options: object) => Client
  readonly concurrent: { executeConcurrent(client: Client, ...args: unknown[]): Promise<{ totalExecuted: number }> }
  readonly mapping: {
    Mapper: new (
      client: Client,
      options: object,
    ) => { forModel(name: string): Record<'find' | 'insert', (doc: object) => Promise<{ toArray(): unknown[] }>> }
  }
}

export interface Subject {
  readonly driver: Driver
  readonly client: Client
}

export interface Row extends CallStyle<Subject> {
  /** The first version that has it. */
  readonly since?: string
  /** Of each span in turn. Default: one of `ALL`. */
  readonly resources?: readonly string[]
  readonly failed?: boolean
}

/** What the table holds: three rows of one partition. */
export const TABLE = 'dd_test.numbers'
export const ALL = `select n from ${TABLE} where id = 1`
const SOME = `select n from ${TABLE} where id = ? and n < ?`
const NAMED = `select n from ${TABLE} where id = :id and n < :below`
const WRONG = 'select from where'
const insert = (n: number) => `insert into ${TABLE} (id, n) values (2, ${n})`
const INSERT = `insert into ${TABLE} (id, n) values (?, ?)`
const BATCH = `${insert(1)}; ${insert(2)};`

const rowsOf = (result: unknown) => (result as Result | undefined)?.rows?.map((row) => ({ ...(row as object) }))
/** Results hold what differs from run to run; rows are what a program wants. */
const withRows = (probe: Probe) => {
  const callback = probe.callback()
  return function (this: unknown, error: unknown, result: unknown) {
    callback.call(this, error, rowsOf(result))
  }
}
const promised = (result: unknown) => (result as Promise<unknown>).then(rowsOf)
const rowNotes = (probe: Probe) => {
  const seen = probe.optional('row')
  return (at: number, row: unknown) => seen(at, { ...(row as object) })
}
const ended = (probe: Probe) => {
  const done = probe.callback('end')
  return (error: unknown, result?: Result) => done(error, result?.rowLength)
}
const heard = (probe: Probe, stream: EventEmitter, last: 'end' | 'error') => {
  const seen = probe.optional('data')
  stream.on('data', (row: object) => seen({ ...row }))
  stream.on(last, probe.callback(last))
  return undefined
}
const twice = (text: string) => [text, text]

export const rows: readonly Row[] = [
  { name: 'text and callback', run: ({ client }, probe) => client.execute(ALL, withRows(probe)) },
  {
    name: 'parameters and callback',
    run: ({ client }, probe) => client.execute(SOME, [1, 3], { hints: ['int', 'int'] }, withRows(probe)),
    resources: [SOME],
  },
  {
    name: 'prepared, with a callback',
    run: ({ client }, probe) => client.execute(SOME, [1, 3], { prepare: true }, withRows(probe)),
    resources: [SOME],
  },
  {
    name: 'prepared, with names',
    run: ({ client }, probe) => client.execute(NAMED, { id: 1, below: 3 }, { prepare: true }, withRows(probe)),
    resources: [NAMED],
  },
  { name: 'a promise', since: '3.2.0', run: ({ client }) => promised(client.execute(ALL)) },
  {
    name: 'prepared, as a promise',
    since: '3.2.0',
    run: ({ client }) => promised(client.execute(SOME, Object.freeze([1, 3]), Object.freeze({ prepare: true }))),
    resources: [SOME],
  },
  {
    name: 'a promise and an explicit undefined',
    since: '3.2.0',
    run: ({ client }) => promised(client.execute(ALL, undefined, undefined, undefined)),
  },
  {
    name: 'eachRow',
    run: ({ client }, probe) => client.eachRow(ALL, [], {}, rowNotes(probe), ended(probe)),
  },
  {
    name: 'eachRow without an end',
    run: ({ client }, probe) =>
      client.eachRow(
        ALL,
        [],
        {},
        probe.callback('row', () => {}),
      ),
  },
  {
    name: 'eachRow, page after page',
    run: ({ client }, probe) =>
      client.eachRow(ALL, [], { autoPage: true, fetchSize: 2 }, rowNotes(probe), ended(probe)),
    resources: twice(ALL),
  },
  {
    name: 'eachRow, page by page',
    run({ client }, probe) {
      const done = ended(probe)
      client.eachRow(ALL, [], { fetchSize: 2 }, rowNotes(probe), (error: unknown, result: Result) => {
        if (result.nextPage === undefined) done(error, result)
        else result.nextPage()
      })
    },
    resources: twice(ALL),
  },
  { name: 'stream', run: ({ client }, probe) => heard(probe, client.stream(ALL, []), 'end') },
  {
    name: 'stream, page after page',
    run: ({ client }, probe) => heard(probe, client.stream(ALL, [], { autoPage: true, fetchSize: 2 }), 'end'),
    resources: twice(ALL),
  },
  {
    name: 'stream with callback',
    run: ({ client }, probe) => heard(probe, client.stream(ALL, [], {}, probe.callback('done')), 'end'),
  },
  {
    name: 'for await over two pages',
    since: '4.4.0',
    async run({ client }) {
      const seen: unknown[] = []
      const result = (await client.execute(ALL, [], { fetchSize: 2 })) as AsyncIterable<object>
      for await (const row of result) seen.push({ ...row })
      return seen
    },
    resources: twice(ALL),
  },
  {
    name: 'batch of texts and callback',
    run: ({ client }, probe) => client.batch([insert(1), insert(2)], withRows(probe)),
    resources: [BATCH],
  },
  {
    name: 'batch of queries, options and callback',
    run: ({ client }, probe) =>
      client.batch([{ query: insert(1) }, { query: `${insert(2)};` }], { logged: false }, withRows(probe)),
    resources: [BATCH],
  },
  {
    name: 'batch, as a promise',
    since: '3.2.0',
    run: ({ client }) =>
      (client.batch([insert(1), { query: insert(2) }]) as Promise<Result>).then(({ info }) => typeof info.queriedHost),
    resources: [BATCH],
  },
  {
    name: 'batch, prepared, as a promise',
    since: '3.2.0',
    run: ({ client }) =>
      promised(
        client.batch(
          [1, 2].map((n) => ({ query: INSERT, params: [2, n] })),
          { prepare: true },
        ),
      ),
    resources: [`${INSERT}; ${INSERT};`],
  },
  {
    name: 'executeConcurrent over a list',
    since: '4.2.0',
    run: ({ client, driver }) =>
      driver.concurrent
        .executeConcurrent(client, INSERT, [
          [2, 1],
          [2, 2],
        ])
        .then(({ totalExecuted }) => totalExecuted),
    resources: twice(INSERT),
  },
  {
    name: 'executeConcurrent over a stream',
    since: '4.2.0',
    run: ({ client, driver }) =>
      driver.concurrent
        .executeConcurrent(
          client,
          INSERT,
          Readable.from([
            [2, 1],
            [2, 2],
          ]),
        )
        .then(({ totalExecuted }) => totalExecuted),
    resources: twice(INSERT),
  },
  {
    name: 'a mapper',
    since: '4.0.0',
    async run({ client, driver }) {
      const options = { models: { Number: { tables: ['numbers'], keyspace: 'dd_test' } } }
      const numbers = new driver.mapping.Mapper(client, options).forModel('Number')
      await numbers.insert({ id: 2, n: 1 })
      return (await numbers.find({ id: 1 })).toArray().map((doc) => ({ ...(doc as object) }))
    },
    resources: ['INSERT INTO dd_test.numbers (id, n) VALUES (?, ?)', 'SELECT * FROM dd_test.numbers WHERE id = ?'],
  },
  {
    name: 'an error to a callback',
    run: ({ client }, probe) => client.execute(WRONG, withRows(probe)),
    resources: [WRONG],
    failed: true,
  },
  {
    name: 'an error to a promise',
    since: '3.2.0',
    run: ({ client }) => client.execute(WRONG),
    resources: [WRONG],
    failed: true,
  },
  {
    name: 'an error that nobody handles',
    since: '3.2.0',
    run({ client }, probe) {
      void client.execute(WRONG)
      return probe.unhandled()
    },
    resources: [WRONG],
    failed: true,
  },
  {
    name: 'an error to eachRow',
    run: ({ client }, probe) => client.eachRow(WRONG, [], {}, rowNotes(probe), ended(probe)),
    resources: [WRONG],
    failed: true,
  },
  {
    name: 'an error to a stream',
    run: ({ client }, probe) => heard(probe, client.stream(WRONG, []), 'error'),
    resources: [WRONG],
    failed: true,
  },
  {
    name: 'an error to a batch with callback',
    run: ({ client }, probe) => client.batch([insert(1), WRONG], withRows(probe)),
    resources: [`${insert(1)}; ${WRONG};`],
    failed: true,
  },
  {
    name: 'an error to the promise of a batch',
    since: '3.2.0',
    run: ({ client }) => client.batch([insert(1), WRONG]),
    resources: [`${insert(1)}; ${WRONG};`],
    failed: true,
  },
  {
    name: 'an error of a batch that nobody handles',
    since: '3.2.0',
    run({ client }, probe) {
      void client.batch([WRONG])
      return probe.unhandled()
    },
    resources: [`${WRONG};`],
    failed: true,
  },
  {
    name: 'a batch of nothing',
    run: ({ client }, probe) => client.batch([], probe.optional('callback')),
    resources: ['cassandra.query'],
    failed: true,
  },
  {
    name: 'a batch that is no list',
    run: ({ client }, probe) => client.batch('nonsense', probe.optional('callback')),
    resources: [],
  },
  {
    name: 'a query of nothing',
    since: '3.2.0',
    run: ({ client }) => client.execute(null),
    resources: [],
  },
  {
    name: 'a callback that throws',
    run({ client }, probe) {
      client.execute(ALL, () => {
        throw new Error('from the callback')
      })
      return probe.unhandled()
    },
  },
]
