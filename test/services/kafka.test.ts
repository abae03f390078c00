// That the Kafka which the other tests get is a real one: it lists what it can do, as only the protocol's own server does.

import { strict as assert } from 'node:assert'
import { greet } from './greeting'
import { describeWith, kafka } from './index'

/** ApiVersions v0 with a correlation id that is text. */
const API_VERSIONS = Buffer.from('\0\0\0\x0a\0\x12\0\0ask2\xff\xff', 'latin1')

describeWith(kafka, 'Kafka for the tests', (server) => {
  it('answers, and takes messages with headers', async () => {
    const { hostname, port } = new URL(server().url)
    // An error code, the length of the list, then of each API its key and its oldest and newest version; Produce is the first.
    // Its version 3 is the first with headers.
    const expect = /^....ask2.{2}.{4}.{4}.(.)/s
    const newestProduce = await greet(hostname, Number(port), { send: API_VERSIONS, expect })
    assert.ok(newestProduce.charCodeAt(0) >= 3)
    assert.ok(server().version.length > 0)
  })
})
