// The pg plugin and pg's native client: an unchanged program prints the same with and without `dd`, and gives one span per query.
// In a process of its own, because the addon is found through NODE_PATH and must not be loaded into the tests.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { describeWith, pgNative, postgres } from '../services'
import { childrenOf, find, startAgent } from '../support/agent'
import { runNode } from '../support/spawn'

const init = join(__dirname, '..', '..', 'src', 'init.js')

const PROGRAM = `
  const { native } = require('pg')
  const { Client, Query } = native
  const client = new Client({ connectionString: process.env.DATABASE_URL })
  const text = 'select $1::int as n'
  const wrong = 'select from where'
  const show = (name) => (error, result) => console.log(name, error ? error.message : JSON.stringify(result.rows))
  const called = (ask) => new Promise((resolve) => ask((...args) => resolve(args)))
  const heard = (query) => new Promise((resolve) => query.on('end', () => resolve('end')).on('error', (e) => resolve(e.message)))
  async function main() {
    await client.connect()
    show('callback')(...await called((done) => client.query('select 1 as n', done)))
    show('values, callback')(...await called((done) => client.query(text, [2], done)))
    show('promise')(null, await client.query(text, [3]))
    show('configuration')(null, await client.query({ text, values: [4] }))
    show('configuration, callback')(...await called((done) => client.query({ text, values: [5] }, done)))
    show('callback inside')(...await called((callback) => client.query(Object.freeze({ text, values: [6], callback }))))
    console.log('Query', await heard(client.query(new Query(text, [7]))))
    show('Query, callback')(...await called((done) => client.query(new Query(text, [8]), done)))
    show('wrong callback')(...await called((done) => client.query(wrong, done)))
    console.log('wrong promise', await client.query(wrong).catch((error) => error.message))
    console.log('wrong Query', await heard(client.query(new Query(wrong))))
    await client.end()
  }
  main()
`

describeWith(postgres, 'pg', (server) => {
  describeWith(pgNative, 'with its native client', (native) => {
    const behavesTheSame = async (settings: Record<string, string>) => {
      const agent = await startAgent()
      const env = { NODE_PATH: native().url, DATABASE_URL: server().url }
      const plain = await runNode({ code: PROGRAM, env })
      const traced = await runNode({
        code: PROGRAM,
        execArgv: ['--require', init],
        env: { ...env, DD_SERVICE: 'test', DD_TRACE_AGENT_URL: agent.url, ...settings },
      })
      assert.equal(plain.code, 0, plain.stderr)
      assert.deepEqual([traced.stdout, traced.stderr, traced.code], [plain.stdout, plain.stderr, plain.code])

      const spans = await agent.waitForSpans(11)
      assert.deepEqual(
        spans.map(({ name, service, error }) => `${name} ${service} ${error}`),
        [...Array(8).fill('pg.query test-postgres 0'), ...Array(3).fill('pg.query test-postgres 1')],
      )
      assert.equal(find(spans, { resource: 'select 1 as n' }).meta['db.type'], 'postgres')
      assert.equal(spans.flatMap((span) => childrenOf(span, spans)).length, 0)
      assert.deepEqual(agent.violations, [])
      await agent.close()
    }

    it('behaves the same, and gives one span per query', () => behavesTheSame({}))

    it('does so with comments', () => behavesTheSame({ DD_DBM_PROPAGATION_MODE: 'full' }))
  })
})
