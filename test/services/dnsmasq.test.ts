// That the name server which the other tests get is a real one.

import { strict as assert } from 'node:assert'
import { promises } from 'node:dns'
import { describeWith, dnsmasq } from './index'

describeWith(dnsmasq, 'dnsmasq for the tests', (server) => {
  it('answers', async () => {
    const resolver = new promises.Resolver()
    resolver.setServers([new URL(server().url).host])
    assert.deepEqual(await resolver.resolve4('red.dd.test'), ['10.1.2.3'])
    assert.match(server().version, /^\d+\.\d+/)
  })
})
