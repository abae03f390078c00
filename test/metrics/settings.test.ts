// Where clients of metrics get what a program leaves out: with the tracer from its options and the environment, alone from the
// environment; and that the two do not get in each other's way.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { runNode } from '../support/spawn'

const source = join(__dirname, '..', '..', 'src')
const TRACER = `const { tracer } = require(${JSON.stringify(join(source, 'index.js'))})\n`
const ALONE = `const { DogStatsd, DogStatsApi } = require(${JSON.stringify(join(source, 'alone', 'metrics.js'))})\n`
const ENV = { DD_SERVICE: 'of-env', DD_ENV: 'test', DD_TAGS: 'team:web', DD_TRACE_AGENT_URL: 'http://127.0.0.1:9' }

/** Sends one metric to a stream in memory, and prints it. */
const send = (made: string) => `
const { Writable } = require('node:stream')
let text = ''
const stream = new Writable({ write: (chunk, _encoding, done) => (text += chunk, done()) })
const statsd = ${made}
statsd.increment('a')
statsd.close().then(() => console.log(text.split('\\n')[0].replace(/\\|c:.*/, '')))
`

describe('the settings of metrics', () => {
  const print = async (code: string) => {
    const { stdout, stderr, code: exitCode } = await runNode({ code, env: ENV })
    assert.deepEqual([exitCode, stderr], [0, ''])
    return stdout.trim()
  }

  it('are those of the environment without the tracer, which is not loaded', async () => {
    const loaded = `console.log(Object.keys(require.cache).some((file) => /[\\\\/](start|tracer)\\.js$/.test(file)))`
    assert.equal(
      await print(ALONE + send('new DogStatsd({ stream })') + loaded),
      'false\na:1|c|#env:test,service:of-env,team:web',
    )
  })

  for (const [order, code] of [
    ['before', `${ALONE}${TRACER}tracer.init({ service: 'of-code' })\ntracer.statsd\n`],
    ['after', `${TRACER}tracer.init({ service: 'of-code' })\ntracer.statsd\n${ALONE}`],
  ] as const) {
    it(`are those of the tracer where dd/metrics is loaded ${order} it`, async () => {
      assert.equal(
        await print(`${code + send('new DogStatsd({ stream })')}`),
        'a:1|c|#env:test,service:of-code,team:web',
      )
    })
  }

  it('are read from the environment where the tracer has not been started', async () => {
    const asked = `${TRACER}console.log(typeof tracer.statsd.stats().recorded, tracer.metrics.stats().recorded)
      tracer.metrics.increment('a')
      console.log(tracer.metrics.stats().recorded)`
    assert.match(await print(asked), /^number 0\n[01]$/)
  })

  it('say what is missing where an API key is', async () => {
    const asked = `${ALONE}try { new DogStatsApi().start() } catch (error) { console.log(error.name + ': ' + error.message) }`
    assert.match(await print(asked), /^TypeError: an API key is needed: start\(\{ apiKey \}\) or DD_API_KEY/)
  })
})
