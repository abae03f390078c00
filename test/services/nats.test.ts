// That the NATS server which the other tests get is a real one, with JetStream and headers.

import { strict as assert } from 'node:assert'
import { greet } from './greeting'
import { describeWith, nats, natsWithoutHeaders } from './index'

describeWith(nats, 'NATS for the tests', (server) => {
  const ask = (send: string, expect: RegExp) => {
    const { hostname, port } = new URL(server().url)
    return greet(hostname, Number(port), { send, expect })
  }

  it('answers', async () => {
    assert.match(server().version, /^\d+\.\d+/)
    assert.equal(await ask('CONNECT {"verbose":false}\r\nPING\r\n', /\r\n(PONG)\r\n/), 'PONG')
  })

  it('delivers what is published', async () => {
    const session = 'CONNECT {"verbose":false}\r\nSUB greetings 1\r\nPUB greetings 5\r\nhello\r\n'
    assert.equal(await ask(session, /MSG greetings 1 5\r\n(\w+)\r\n/), 'hello')
  })

  it('has JetStream and headers', async () => {
    assert.equal(await ask('', /"headers":(\w+)/), 'true')
    assert.equal(await ask('', /"jetstream":(\w+)/), 'true')
  })
})

describeWith(natsWithoutHeaders, 'NATS without headers for the tests', (server) => {
  it('has none', async () => {
    const { hostname, port } = new URL(server().url)
    assert.equal(
      await greet(hostname, Number(port), { expect: /^INFO (\{.*\})/ }).then((info) => JSON.parse(info).headers),
      false,
    )
  })
})
