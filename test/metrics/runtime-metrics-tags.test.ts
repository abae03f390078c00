// Metrics of the process as a program has them that is started with `dd/init`: again and again, tagged as its spans are, each switch both
// ways.

import { strict as assert } from 'node:assert'
import { INIT } from '../process/traced'
import { UdpServer } from '../support/metric-servers'
import { runNode } from '../support/spawn'

/** Ends by itself, whatever watches it, but not before there was garbage to be collected, however slow the machine is. */
const PROGRAM = `
const until = performance.now() + 350
let garbage = []
let turns = 0
const turn = () => {
  garbage = Array.from({ length: 20000 }, (_, at) => ({ at }))
  if (++turns < 60 || performance.now() < until) setTimeout(turn, 1)
}
turn()`

const ON = { DD_RUNTIME_METRICS_ENABLED: 'true', DD_RUNTIME_METRICS_FLUSH_INTERVAL: '50' }

describe('metrics of the process of a program', () => {
  let server: UdpServer
  beforeEach(async () => {
    server = await UdpServer.start()
  })
  afterEach(() => server.stop())

  /** The lines of `runtime.node.*`, after the program has ended by itself. */
  async function linesWith(env: Record<string, string>): Promise<string[]> {
    const { code, stderr } = await runNode({
      code: PROGRAM,
      execArgv: ['--require', INIT],
      env: {
        DD_DOGSTATSD_URL: `udp://127.0.0.1:${server.port}`,
        DD_SERVICE: 'shop',
        DD_ENV: 'test',
        DD_VERSION: '1',
        DD_TRACE_AGENT_URL: 'http://127.0.0.1:9',
        DD_TRACE_LOG_LEVEL: 'error',
        ...env,
      },
    })
    assert.deepEqual([code, stderr], [0, ''])
    return server.packets
      .splice(0)
      .flatMap((packet) => packet.split('\n').filter((line) => line.startsWith('runtime.node.')))
  }

  const namesOf = (lines: readonly string[]) => new Set(lines.map((line) => line.replace(/^runtime\.node\.|:.*/g, '')))

  it('are sent again and again, with service, env and version, while the program lives', async () => {
    const lines = await linesWith(ON)
    const uptimes = lines.filter((line) => line.includes('process.uptime'))
    assert.ok(uptimes.length >= 3 && uptimes.length <= 60, String(uptimes.length))
    for (const line of lines) {
      for (const tag of ['service:shop', 'env:test', 'version:1']) assert.ok(line.split(/[#,|]/).includes(tag), line)
      assert.ok(!line.includes('runtime-id'), line)
    }
    for (const name of ['event_loop.delay.max', 'event_loop.utilization', 'gc.pause.count', 'cpu.total', 'mem.rss']) {
      assert.ok(namesOf(lines).has(name), name)
    }
  })

  it('have the service that is guessed, too, and the id of the process where it is asked for', async () => {
    const lines = await linesWith({ ...ON, DD_SERVICE: '', DD_RUNTIME_METRICS_RUNTIME_ID_ENABLED: 'true' })
    const ids = new Set(lines.map((line) => /[#,]runtime-id:([\da-f-]{36})\b/.exec(line)?.[1]))
    assert.equal(ids.size, 1)
    assert.ok(!ids.has(undefined))
    for (const line of lines) assert.match(line, /[#,]service:[\w.-]+/)
  })

  const switches: [env: Record<string, string>, has: (name: string) => boolean, hasNot: (name: string) => boolean][] = [
    [
      { DD_RUNTIME_METRICS_GC_ENABLED: 'false' },
      (name) => name.startsWith('event_loop.'),
      (name) => name.startsWith('gc.'),
    ],
    [
      { DD_RUNTIME_METRICS_EVENT_LOOP_ENABLED: 'false' },
      (name) => name.startsWith('gc.'),
      (name) => name.startsWith('event_loop.'),
    ],
  ]
  for (const [env, has, hasNot] of switches) {
    it(`lack what ${Object.keys(env).join()} says, and nothing else`, async () => {
      const names = [...namesOf(await linesWith({ ...ON, ...env }))]
      assert.ok(names.some(has))
      assert.deepEqual(names.filter(hasNot), [])
      assert.ok(names.includes('cpu.total'))
    })
  }

  const off: Record<string, string>[] = [
    {},
    { DD_RUNTIME_METRICS_ENABLED: 'false' },
    { ...ON, DD_TRACE_ENABLED: 'false' },
  ]
  for (const env of off) {
    it(`are none with ${JSON.stringify(env)}`, async () => {
      assert.deepEqual(await linesWith({ DD_RUNTIME_METRICS_FLUSH_INTERVAL: '50', ...env }), [])
    })
  }
})
