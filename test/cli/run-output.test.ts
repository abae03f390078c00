// What becomes of a program's output under `dog run`: it arrives byte for byte, in time, with its colours, and as logs beside the traces.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogsAnswer } from '../../src/cli/agent-answers'
import { jsonSpan } from '../local-agent/wire-span'
import { freePort } from '../support/free-port'
import { needsPeers, peersFrom } from '../support/peers'
import { DOG, Dog, type DogOptions, dog, plain } from './dog-process'

const NODE = process.execPath

describe('dog run', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dog-run-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  /** A file of its own for each program, so that a test may run two. */
  const program = (source: string, name = 'program.js') => {
    const file = join(folder, name)
    writeFileSync(file, source)
    return file
  }
  const run = (source: string, options: string[] = [], given?: DogOptions) =>
    dog(['run', ...options, '--', NODE, program(source)], given)

  describe('output', () => {
    it('arrives byte for byte, and the two outputs apart', async () => {
      const running = new Dog([
        'run',
        '--',
        NODE,
        program(`
        const bytes = Buffer.alloc(3_000_000)
        for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 7919) >> 3
        process.stdout.write(bytes)
        process.stderr.write('to stderr')`),
      ])
      running.process.stdin?.end()
      running.process.stdout?.removeAllListeners('data').setEncoding('binary' as BufferEncoding)
      let stdout = ''
      running.process.stdout?.on('data', (text: string) => {
        stdout += text
      })
      const { code, stderr } = await running.ended
      const expected = Buffer.alloc(3_000_000)
      for (let i = 0; i < expected.length; i++) expected[i] = (i * 7919) >> 3
      assert.ok(Buffer.from(stdout, 'binary').equals(expected))
      assert.equal(code, 0)
      assert.match(stderr, /\nto stderr/)
    })

    it('arrives while the program runs, without an end of line too', async () => {
      const running = new Dog([
        'run',
        '--',
        NODE,
        program(
          "process.stdout.write('Name? '); process.stdin.once('data', (name) => { console.log('Hello ' + name); process.exit() })",
        ),
      ])
      await running.prints(/^Name\? $/)
      running.process.stdin?.write('Ada')
      await running.prints(/Hello Ada\n/)
      assert.equal((await running.ended).code, 0)
    })

    it('of a program that prints at its end is there', async () => {
      const { stdout } = await run("process.on('exit', () => console.log('last words')); process.exit(0)")
      assert.equal(stdout, 'last words\n')
    })

    it('does not keep dog from ending while a process that was left behind has it open', async () => {
      const { stdout, code } = await dog(['run', '--', 'sh', '-c', 'sleep 15 & echo left'])
      assert.deepEqual([stdout, code], ['left\n', 0])
    })

    it('ends the program with a broken pipe when the reader has gone', async () => {
      const running = new Dog(['run', '--', 'sh', '-c', 'while echo line; do :; done; echo broken >&2'])
      await running.prints(/line/)
      running.process.stdout?.destroy()
      await once(running.process, 'exit')
      assert.ok(running.process.exitCode !== null || running.process.signalCode !== null)
    })

    it('of programs that are no Node.js arrives as well, and their input', async () => {
      const running = new Dog(['run', '--', 'cat'])
      running.process.stdin?.end('through\n')
      assert.equal((await running.ended).stdout, 'through\n')
    })
  })

  describe('logs', () => {
    /** Runs the program with a page that stays, and asks that for the logs. */
    async function logsOf(
      source: string,
      env: Record<string, string> = {},
      args: string[] = [],
    ): Promise<LogsAnswer['logs']> {
      const port = await freePort()
      const running = new Dog(['run', '--stay', '--port', String(port), ...args, '--', NODE, program(source)], { env })
      await running.prints(/dog: the program has ended.*until Ctrl\+C/)
      const { logs } = (await (await fetch(`http://127.0.0.1:${port}/api/logs`)).json()) as LogsAnswer
      assert.equal((await running.stop()).code, 0)
      return logs.toReversed()
    }

    it('are the lines of both outputs, with the service of the program', async () => {
      const logs = await logsOf(
        "console.log('one\\ntwo'); process.stdout.write('10 %\\r100 %\\n'); console.error('three'); process.stdout.write('no end')",
        { DD_SERVICE: 'shop' },
      )
      const told = logs.map(({ stream, service, message }) => `${service} ${stream} ${message}`)
      const of = (stream: string) => told.filter((line) => line.includes(stream))
      assert.deepEqual(of('stdout'), ['shop stdout one', 'shop stdout two', 'shop stdout 100 %', 'shop stdout no end'])
      assert.deepEqual(of('stderr'), ['shop stderr three'])
    })

    it('have the trace that a logger wrote, and the name in package.json', async () => {
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'till' }))
      const line = JSON.stringify({
        level: 30,
        msg: 'paid',
        dd: { trace_id: '0123456789abcdef0123456789abcdef', span_id: '42' },
      })
      const [log] = await logsOf(`console.log(${JSON.stringify(line)})`)
      rmSync(join(folder, 'package.json'))
      assert.equal(log?.message, 'paid')
      assert.equal(log?.traceId, '0123456789abcdef0123456789abcdef')
      assert.equal(log?.spanId, '42')
      assert.equal(log?.service, 'till')
    })

    it('are those that were written last, if a program writes faster than they can be read', async () => {
      const logs = await logsOf("for (let i = 0; i < 20_000; i++) console.log('-'.repeat(100) + i)")
      assert.equal(logs.at(-1)?.message, `${'-'.repeat(100)}19999`)
    })

    it('are none with --no-logs, which leaves the output to the program', async () => {
      assert.deepEqual(await logsOf("console.log('one')", {}, ['--no-logs']), [])
    })
  })

  describe('terminal', () => {
    before(async function () {
      if ((await once(new Dog([], { command: ['sh', '-c', 'command -v script'] }).process, 'exit'))[0] !== 0)
        this.skip()
    })

    /** In a terminal of `columns`, made by `script`, which is not the same program everywhere. */
    const inTerminal = (command: string, env: Record<string, string> = {}) =>
      dog(['-qec', `stty cols 90; ${command}`, '/dev/null'], {
        command: ['script'],
        env: { TERM: 'xterm-256color', ...env },
      })
    /** In the place of the shell: one that waits would die of Ctrl+C itself, as dash does, and hide how `dog` ended. */
    const dogRun = (source: string, options = '') =>
      `exec '${NODE}' '${DOG}' run ${options} -- '${NODE}' '${program(source)}'`
    const SHOW =
      'console.log(process.stdout.isTTY, process.env.FORCE_COLOR, process.env.COLUMNS, process.stdout.getColorDepth?.())'

    it('is told to the program behind its pipes', async () => {
      const { stdout } = await inTerminal(dogRun(SHOW))
      assert.match(plain(stdout), /undefined 2 90 undefined\r\n/)
      assert.ok(stdout.includes('\x1b[90mundefined\x1b[39m'))
    })

    it('has no colours where these are not wanted, or for nobody', async () => {
      assert.match((await inTerminal(dogRun(SHOW), { NO_COLOR: '1' })).stdout, /undefined undefined 90 undefined\r\n/)
      assert.match((await inTerminal(dogRun(SHOW), { FORCE_COLOR: '0' })).stdout, /undefined 0 90 undefined\r\n/)
      const file = join(folder, 'errors')
      const { stdout } = await inTerminal(`${dogRun(SHOW)} 2> '${file}'`)
      assert.match(stdout, /undefined undefined undefined undefined\r\n/)
      assert.ok(!`${stdout}${readFileSync(file, 'utf8')}`.includes('\x1b'))
    })

    it('is the program’s own with --no-logs', async () => {
      const { stdout } = await inTerminal(dogRun(SHOW, '--no-logs'))
      assert.match(plain(stdout), /true undefined undefined 8\r\n/)
    })

    it('passes Ctrl+C to the program once', async () => {
      const source =
        "let n = 0; process.on('SIGINT', () => { n++; setTimeout(() => { console.log('signals ' + n); process.exit(7) }, 300) }); setInterval(() => {}, 1000); console.log('ready')"
      const running = new Dog(['-qec', dogRun(source), '/dev/null'], { command: ['script'] })
      await running.prints(/ready/)
      running.process.stdin?.write('\x03')
      await running.prints(/signals 1\r\n/)
      assert.equal((await running.ended).code, 7)
    })
  })

  describe('settings', () => {
    const names = [
      'DD_TRACE_SAMPLE_RATE',
      'DD_TRACE_RATE_LIMIT',
      'DD_TRACE_SAMPLING_RULES',
      'DD_AGENT_HOST',
      'DD_DOGSTATSD_PORT',
      'DD_DOGSTATSD_URL',
      'DD_RUNTIME_METRICS_ENABLED',
    ] as const
    type Seen = Partial<Record<(typeof names)[number], string>>
    const seen = async (env: Record<string, string> = {}) => {
      const { stdout } = await run(
        `const { ${names.join(', ')} } = process.env; console.log(JSON.stringify({ ${names.join(', ')} }))`,
        [],
        { env },
      )
      return JSON.parse(stdout) as Seen
    }

    it('keep all traces, and send metrics where the traces go', async () => {
      const { DD_DOGSTATSD_PORT, ...others } = await seen({ DD_DOGSTATSD_URL: 'udp://elsewhere:8125' })
      assert.ok(Number(DD_DOGSTATSD_PORT) > 0)
      assert.deepEqual(others, {
        DD_TRACE_SAMPLE_RATE: '1',
        DD_TRACE_RATE_LIMIT: '-1',
        DD_AGENT_HOST: '127.0.0.1',
        DD_RUNTIME_METRICS_ENABLED: 'true',
      })
    })

    it('of the user stay', async () => {
      const own = {
        DD_TRACE_SAMPLE_RATE: '0.5',
        DD_TRACE_RATE_LIMIT: '7',
        DD_TRACE_SAMPLING_RULES: '[]',
        DD_RUNTIME_METRICS_ENABLED: 'false',
      }
      const { DD_DOGSTATSD_PORT: _, DD_AGENT_HOST: __, ...others } = await seen(own)
      assert.deepEqual(others, own)
      assert.equal((await seen({ OTEL_TRACES_SAMPLER: 'always_off' })).DD_TRACE_SAMPLE_RATE, undefined)
    })

    it("bring what a program records with OpenTelemetry's kits, unless it says where that goes", async function () {
      await needsPeers(this)
      const source = `
        const peers = require('node:module').createRequire(${JSON.stringify(peersFrom)})
        const { BasicTracerProvider, SimpleSpanProcessor } = peers('@opentelemetry/sdk-trace-base')
        const { OTLPTraceExporter } = peers('@opentelemetry/exporter-trace-otlp-proto')
        const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter())] })
        tracers.getTracer('kit').startSpan('nightly job').end()
        void tracers.shutdown()`
      const ours = await run(source, [], { env: { DD_TRACE_ENABLED: undefined } })
      assert.match(ours.stderr, /nightly job/)
      assert.doesNotMatch(ours.stderr, /does not read/)
      const endpoints = [
        'OTEL_EXPORTER_OTLP_ENDPOINT',
        'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
        'OTEL_EXPORTER_OTLP_PROTOCOL',
      ]
      const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/v1/traces' }
      const { stdout } = await run(`console.log(${JSON.stringify(endpoints)}.map((name) => process.env[name]))`, [], {
        env,
      })
      assert.match(stdout, /undefined,\s+'http:\/\/127.0.0.1:1\/v1\/traces',\s+undefined/)
    })

    it('bring traces and metrics of a program that does nothing for it', async () => {
      const port = await freePort()
      const source = `
        const { tracer } = require(${JSON.stringify(join(__dirname, '..', '..', 'src', 'index.js'))})
        tracer.statsd.increment('orders')
        tracer.trace('job', () => {})`
      const running = new Dog(['run', '--stay', `--port=${port}`, '--', NODE, program(source)], {
        env: { DD_TRACE_ENABLED: undefined },
      })
      await running.prints(/after 1 trace, on http:\S+ until Ctrl\+C\n/)
      const { series } = (await (await fetch(`http://127.0.0.1:${port}/api/metrics`)).json()) as {
        series: { name: string }[]
      }
      assert.ok(series.some(({ name }) => name === 'orders'))
      assert.equal((await running.stop('SIGINT')).code, 0)
    })
  })

  describe('page', () => {
    it('is opened with --open by what BROWSER says', async () => {
      const opened = join(folder, 'opened')
      const browser = join(folder, 'browser')
      writeFileSync(browser, `#!/bin/sh\necho "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`)
      chmodSync(browser, 0o755)
      const untilThere = `const wait = setInterval(() => require('fs').existsSync('${opened}') && clearInterval(wait), 10)`
      const { stderr } = await run(untilThere, ['--open'], { env: { BROWSER: browser } })
      const [, url] = /traces appear here and on (http:\S+)\n/.exec(stderr) ?? []
      assert.equal(readFileSync(opened, 'utf8'), `${url}\n`)
    })

    it('is told where there is no browser', async () => {
      const { stderr } = await run('', ['--open'], { env: { BROWSER: '/no/such/browser' } })
      assert.match(
        stderr,
        /\ndog: cannot open a browser, because there is no \/no\/such\/browser\. The page is on http:\S+\n/,
      )
    })
  })

  describe('last word', () => {
    it('counts traces and those with errors', async () => {
      const spans = [1n, 2n].map((id) => `[${jsonSpan({ trace_id: id, error: Number(id) - 1 })}]`)
      const { stderr } = await run(
        `fetch(process.env.DD_TRACE_AGENT_URL + '/v0.4/traces', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(`[${spans.join(',')}]`)} })`,
      )
      assert.match(
        stderr,
        /\ndog: the program has ended after 2 traces, 1 with errors; http:\S+ ended with it, which --stay would keep\n$/,
      )
    })

    it('says what to do where nothing was traced', async () => {
      const { stderr } = await dog(['run', '--', 'sh', '-c', 'true'])
      assert.match(
        stderr,
        /\ndog: the program has ended without a trace\. To see what is traced and what is not: dog doctor -- sh -c true\n$/,
      )
      assert.match((await dog(['run', '--', 'echo', "it's", 'a b'])).stderr, / dog doctor -- echo 'it'\\''s' 'a b'\n$/)
    })
  })
})
