// The mariadb plugin and programs that import the library: its ES modules, which are all there is in 3.5.1. An unchanged program
// prints the same with and without `dd`, and gives the spans of one that requires it.

import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { INDEX, REGISTER } from '../process/traced'
import { describeWith, mariadb } from '../services'
import { childrenOf, find, type ReceivedSpan, startAgent } from '../support/agent'
import { describePackages } from '../support/library'
import { runNode } from '../support/spawn'
import { configOf } from './mysql-driver'

const programFor = (suffix: string, tracer: string) => `
import { createConnection, createPool, createPoolCluster } from 'mariadb'
import * as calling from 'mariadb/callback${suffix}'
import { once } from 'node:events'
${tracer}
const config = JSON.parse(process.env.CONFIG)
const show = (name) => (value) => console.log(name, JSON.stringify(value, (_key, part) => typeof part === 'bigint' ? Number(part) : part))
const called = (ask) => new Promise((resolve, reject) => ask((error, value) => error ? reject(error) : resolve(value)))
const request = (resource, fn) => tracer ? tracer.trace('request', { resource }, fn) : fn()

await request('promise', async () => {
  const connection = await createConnection(config)
  await connection.query('select 1 as n').then(show('query'))
  await connection.execute('select ? as n', [2]).then(show('execute'))
  await connection.query('create temporary table es (n int)')
  await connection.batch('insert into es values (?)', [[1], [2]]).then(({ affectedRows }) => show('batch')(affectedRows))
  await connection.beginTransaction()
  await connection.commit()
  const statement = await connection.prepare('select ? + 1 as n')
  await statement.execute([3]).then(show('statement'))
  statement.close()
  const stream = connection.queryStream('select 4 as n')
  stream.on('data', show('stream'))
  await once(stream, 'end')
  await connection.query('select wrong').catch((error) => console.log(error.code, error.constructor.name))
  await connection.end()
})

const pool = createPool({ ...config, connectionLimit: 3 })
await Promise.all(Array.from({ length: 20 }, (_, n) => request('pool ' + n, async (span) => {
  await pool.query('select ' + n)
  const borrowed = await pool.getConnection()
  await borrowed.query('select ' + n + ' + 1')
  await borrowed.release()
  if (span && tracer.activeSpan !== span) console.log('lost')
})))
await pool.end()

await request('cluster', async () => {
  const cluster = createPoolCluster()
  cluster.add('A', config)
  await cluster.of('.*').query('select 1 as n').then(show('cluster'))
  await cluster.end()
})

await request('callback', async (span) => {
  const here = () => { if (span && tracer.activeSpan !== span) console.log('lost') }
  const connection = calling.createConnection(config)
  await called((done) => connection.connect(done))
  await called((done) => connection.query('select 1 as n', (...all) => { here(); done(...all) })).then(show('query'))
  await called((done) => connection.execute('select ? as n', [2], (...all) => { here(); done(...all) })).then(show('execute'))
  await called((done) => connection.query('select wrong', done)).catch((error) => console.log(error.code))
  await called((done) => connection.end(done))
  const pool = calling.createPool({ ...config, connectionLimit: 1 })
  await called((done) => pool.query('select 3 as n', (...all) => { here(); done(...all) })).then(show('pool'))
  const borrowed = await called((done) => pool.getConnection((...all) => { here(); done(...all) }))
  await called((done) => borrowed.query('select 4 as n', done)).then(show('borrowed'))
  borrowed.release()
  await called((done) => pool.end(done))
})
await tracer?.shutdown()
`

const outline = (spans: readonly ReceivedSpan[]) => spans.map(({ resource }) => resource)
const acquire = 'mariadb.pool.acquire'

for (const version of ['3.5.1', '3.5.4']) {
  describePackages(`mariadb ${version} as ES modules`, { mariadb: version }, undefined, (set) => {
    describeWith(mariadb, 'imported', (server) => {
      it('is traced as when it is required', async () => {
        // Without `exports`, a file is imported by its name.
        const suffix = version === '3.5.1' ? '.js' : ''
        const write = (tracer: string, name: string) => {
          const file = join(set.folder, name)
          writeFileSync(file, programFor(suffix, tracer))
          return file
        }
        const agent = await startAgent()
        const options = configOf(server())
        const env = { CONFIG: JSON.stringify(options) }
        const plain = await runNode({ file: write('const tracer = undefined', 'plain.mjs'), env })
        assert.equal(plain.code, 0, plain.stderr)
        const traced = await runNode({
          file: write(`import { tracer } from ${JSON.stringify(pathToFileURL(INDEX).href)}`, 'traced.mjs'),
          execArgv: ['--import', REGISTER],
          env: { ...env, DD_SERVICE: 'test', DD_TRACE_AGENT_URL: agent.url },
        })
        assert.deepEqual([traced.stdout, traced.stderr, traced.code], [plain.stdout, plain.stderr, plain.code])

        const spans = agent.spans()
        const below = (resource: string) => childrenOf(find(spans, { name: 'request', resource }), spans)
        assert.deepEqual(outline(below('promise')), [
          'select 1 as n',
          'select ? as n',
          'create temporary table es (n int)',
          'insert into es values (?)',
          'START TRANSACTION',
          'COMMIT',
          'select ? + 1 as n',
          'select 4 as n',
          'select wrong',
        ])
        for (let n = 0; n < 20; n++)
          assert.deepEqual(outline(below(`pool ${n}`)), [`select ${n}`, acquire, `select ${n} + 1`])
        assert.deepEqual(outline(below('cluster')), ['select 1 as n'])
        assert.deepEqual(outline(below('callback')), [
          'select 1 as n',
          'select ? as n',
          'select wrong',
          'select 3 as n',
          acquire,
          'select 4 as n',
        ])
        const own = spans.filter(({ name }) => name !== 'request')
        assert.equal(own.length, 76)
        for (const { name, resource, service, type, meta, metrics, error } of own) {
          assert.deepEqual(
            [name, service, type, error],
            [
              resource === acquire ? acquire : 'mariadb.query',
              'test-mariadb',
              'sql',
              resource === 'select wrong' ? 1 : 0,
            ],
          )
          const { component, 'db.type': system, 'db.name': database, 'db.user': user, 'out.host': host } = meta
          assert.deepEqual(
            [component, system, database, user, host, metrics['network.destination.port']],
            ['mariadb', 'mariadb', options['database'], options['user'], options['host'], options['port']],
            resource,
          )
          if (name === acquire) assert.ok((metrics['mariadb.pool.wait_time'] ?? -1) >= 0)
        }
        assert.deepEqual(agent.violations, [])
        await agent.close()
      })
    })
  })
}
