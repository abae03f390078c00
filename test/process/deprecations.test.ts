// Nothing that Node has deprecated, or means to, is used by `dd`: a program that goes through every module of Node's that is traced,
// with all of these plugins on, runs where such a use throws. On each Node of the core suite, as each deprecates more.

import { strict as assert } from 'node:assert'
import { type FakeAgent, startAgent } from '../support/agent'
import { runNode } from '../support/spawn'
import { INDEX, INIT, outcomeOf, REGISTER } from './traced'

const PROGRAM = `
const { exec, execFile, execFileSync, execSync, spawn } = require('node:child_process')
const dns = require('node:dns')
const fs = require('node:fs')
const http = require('node:http')
const http2 = require('node:http2')
const net = require('node:net')
const { once } = require('node:events')
const { promisify } = require('node:util')

async function main() {
  const site = http.createServer((request, response) => response.end('x')).listen(0, '127.0.0.1')
  await once(site, 'listening')
  const url = 'http://127.0.0.1:' + site.address().port + '/a?b=c'
  for (const ask of [() => http.get(url), () => http.get(new URL(url)), () => http.request(url, { agent: false }).end()]) {
    await once(ask().on('response', (response) => response.resume()), 'close')
  }
  await (await fetch(url)).text()
  const socket = net.connect(site.address().port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
  site.close()
  site.closeAllConnections()

  const streams = http2.createServer((request, response) => response.end('y')).listen(0, '127.0.0.1')
  await once(streams, 'listening')
  const session = http2.connect('http://127.0.0.1:' + streams.address().port)
  await once(session.request({ ':path': '/' }).resume(), 'close')
  session.close()
  streams.close()

  await fs.promises.stat(__filename)
  await promisify(fs.readFile)(__filename)
  fs.readFileSync(__filename)
  fs.existsSync(__filename)
  await once(fs.createReadStream(__filename).resume(), 'close')
  await dns.promises.lookup('127.0.0.1')
  await promisify(dns.lookup)('127.0.0.1')

  execSync(process.execPath + ' --version')
  execFileSync(process.execPath, ['--version'])
  await promisify(exec)(process.execPath + ' --version')
  await promisify(execFile)(process.execPath, ['--version'])
  await once(spawn(process.execPath, ['--version']), 'close')
  console.log('done')
}
// Files have spans only below others.
require(${JSON.stringify(INDEX)}).tracer.trace('all', main)
`

describe('a traced program that deprecations throw in', () => {
  let agent: FakeAgent
  before(async () => {
    agent = await startAgent()
  })
  after(() => agent.close())

  const strict = ['--throw-deprecation', '--pending-deprecation', '--trace-deprecation']
  const ways: [name: string, flags: string[], before: string][] = [
    ['--require dd/init', ['--require', INIT], ''],
    ['--import dd/register', ['--import', REGISTER], ''],
    ['patchAll', [], `const dd = require(${JSON.stringify(INDEX)}); dd.tracer.init(); dd.patchAll()`],
  ]
  for (const [name, flags, before] of ways) {
    it(`meets none with ${name}`, async () => {
      agent.clear()
      const on = ['CHILD_PROCESS', 'CONSOLE', 'DNS', 'FS', 'NET'].map((plugin) => [
        `DD_TRACE_${plugin}_ENABLED`,
        'true',
      ])
      const ended = await runNode({
        code: before + PROGRAM,
        execArgv: [...strict, ...flags],
        env: { ...Object.fromEntries(on), DD_TRACE_AGENT_URL: agent.url },
      })
      assert.deepEqual([outcomeOf(ended).said, ended.stderr, ended.stdout, ended.code], [[], '', 'done\n', 0])
      const seen = new Set(agent.spans().map(({ meta }) => meta['component']))
      for (const component of ['http', 'http2', 'undici', 'net', 'dns', 'fs', 'subprocess']) {
        assert.ok(seen.has(component), `${component} is not among ${[...seen].join(', ')}`)
      }
    })
  }
})
