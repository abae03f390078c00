// That the memcached which the other tests get is a real one.

import { strict as assert } from 'node:assert'
import { greet } from './greeting'
import { describeWith, memcached } from './index'

describeWith(memcached, 'memcached for the tests', (server) => {
  const ask = (send: string, expect: RegExp) => {
    const { hostname, port } = new URL(server().url)
    return greet(hostname, Number(port), { send, expect })
  }

  it('answers', async () => {
    assert.equal(await ask('set key 0 1 5\r\nhello\r\nget key\r\n', /VALUE key 0 5\r\n(\w+)\r\n/), 'hello')
    assert.match(server().version, /^\d+\.\d+/)
  })
})
