// The node-sqlite plugin: Node's own SQLite, where this Node has one. Loading it is not free of signs on Node 22, which warns.

import { strict as assert } from 'node:assert'
import { isBuiltin } from 'node:module'
import { runBoth } from '../process/traced'
import { startAgent } from '../support/agent'
import { type Database, describeSqlite, type Row } from './sqlite-suite'

interface Sqlite {
  readonly DatabaseSync: { new (path: string): NodeDatabase; prototype: object }
  readonly StatementSync: { prototype: object }
}

interface NodeDatabase extends Database {
  function(name: string, body: (...args: never[]) => unknown): void
}

const rows: Row<NodeDatabase>[] = [
  {
    name: 'a function of the program',
    run(db) {
      db.function('twice', (n: number) => n * 2)
      return db.prepare('select twice(4) as n').get()
    },
    resources: ['select twice(4) as n'],
  },
]

const USE = `
const db = new DatabaseSync(':memory:')
db.exec('create table t (n integer)')
console.log(JSON.stringify(db.prepare('select 1 as n').all()))`

const here = isBuiltin('node:sqlite')
const describeHere = here ? describe : describe.skip

describeHere(`node:sqlite${here ? '' : ` (skipped: Node ${process.version} has none)`}`, () => {
  const load = () => require('node:sqlite') as Sqlite

  describeSqlite<NodeDatabase>({
    plugin: 'node-sqlite',
    open: (path) => new (load().DatabaseSync)(path),
    classes: () => [load().DatabaseSync, load().StatementSync],
    rows,
  })

  for (const [module, load] of [
    ['cjs', "const { DatabaseSync } = require('node:sqlite')"],
    ['esm', "import { DatabaseSync } from 'node:sqlite'"],
  ] as const) {
    it(`warns a program as before, and only one that uses it (${module})`, async () => {
      const agent = await startAgent()
      const visible = (stderr: string) => stderr.replace(/\(node:\d+\)/g, '')
      await runBoth({ code: 'console.log(1)', module }, agent.url, { visible })
      await runBoth({ code: load + USE, module }, agent.url, { visible })
      assert.deepEqual(
        agent.spans().map(({ resource }) => resource),
        ['create table t (n integer)', 'select 1 as n'],
      )
      await agent.close()
    })
  }
})
