// That the server which the other tests get is a real one.

import { strict as assert } from 'node:assert'
import { describeWith, needsConcurrency, postgres } from './index'

interface Client {
  connect(): Promise<void>
  query(text: string): Promise<{ rows: { two: number }[] }>
  end(): Promise<void>
}

describeWith(postgres, 'PostgreSQL for the tests', (server) => {
  const open = async (): Promise<Client> => {
    const { Client } = require('pg') as { Client: new (options: object) => Client }
    const client = new Client({ connectionString: server().url })
    await client.connect()
    return client
  }

  it('answers', async () => {
    const client = await open()
    assert.deepEqual((await client.query('select 1 + 1 as two')).rows, [{ two: 2 }])
    await client.end()
  })

  it('takes several connections', async function () {
    needsConcurrency(this, server())
    const clients = await Promise.all([open(), open()])
    await Promise.all(clients.map((client) => client.query('select pg_sleep(0.01)')))
    await Promise.all(clients.map((client) => client.end()))
  })
})
