// The last metrics of a process arrive however it ends, it ends as it would have, and a server that is away or silent does not hold it up
// for long. Each row is a process.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiServer, startApiServer } from '../support/api-server'
import { selfSigned } from '../support/certificate'
import { freePort } from '../support/free-port'
import { NodeChild, type NodeProgram, runNode } from '../support/spawn'

const FILE = join(__dirname, '../../src/metrics/aggregator/dog-stats-api.js')

const MODES = ['interval', 'worker', 'manual'] as const

/** Of a process, on a machine that may be busy. */
const RUN_MS = 50_000
/** The end is held up for a second; this is what a busy machine may make of it. */
const MAX_HELD_MS = 8000

/** A program that has all the time that it needs at its end: what it sends is the subject, not how fast the machine is. */
const runPatiently = (program: NodeProgram) =>
  runNode({ ...program, execArgv: ['--require', join(__dirname, '../support/slow-time.js')], timeoutMs: RUN_MS })

/** A program that says `ENDING` when it has nothing more to do, and for how long it lasted from then on. */
async function runToEnd(code: string): Promise<{ code: number | null; heldMs: number }> {
  const child = new NodeChild({ code })
  await child.waitForOutput(/ENDING/, RUN_MS)
  const endingMs = performance.now()
  const finished = await child.waitForExit(RUN_MS)
  return { code: finished.code, heldMs: performance.now() - endingMs }
}

