// That the Redis which the other tests get is a real one.

import { strict as assert } from 'node:assert'
import { greet } from './greeting'
import { describeWith, redis } from './index'

describeWith(redis, 'Redis for the tests', (server) => {
  const ask = (send: string, expect: RegExp) => {
    const { hostname, port } = new URL(server().url)
    return greet(hostname, Number(port), { send, expect })
  }

  it('answers', async () => {
    assert.equal(await ask('ECHO hello\r\n', /\r\n(\w+)\r\n/), 'hello')
    assert.match(server().version, /^\d+\.\d+/)
  })
})
