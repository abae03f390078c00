// The tedious plugin below `mssql`, by which most programs use the driver: a pool of its connections, which opens them as they are
// needed and gives each to one request at a time. The server is a stand-in (support/tds-server.ts).

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { childrenOf, find } from '../support/agent'
import { describePackages } from '../support/library'
import { TdsServer } from '../support/tds-server'
import { Tracing } from '../support/tracing'

interface Request {
  input(name: string, value: unknown): Request
  query(text: string): Promise<{ recordset: unknown }>
}

interface Pool {
  connect(): Promise<Pool>
  request(): Request
  close(): Promise<void>
}

interface Mssql {
  ConnectionPool: new (config: object) => Pool
}

describePackages('tedious by mssql', { mssql: '12.7.14', tedious: '19.2.2' }, undefined, (set) => {
  let server: TdsServer
  let tracing: Tracing
  let pool: Pool

  before(async () => {
    server = await TdsServer.start()
    tracing = await Tracing.start({ tedious: true })
    const { ConnectionPool } = set.require('mssql') as Mssql
    pool = new ConnectionPool({
      server: '127.0.0.1',
      port: server.port,
      user: 'reader',
      password: 'secret',
      database: 'shop',
      pool: { max: 5 },
      options: { encrypt: false },
      validateConnection: false,
    })
    await pool.connect()
  })
  after(async () => {
    // Nothing was started where nothing was installed.
    await (pool as Pool | undefined)?.close()
    await (tracing as Tracing | undefined)?.stop()
    await (server as TdsServer | undefined)?.stop()
  })

  it('gives each of 20 concurrent requests on one pool its own queries', async () => {
    const request = (n: number) =>
      tracer.trace('request', { resource: `r${n}` }, async (span) => {
        const { recordset } = await pool.request().query(`select ${n} as first`)
        assert.deepEqual(Array.from(recordset as object[]), [{ first: n }])
        assert.equal(tracer.activeSpan, span)
        await pool.request().input('n', n).query('select @n as second')
        assert.equal(tracer.activeSpan, span)
        await assert.rejects(pool.request().query(`wrong ${n}`), /Incorrect syntax/)
      })
    await Promise.all(Array.from({ length: 20 }, (_, n) => request(n)))
    const spans = await tracing.spans()
    for (let n = 0; n < 20; n++) {
      const children = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
      assert.deepEqual(
        children.map(({ resource, error }) => [resource, error]),
        [
          [`select ${n} as first`, 0],
          ['select @n as second', 0],
          [`wrong ${n}`, 1],
        ],
      )
    }
    assert.equal(spans.length, 80)
  })
})
