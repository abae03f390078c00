// That the Redis cluster which the other tests get is a real one: it sends a client on to the node that has the key.

import { strict as assert } from 'node:assert'
import { greet } from './greeting'
import { describeWith, redisCluster } from './index'

describeWith(redisCluster, 'Redis cluster for the tests', (server) => {
  const ask = (send: string, expect: RegExp) => {
    const { hostname, port } = new URL(server().url)
    return greet(hostname, Number(port), { send, expect })
  }

  it('has six nodes that know each other', async () => {
    assert.equal(await ask('CLUSTER INFO\r\n', /cluster_known_nodes:(\d+)/), '6')
    assert.match(server().version, /^\d+\.\d+/)
  })

  it('redirects to the node of the slot', async () => {
    // The slots of these keys are 12182 and 5061: one of them belongs to another node.
    const answers = await Promise.all(['foo', 'bar'].map((key) => ask(`GET ${key}\r\n`, /^(-MOVED|\$-1)/)))
    assert.ok(answers.includes('-MOVED'))
  })
})
