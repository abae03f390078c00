// Metrics of the process: a real program, busy, late and full of garbage, tells a real UDP socket so.

import { strict as assert } from 'node:assert'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { RuntimeMetrics } from '../../src/metrics/runtime/runtime-metrics'
import { runNode } from '../support/spawn'

const source = join(__dirname, '..', '..', 'src')

/** The loop has to turn before its delay is known. Says what it has used itself, just before and just after the metrics begin and end. */
const BUSY = `
const { RuntimeMetrics } = require(${JSON.stringify(join(source, 'metrics', 'runtime', 'runtime-metrics.js'))})
const { tracer } = require(${JSON.stringify(join(source, 'index.js'))})
const look = () => ({ ...process.cpuUsage(), ms: performance.now() })
// The first one takes 30 ms to load what it asks.
new RuntimeMetrics(tracer.statsd).stop()
const first = [look()]
const runtime = new RuntimeMetrics(tracer.statsd, JSON.parse(process.argv[2] ?? '{}'))
first.push(look())
setTimeout(() => {
  const until = performance.now() + 150
  let garbage = []
  while (performance.now() < until) garbage = Array.from({ length: 1000 }, (_, i) => ({ i, garbage: garbage[i] }))
  garbage = undefined
  gc()
}, 50)
setTimeout(() => {
  const last = [look()]
  runtime.tell()
  last.push(look())
  runtime.stop()
  console.log(JSON.stringify([first, last]))
}, 250)`

/** In microseconds, at a time. */
interface Usage {
  readonly user: number
  readonly system: number
  readonly ms: number
}

/** Percents have two digits. */
const ROUNDED = 0.006

