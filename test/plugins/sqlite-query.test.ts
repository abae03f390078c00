// What a SQLite database is called in the tags, for every kind of path that the libraries take.

import { strict as assert } from 'node:assert'
import { databaseName } from '../../plugins/sqlite-query'

describe('databaseName', () => {
  for (const [path, name] of [
    ['', ':memory:'],
    [':memory:', ':memory:'],
    ['orders.db', 'orders.db'],
    ['/var/lib/shop/orders.db', 'orders.db'],
    ['./data/orders', 'orders'],
    ['file:orders.db?mode=ro', 'orders.db'],
    ['file:///var/lib/orders.db?cache=shared', 'orders.db'],
    ['file::memory:?cache=shared', ':memory:'],
    ['file:?mode=memory', ':memory:'],
  ] as const) {
    it(`${JSON.stringify(path)} is ${name}`, () => assert.equal(databaseName(path), name))
  }
})
