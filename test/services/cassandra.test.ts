// That the Cassandra which the other tests get is a real one.

import { strict as assert } from 'node:assert'
import { cassandra, describeWith } from './index'

describeWith(cassandra, 'Cassandra for the tests', (server) => {
  it('answers', () => {
    assert.match(server().version, /^CQL \d+\.\d+/)
    assert.match(server().url, /^cassandra:/)
  })
})