describe('the end of a process with an aggregator', function () {
  this.timeout(2 * RUN_MS)
  let server: ApiServer

  beforeEach(async () => {
    server = await startApiServer()
  })

  afterEach(async () => {
    await server.close()
    assert.deepEqual(server.violations, [])
  })

  const program = (body: string, options: object = {}, url = server.url) => `
    const { DogStatsApi } = require(${JSON.stringify(FILE)})
    const api = new DogStatsApi()
    api.start(${JSON.stringify({ apiKey: 'the-key', apiHost: url, host: 'web-1', flushInterval: 3600, ...options })})
    api.increment('hits', 2)
    api.distribution('spread', 1)
    api.event('started')
    api.serviceCheck('db', 0)
    ${body}`

  const arrived = () => ({
    hits: server.total('hits'),
    spread: [...server.distributions.values()].flat(),
    events: server.events.length,
    checks: server.checks.length,
  })
  const ALL = { hits: 2, spread: [1], events: 1, checks: 1 }

  const ends: [name: string, body: string, code: number | null, signal: string | null][] = [
    ['by itself', '', 0, null],
    ['by process.exit', 'process.exit(3)', 3, null],
    ['by process.exit in a timer', 'setTimeout(() => process.exit(3), 50)', 3, null],
    ['by an exception', "throw new RangeError('the end')", 1, null],
    ['by a rejection', "Promise.reject(new RangeError('the end'))", 1, null],
    ['by a signal', "setInterval(() => {}, 1000); process.kill(process.pid, 'SIGTERM')", null, 'SIGTERM'],
    ['after stop()', "api.stop().then(() => console.log('stopped'))", 0, null],
    ['in the middle of stop()', 'api.stop(); setImmediate(() => process.exit(4))', 4, null],
  ]
  for (const flushIn of MODES) {
    for (const [name, body, code, signal] of ends) {
      it(`${name}, with flushIn: ${flushIn}`, async () => {
        const finished = await runPatiently({ code: program(body, { flushIn }) })
        assert.deepEqual([finished.code, finished.signal], [code, signal], finished.stderr)
        assert.deepEqual(arrived(), ALL)
        assert.ok(!finished.stderr.includes('the-key'))
        if (!/exception|rejection/.test(name)) assert.equal(finished.stderr, '')
      })
    }
  }

  for (const flushIn of MODES) {
    it(`loses and doubles nothing that is on its way, with flushIn: ${flushIn}`, async () => {
      // The server gets the first body and does not answer; the process ends meanwhile.
      server.manners.push('hang')
      const body = `
        for (let n = 0; n < 1000; n++) api.increment('many', 1, { tags: ['n:' + n] })
        api.flush(Infinity)
        const seen = setInterval(async () => {
          const { requests } = await (await fetch(${JSON.stringify(`${server.url}/seen`)})).json()
          if (requests > 0) { clearInterval(seen); api.increment('many'); process.exit(0) }
        }, 10)`
      const { code, stderr } = await runPatiently({ code: program(body, { flushIn }) })
      assert.equal(code, 0, stderr)
      assert.deepEqual(arrived(), ALL)
      assert.equal(server.total('many'), 1001)
    })
  }

  it('sends more than one body', async () => {
    const body = `
      const { noise } = require(${JSON.stringify(join(__dirname, '../support/noise.js'))})
      for (let n = 0; n < 600; n++) api.increment('large', 1, { tags: [noise(2500, n)] })
      process.exit(0)`
    await runPatiently({ code: program(body) })
    assert.equal(server.total('large'), 600)
    assert.ok(server.requests.filter(({ path }) => path === '/api/v2/series').length > 1)
  })

  for (const flushIn of MODES) {
    for (const [name, body, code] of ends.slice(0, 2)) {
      it(`${name}, over TLS, with flushIn: ${flushIn}`, async () => {
        const certificate = selfSigned()
        const secure = await startApiServer(certificate)
        const folder = mkdtempSync(join(tmpdir(), 'dd-metrics-'))
        const file = join(folder, 'ca.pem')
        writeFileSync(file, certificate.cert)
        try {
          const env = { NODE_EXTRA_CA_CERTS: file }
          const finished = await runPatiently({ code: program(body, { flushIn }, secure.url), env })
          assert.deepEqual([finished.code, finished.stderr], [code, ''])
          assert.equal(secure.total('hits'), 2)
          assert.deepEqual([secure.events.length, secure.distributions.size], [1, 1])
        } finally {
          await secure.close()
          rmSync(folder, { recursive: true })
        }
      })
    }
  }

  it('does not keep a process that has nothing to send', async () => {
    const { code, heldMs } = await runToEnd(`
        const { DogStatsApi } = require(${JSON.stringify(FILE)})
        new DogStatsApi().start({ apiKey: 'the-key', apiHost: ${JSON.stringify(server.url)}, flushIn: 'worker' })
        console.log('ENDING')`)
    assert.equal(code, 0)
    assert.ok(heldMs < MAX_HELD_MS, `${heldMs} ms`)
    assert.equal(server.requests.length, 0)
  })

  it('waits for a flush that the program waits for, and for the attempts after it', async () => {
    server.manners.push({ status: 503 })
    const body = "api.flush(Infinity).then((isTaken) => console.log('taken', isTaken))"
    const { code, stdout } = await runPatiently({ code: program(body) })
    assert.deepEqual([code, stdout], [0, 'taken true\n'])
    assert.deepEqual(arrived(), ALL)
  })

  // At once, since each waits for a second. Without that limit they would wait for an hour, or try a thousand times.
  for (const flushIn of MODES) {
    const within = async (url: string) => {
      const options = { flushIn, timeout: 3600, retries: 1000 }
      const finished = await Promise.all(
        ends.slice(0, 4).map(async ([name, body, wanted]) => {
          return { name, wanted, ...(await runToEnd(program(`console.log('ENDING');${body}`, options, url))) }
        }),
      )
      for (const { name, wanted, code, heldMs } of finished) {
        assert.equal(code, wanted, name)
        assert.ok(heldMs < MAX_HELD_MS, `${name}: ${heldMs} ms`)
      }
    }

    it(`comes soon where the server is away, with flushIn: ${flushIn}`, async () => {
      await within(`http://127.0.0.1:${await freePort()}`)
    })

    it(`comes soon where the server says nothing, with flushIn: ${flushIn}`, async () => {
      server.manners.push(...Array.from({ length: 80 }, () => 'hang' as const))
      await within(server.url)
    })
  }
})
