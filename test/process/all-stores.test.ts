// One program with all the stores: each request of an Express application asks Postgres, MySQL by both its drivers, Redis by both, the
// MongoDB protocol, Elasticsearch and Cassandra. Each gives one trace with the right tree, also when 20 come at once to connections
// that are not yet open, and whether the program is CommonJS or an ES module.

import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  cassandra,
  describeWith,
  elasticsearch7,
  mariadb,
  mongo,
  postgres,
  type RunningService,
  redis,
  type Service,
} from '../services'
import { type SpanNode, startAgent, tree } from '../support/agent'
import { describePackages } from '../support/library'
import { runNode } from '../support/spawn'
import { INIT, REGISTER } from './traced'

const PACKAGES = {
  '@elastic/elasticsearch': '9.4.2',
  'cassandra-driver': '4.10.0',
  express: '5.3.0',
  ioredis: '6.0.0',
  mongodb: '6.22.0',
  mysql: '2.18.1',
  mysql2: '3.24.6',
  pg: '8.23.1',
  redis: '5.12.1',
}

const IMPORTS = {
  express: 'express',
  http: 'node:http',
  elastic: '@elastic/elasticsearch',
  cassandra: 'cassandra-driver',
  ioredis: 'ioredis',
  mongodb: 'mongodb',
  mysql: 'mysql',
  mysql2: 'mysql2/promise',
  pg: 'pg',
  redis: 'redis',
}

const BODY = `
const urls = JSON.parse(process.env.SERVICES)
const [atOnce, requests] = [process.argv[2] === 'at-once', Number(process.argv[3])]
const pool = new pg.Pool({ connectionString: urls.postgres, max: 5 })
const myPool = mysql.createPool(urls.mariadb)
const my2Pool = mysql2.createPool(urls.mariadb)
const nodeRedis = redis.createClient({ url: urls.redis })
const ioRedis = new ioredis.Redis(urls.redis)
const mongoClient = new mongodb.MongoClient(urls.mongo)
const search = new elastic.Client({ node: urls.elasticsearch7 })
const { hostname, port } = new URL(urls.cassandra)
const cassandraClient = new cassandra.Client({ contactPoints: [hostname + ':' + port], localDataCenter: 'datacenter1' })

const app = express()
app.get('/all/:n', async function all(request, response) {
  const n = Number(request.params.n)
  await pool.query('select $1::int', [n])
  await new Promise((resolve, reject) => myPool.query('select ? as n', [n], (e) => (e ? reject(e) : resolve())))
  await my2Pool.query('select ? as n', [n])
  await nodeRedis.get('key:' + n)
  await ioRedis.get('key:' + n)
  await mongoClient.db('shop').collection('things').findOne({ n })
  await search.exists({ index: 'things', id: String(n) })
  await cassandraClient.execute('select key from system.local')
  response.json({ n })
})

async function main() {
  await nodeRedis.connect()
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.on('listening', resolve))
  const ask = (n) => new Promise((resolve, reject) => {
    const asked = http.get({ host: '127.0.0.1', port: server.address().port, path: '/all/' + n, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part) => { text += part }).on('end', () => resolve(response.statusCode + ' ' + text))
    })
    asked.on('error', reject)
  })
  const numbers = Array.from({ length: requests }, (_, n) => n)
  const answers = []
  if (atOnce) answers.push(...await Promise.all(numbers.map(ask)))
  else for (const n of numbers) answers.push(await ask(n))
  console.log(answers.join('\\n'))
  server.close()
  await Promise.all([pool.end(), new Promise((resolve) => myPool.end(resolve)), my2Pool.end(), nodeRedis.close(), ioRedis.quit(),
    mongoClient.close(), search.close(), cassandraClient.shutdown()])
}
main()
`

const commonJs = Object.entries(IMPORTS).map(([name, from]) => `const ${name} = require('${from}')`)
/** The others have a default export only, or both. */
const NAMED_ONLY = new Set(['elastic', 'ioredis', 'mongodb', 'redis'])
const esModule = Object.entries(IMPORTS).map(
  ([name, from]) => `import ${NAMED_ONLY.has(name) ? `* as ${name}` : name} from '${from}'`,
)

/** Names and what was asked, nested as the spans are; what connecting and waiting for a connection takes is left out. */
function outline({ span, children }: SpanNode): string {
  const below = children.filter(({ span: { name } }) => !/\.(acquire|connect)$/.test(name)).map(outline)
  return `${span.name} ${span.resource}${below.length === 0 ? '' : ` (${below.join(', ')})`}`
}

const EXPECTED = [
  'http.request GET (express.request GET /all/:n (express.middleware all (',
  [
    'pg.query select $1::int',
    'mysql.query select ? as n',
    'mysql.query select ? as n',
    'redis.command GET',
    'redis.command get',
    'mongodb.query find shop.things',
    'elasticsearch.query HEAD /things/_doc/? (http.request HEAD)',
    'cassandra.query select key from system.local',
  ].join(', '),
  ')))',
].join('')

const services = { postgres, mariadb, redis, mongo, elasticsearch7, cassandra } satisfies Record<string, Service>

/** A suite with all of the services. */
function describeWithAll(title: string, declare: (urls: () => Record<string, string>) => void): void {
  const running: Record<string, () => RunningService> = {}
  const urls = () => Object.fromEntries(Object.entries(running).map(([name, server]) => [name, server().url]))
  const nest = ([next, ...rest]: [string, Service][]): void => {
    if (next === undefined) {
      declare(urls)
      return
    }
    const [name, service] = next
    describeWith(service, rest.length === 0 ? title : `with ${service.name}`, (server) => {
      running[name] = server
      nest(rest)
    })
  }
  nest(Object.entries(services))
}

describePackages('a program with all stores', PACKAGES, undefined, (set) => {
  describeWithAll('gives one trace per request', (urls) => {
    const programs = [
      { kind: 'CommonJS', file: 'all-stores.cjs', code: [...commonJs, BODY].join('\n'), execArgv: ['--require', INIT] },
      {
        kind: 'an ES module',
        file: 'all-stores.mjs',
        code: [...esModule, BODY].join('\n'),
        execArgv: ['--import', REGISTER],
      },
    ]
    for (const { kind, file, code, execArgv } of programs) {
      for (const [mode, requests] of [
        ['at-once', 20],
        ['in-turn', 5],
      ] as const) {
        it(`as ${kind}, ${requests} requests ${mode.replace('-', ' ')}`, async function () {
          this.timeout(60_000)
          const path = join(set.folder, file)
          writeFileSync(path, code)
          const agent = await startAgent()
          const args = [mode, String(requests)]
          const env = { SERVICES: JSON.stringify(urls()) }
          const traced = { ...env, DD_SERVICE: 'shop', DD_TRACE_AGENT_URL: agent.url }
          const [plain, run] = await Promise.all([
            runNode({ file: path, args, env, timeoutMs: 40_000 }),
            runNode({ file: path, args, env: traced, execArgv, timeoutMs: 40_000 }),
          ])
          assert.equal(plain.code, 0, plain.stderr)
          assert.deepEqual([run.code, run.stdout, run.stderr], [plain.code, plain.stdout, plain.stderr])
          assert.equal(run.stdout.split('\n').filter((line) => line.startsWith('200 ')).length, requests, run.stdout)

          const requestTraces = tree(agent.spans()).filter(({ span }) => span.name === 'http.request')
          assert.deepEqual(requestTraces.map(outline), Array(requests).fill(EXPECTED))
          assert.deepEqual(agent.violations, [])
          await agent.close()
        })
      }
    }
  })
})