describe('metrics of the process', () => {
  let socket: Socket
  let lines: string[]
  beforeEach(async () => {
    lines = []
    socket = createSocket('udp4').on('message', (packet) => void lines.push(...packet.toString().split('\n')))
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
  })
  afterEach(() => void socket.close())

  const program = (code: string, env: Record<string, string> = {}, args: string[] = []) =>
    runNode({
      code,
      args,
      execArgv: ['--expose-gc'],
      env: {
        DD_DOGSTATSD_URL: `udp://127.0.0.1:${socket.address().port}`,
        DD_SERVICE: 'shop',
        DD_ENV: 'test',
        DD_VERSION: '1',
        DD_TRACE_AGENT_URL: 'http://127.0.0.1:9',
        ...env,
      },
    })

  /** The values by name and by the tag that is the metric's own; waits for the last one. */
  async function received(): Promise<Map<string, number>> {
    while (!lines.some((line) => line.includes('process.uptime'))) await once(socket, 'message')
    const values = new Map<string, number>()
    for (const line of lines) {
      const [, name = '', value, type, tags = ''] = /^runtime\.node\.([^:]*):([^|]*)\|(.)\|#([^|]*)/.exec(line) ?? []
      if (name === '') continue
      const own = tags.split(',').filter((tag) => !/^(service:shop|env:test|version:1)$/.test(tag))
      assert.equal(tags.split(',').length - own.length, 3, line)
      assert.equal(
        type,
        /\.(sum|total|count)$/.test(name) && !name.startsWith('cpu') && !name.startsWith('mem') ? 'c' : 'g',
        line,
      )
      values.set([name, ...own].join(' '), Number(value))
    }
    return values
  }

  it('tell of a busy program', async () => {
    const { code, stdout, stderr } = await program(BUSY)
    assert.deepEqual([code, stderr], [0, ''])
    const values = await received()
    const at = (name: string) => values.get(name) ?? Number.NaN
    const between = (name: string, least: number, most: number) =>
      assert.ok(at(name) >= least && at(name) <= most, `${name} is ${at(name)}`)
    const [[before, begun], [ending, after]] = JSON.parse(stdout) as [[Usage, Usage], [Usage, Usage]]
    const percent = (of: (usage: Usage) => number, from: Usage, to: Usage, ms: number) => (of(to) - of(from)) / 10 / ms
    const used: [name: string, of: (usage: Usage) => number][] = [
      ['cpu.user', ({ user }) => user],
      ['cpu.system', ({ system }) => system],
      ['cpu.total', ({ user, system }) => user + system],
    ]
    for (const [name, of] of used) {
      const least = percent(of, begun, ending, after.ms - before.ms)
      const most = percent(of, before, after, ending.ms - begun.ms)
      between(name, least - ROUNDED, most + ROUNDED)
    }
    assert.ok(at('cpu.user') > 0)
    between('mem.heap_used', 1e6, at('mem.heap_total'))
    between('mem.rss', 1e7, at('mem.total'))
    between('mem.free', 1, at('mem.total'))
    between('mem.external', 1, 1e9)
    between('mem.arrayBuffers', 0, at('mem.external'))
    between('heap.total_heap_size', 1e6, at('heap.heap_size_limit'))
    between('heap.number_of_native_contexts', 1, 10)
    between('heap.used_size.by.space heap_space:old_space', 1, at('heap.size.by.space heap_space:old_space'))
    between('heap.physical_size.by.space heap_space:new_space', 0, 1e9)
    // The loop stood still for 150 ms.
    between('event_loop.delay.max', 100e6, 10e9)
    between('event_loop.delay.min', 0, at('event_loop.delay.median'))
    between('event_loop.delay.median', 0, at('event_loop.delay.max'))
    between('event_loop.delay.avg', 0, at('event_loop.delay.max'))
    between('event_loop.delay.count', 1, 100)
    assert.equal(at('event_loop.delay.sum'), at('event_loop.delay.total'))
    between('event_loop.utilization', 0.1, 1)
    between('gc.pause.max', 1, at('gc.pause.sum'))
    between('gc.pause.by.type.count gc_type:mark_sweep_compact', 1, at('gc.pause.count'))
    between('gc.pause.by.type.count gc_type:scavenge', 1, at('gc.pause.count'))
    between('active_resources resource_type:Timeout', 0, 5)
    between('process.uptime', 0, 60)
  })

  it('leave out what is not wanted', async () => {
    const { code } = await program(BUSY, {}, ['{"gc":false,"eventLoop":false}'])
    assert.equal(code, 0)
    const names = [...(await received()).keys()]
    assert.deepEqual(
      names.filter((name) => /^(gc|event_loop)/.test(name)),
      [],
    )
    assert.ok(names.includes('cpu.total'))
  })

  for (const [env, isOn] of [
    [{ DD_RUNTIME_METRICS_ENABLED: 'true' }, true],
    [{}, false],
  ] as const) {
    it(`are ${isOn ? 'on' : 'off'} with ${JSON.stringify(env)}, and hold nothing up`, async () => {
      const code = `
        const real = setInterval
        let intervals = []
        globalThis.setInterval = (step, ms) => (intervals.push([step, ms]), real(step, ms))
        const { tracer } = require(${JSON.stringify(join(source, 'index.js'))})
        tracer.init()
        globalThis.setInterval = real
        for (const [step, ms] of intervals) if (ms === 10000) { console.log(ms); step() }`
      const finished = await program(code, env)
      assert.deepEqual([finished.code, finished.stderr, finished.stdout], [0, '', isOn ? '10000\n' : ''])
      if (isOn) assert.ok((await received()).has('cpu.total'))
      else assert.deepEqual(lines, [])
    })
  }

  it('are told every ten seconds, and no more once stopped', () => {
    const told: string[] = []
    const note = (name: string) => void told.push(name)
    const runtime = new RuntimeMetrics({ gauge: note, increment: note }, { gc: false, eventLoop: false })
    runtime.tell()
    const first = told.length
    assert.ok(first > 30)
    runtime.tell()
    assert.equal(told.length, 2 * first)
    runtime.stop()
  })
})
