// Programs that log, and know nothing of `dd`: their lines are the same with it, but for the ids of the spans that the Agent gets.

import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FakeAgent, find, startAgent } from '../support/agent'
import { describePackages } from '../support/library'
import { runNode } from '../support/spawn'
import { INDEX, INIT, REGISTER } from './traced'

const PACKAGES = { pino: '10.4.0', winston: '3.19.0', bunyan: '2.0.5' }

interface Program {
  readonly name: string
  readonly require: string
  readonly import: string
  /** Makes the logger. */
  readonly make: string
  readonly env?: Record<string, string>
}

const PROGRAMS: Program[] = [
  {
    name: 'pino',
    require: "const pino = require('pino')",
    import: "import { pino } from 'pino'",
    make: 'const log = pino({ base: null, timestamp: false })',
  },
  {
    name: 'pino, with a transport in a thread',
    require: "const { pino } = require('pino')",
    import: "import pino from 'pino'",
    make: "const log = pino({ base: null, timestamp: false, transport: { target: 'pino/file', options: { destination: 1 } } })",
  },
  {
    name: 'winston',
    require: "const winston = require('winston')",
    import: "import * as winston from 'winston'",
    make: 'const log = winston.createLogger({ transports: [new winston.transports.Console()] }).child({ part: 1 })',
  },
  {
    name: 'bunyan',
    require: "const bunyan = require('bunyan')",
    import: "import bunyan from 'bunyan'",
    make: "const logger = bunyan.createLogger({ name: 'log' }); const log = { info: (text) => logger.info({ time: 1, pid: 1 }, text) }",
  },
  {
    name: 'console',
    require: '',
    import: "import { log as print } from 'node:console'",
    make: 'const log = { info: (msg) => console.log(JSON.stringify({ msg })) }',
    env: { DD_TRACE_CONSOLE_ENABLED: 'true' },
  },
]

const BODY = `
const server = http.createServer((request, response) => {
  log.info('in the request')
  setTimeout(() => { log.info('later'); response.end() }, 1)
}).listen(0, '127.0.0.1', () => {
  http.get({ port: server.address().port, host: '127.0.0.1', agent: false }, (response) => {
    response.resume().on('end', () => { server.close(); log.info('outside') })
  })
})`

interface Line {
  dd?: { trace_id?: string; span_id?: string; service?: string; env?: string; version?: string }
  msg?: string
  message?: string
}

describePackages('a program that logs', PACKAGES, undefined, (set) => {
  let agent: FakeAgent
  before(async () => {
    agent = await startAgent()
  })
  beforeEach(() => agent.clear())
  afterEach(() => assert.deepEqual(agent.violations, []))
  after(() => agent.close())

  const linesOf = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
      .sort((a, b) => String(a.msg ?? a.message).localeCompare(String(b.msg ?? b.message)))

  const run = async (name: string, code: string, execArgv: string[], env: Record<string, string> = {}) => {
    const file = join(set.folder, name)
    writeFileSync(file, code)
    const settings = { DD_SERVICE: 'shop', DD_ENV: 'test', DD_VERSION: '7', DD_TRACE_AGENT_URL: agent.url, ...env }
    const [without, traced] = [await runNode({ file, env }), await runNode({ file, env: settings, execArgv })]
    assert.deepEqual([traced.code, traced.stderr], [0, ''])
    const lines = linesOf(traced.stdout)
    const plain = lines.map(({ dd: _, ...line }) => line)
    assert.deepEqual(plain, linesOf(without.stdout))
    // Each line says it once.
    for (const line of traced.stdout.trim().split('\n')) assert.ok(line.split('"dd":').length <= 2, line)
    return lines.map(({ dd }) => dd)
  }

  const check = (told: Line['dd'][]) => {
    const { trace_id, span_id, meta } = find(agent.spans(), { name: 'web.request' })
    const unified = { service: 'shop', env: 'test', version: '7' }
    const inside = {
      trace_id: `${meta['_dd.p.tid']}${BigInt(trace_id).toString(16).padStart(16, '0')}`,
      span_id,
      ...unified,
    }
    assert.deepEqual(told, [inside, inside, unified])
  }

  for (const [at, program] of PROGRAMS.entries()) {
    it(`with ${program.name}, in CommonJS`, async () => {
      const code = `${program.require}\nconst http = require('node:http')\n${program.make}\n${BODY}`
      check(await run(`log-${at}.cjs`, code, ['--require', INIT], program.env))
    })

    it(`with ${program.name}, in an ES module`, async () => {
      const code = `${program.import}\nimport http from 'node:http'\n${program.make}\n${BODY}`
      check(await run(`log-${at}.mjs`, code, ['--import', REGISTER], program.env))
    })

    it(`with ${program.name}, in an ES module that only --require sees`, async () => {
      const code = `${program.import}\nimport http from 'node:http'\n${program.make}\n${BODY}`
      check(await run(`log-required-${at}.mjs`, code, ['--require', INIT], program.env))
    })

    it(`with ${program.name}, as it is where the injection is off`, async () => {
      const code = `${program.require}\nconst http = require('node:http')\n${program.make}\n${BODY}`
      const env = { ...program.env, DD_LOGS_INJECTION: 'false' }
      assert.deepEqual(await run(`log-off-${at}.cjs`, code, ['--require', INIT], env), [
        undefined,
        undefined,
        undefined,
      ])
    })
  }

  it('with a logger of its own', async () => {
    const code = `
const { tracer } = require(${JSON.stringify(INDEX)})
console.log(JSON.stringify({ msg: 'outside', ...tracer.logContext() }))
tracer.trace('op', () => console.log(JSON.stringify({ msg: 'inside', ...tracer.logContext() })))`
    const file = join(set.folder, 'log-own.cjs')
    writeFileSync(file, code)
    const env = { DD_SERVICE: 'shop', DD_TRACE_AGENT_URL: agent.url }
    const [plain, traced] = await Promise.all([
      runNode({ file }),
      runNode({ file, env, execArgv: ['--require', INIT] }),
    ])
    assert.deepEqual(linesOf(plain.stdout), [{ msg: 'inside' }, { msg: 'outside' }])
    const [inside, outside] = linesOf(traced.stdout)
    assert.equal(inside?.dd?.span_id, find(agent.spans(), 'op').span_id)
    assert.deepEqual(outside?.dd, { service: 'shop' })
  })
})
