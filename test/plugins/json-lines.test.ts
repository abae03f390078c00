// The console plugin: lines of JSON get `dd`, and all that people read is printed as it is.

import { strict as assert } from 'node:assert'
import { patchAll, tracer } from '../../src'
import { assertSameExports } from '../support/same-exports'
import { Tracing } from '../support/tracing'
import { describeLogContext, describeLogger, type LogStyle } from './logger-styles'

const METHODS = ['debug', 'error', 'info', 'log', 'warn'] as const
type Log = Record<(typeof METHODS)[number], (...args: unknown[]) => void>

const OWN = { trace_id: 'mine' }

/** Calls the console, and takes what it writes. */
function printed(method: keyof Log, args: unknown[]): string[] {
  const lines: string[] = []
  const streams = [process.stdout, process.stderr]
  const writes = streams.map(({ write }) => write)
  for (const stream of streams) stream.write = (text: unknown) => lines.push(String(text)) > 0
  try {
    console[method](...args)
  } finally {
    for (const [at, stream] of streams.entries()) stream.write = writes[at]!
  }
  return lines
}

function make(_options: object, lines: string[]): Log {
  const methods = METHODS.map((method) => [method, (...args: unknown[]) => void lines.push(...printed(method, args))])
  return Object.fromEntries(methods) as Log
}

const STYLES: LogStyle<Log>[] = [
  ...METHODS.map((method) => ({ name: method, log: (log: Log) => log[method]('{"msg":"hello"}') })),
  { name: 'the text of an empty object', log: (log) => log.info('{}') },
  { name: 'the text of an object in objects', log: (log) => log.info('{"a":{"dd":1},"b":[{}]}') },
  { name: 'a placeholder, which is none in a text alone', log: (log) => log.info('{"msg":"100 %s %d %%"}') },
  { name: 'a `dd` of its own', own: OWN, log: (log) => log.info(JSON.stringify({ dd: OWN })) },
]

/** What is printed as it is. */
const READ: unknown[][] = [
  [],
  [''],
  ['hello'],
  ['{"msg":"hello"}', 1],
  ['{"a" is missing}'],
  ['{broken'],
  ['["a"]'],
  ['{"msg":"hello"}\n'],
  [JSON.stringify({ a: 1, b: 2 }, null, 2)],
  [{ msg: 'hello' }],
  [null],
  [new Error('no').message],
  ['{"msg":"%s"}', 'hello'],
]

describe('console', () => {
  describeLogger<Log>('console', STYLES, make)
  describeLogContext('console', (lines) => {
    const log = make({}, lines)
    return { info: (text) => log.info(JSON.stringify({ msg: text })) }
  })

  it('prints what is no line of JSON as it is', async () => {
    const all = () => METHODS.flatMap((method) => READ.map((args) => printed(method, args)))
    const plain = all()
    const tracing = await Tracing.start({ console: true })
    assert.deepEqual(
      tracer.trace('request', () => all()),
      plain,
    )
    await tracing.stop()
  })

  it('is off unless asked for, and leaves the console as it was', async () => {
    const found = () => METHODS.map((method) => console[method])
    const original = found()
    patchAll()
    assert.deepEqual(found(), original)
    for (const [at, method] of found().entries()) assert.equal(method, original[at])
    await tracer.shutdown()
    const tracing = await Tracing.start({ console: true })
    for (const [at, method] of found().entries()) {
      assert.notEqual(method, original[at])
      assert.deepEqual([method.name, method.length], [original[at]?.name, original[at]?.length])
    }
    await tracing.stop()
    for (const [at, method] of found().entries()) assert.equal(method, original[at])
  })

  it('exports the same with dd as without', async function () {
    this.timeout(60_000)
    await assertSameExports(['console'], { DD_TRACE_CONSOLE_ENABLED: 'true' })
  })
})

describe('loggers', () => {
  const on = async (settings: Parameters<typeof patchAll>[0], options: Parameters<typeof tracer.init>[0]) => {
    const { info } = console
    tracer.init({ ...options, agentUrl: 'http://127.0.0.1:1' })
    patchAll(settings)
    const isOn = console.info !== info
    await tracer.shutdown()
    return isOn
  }
  afterEach(() => delete process.env['DD_TRACE_CONSOLE_ENABLED'])

  it('are off where the injection is, but for those that the program names', async () => {
    process.env['DD_TRACE_CONSOLE_ENABLED'] = 'true'
    assert.equal(await on({}, {}), true)
    assert.equal(await on({}, { logsInjection: false }), false)
    assert.equal(await on({ console: true }, { logsInjection: false }), true)
  })
})
