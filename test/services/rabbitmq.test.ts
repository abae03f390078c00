// That the RabbitMQ which the other tests get is a real one.

import { strict as assert } from 'node:assert'
import { greet } from './greeting'
import { describeWith, rabbitmq } from './index'

describeWith(rabbitmq, 'RabbitMQ for the tests', (server) => {
  const ask = (send: string, expect: RegExp) => {
    const { hostname, port } = new URL(server().url)
    return greet(hostname, Number(port), { send: Buffer.from(send, 'latin1'), expect })
  }

  it('answers', async () => {
    assert.match(server().version, /^\d+\.\d+\.\d+$/)
    assert.equal(await ask('AMQP\0\0\x09\x01', /product\S....(RabbitMQ)/s), 'RabbitMQ')
  })

  it('refuses what is not AMQP 0-9-1, as the protocol has it', async () => {
    assert.equal(await ask('GET / HTTP/1.1\r\n', /^(AMQP).{4}$/s), 'AMQP')
  })
})
