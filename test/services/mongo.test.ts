// That what the other tests get as MongoDB answers like one.

import { strict as assert } from 'node:assert'
import { describeWith, mongo } from './index'

describeWith(mongo, 'MongoDB protocol for the tests', (server) => {
  it('answers', () => {
    assert.match(server().version, /^\d+\.\d+\.\d+/)
    assert.match(server().url, /^mongodb:/)
  })
})
