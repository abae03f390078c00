// The ways to call a logger, run without and with `dd` inside a span: the lines must be the same but for the member `dd`, which
// tells the span's ids and the program's unified service tags.

import { strict as assert } from 'node:assert'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tracer } from '../../src'
import { type CallStyle, describeCallStyles, type Probe } from '../support/call-styles'
import { Tracing } from '../support/tracing'

export interface LogStyle<Log> {
  readonly name: string
  /** What the logger is made with. */
  readonly options?: object
  log(log: Log, probe: Probe): unknown
  /** What stands in the lines as `dd` when the program has given it; null: nothing. */
  readonly own?: unknown
  /** Default: 1. */
  readonly lines?: number
}

interface Logged<Log> {
  readonly log: Log
  readonly lines: string[]
  /** Of the span in which it was called. */
  ids?: { readonly trace_id: string; readonly span_id: string }
}

interface Row<Log> extends CallStyle<Logged<Log>> {
  readonly style: LogStyle<Log>
}

const decimal = (hex: string) => BigInt(`0x${hex}`).toString()

/** The line without what `dd` has put in, wherever the logger puts it; that alone names the service. */
const plain = (line: string) =>
  line.replace(/,"dd":\{[^}]*"service":"test"[^}]*\}|"dd":\{[^}]*"service":"test"[^}]*\},?/, '')

/** @param make makes a logger of the options that adds its lines, as JSON, to a list */
export function describeLogger<Log>(
  plugin: string,
  styles: readonly LogStyle<Log>[],
  make: (options: object, lines: string[], style: LogStyle<Log>) => Log,
): void {
  let tracing: Tracing
  const rows = styles.map((style): Row<Log> => {
    return {
      name: style.name,
      style,
      run: (subject, probe) =>
        tracer.trace('request', async ({ traceId, spanId }) => {
          const { log, lines } = subject
          subject.ids = { trace_id: traceId, span_id: decimal(spanId) }
          const result = style.log(log, probe)
          // Some loggers are streams.
          await nextTurn()
          probe.note('lines', lines.map(plain))
          return result === log ? 'the logger' : typeof result
        }),
    }
  })
  const openNext = () => {
    let at = 0
    return () => {
      const style = styles[at++]!
      const lines: string[] = []
      return { log: make(style.options ?? {}, lines, style), lines }
    }
  }

  describeCallStyles<Logged<Log>, Row<Log>>('called with', rows, {
    without: { open: openNext() },
    with: {
      before: async () => {
        tracing = await Tracing.start({ [plugin]: true }, { env: 'test', version: '1.2.3' })
      },
      open: openNext(),
      check({ style }, _observation, { lines, ids }) {
        assert.equal(lines.length, style.lines ?? 1, lines.join('\n'))
        const dd = { ...ids, service: 'test', env: 'test', version: '1.2.3' }
        for (const line of lines)
          assert.deepEqual(
            (JSON.parse(line) as { dd?: unknown }).dd ?? null,
            style.own === undefined ? dd : style.own,
            line,
          )
      },
      after: () => tracing.stop(),
    },
  })
}

interface SimpleLog {
  info(...args: unknown[]): unknown
}

/**
 * What holds for every logger beside its styles.
 * @param make makes a logger as in `describeLogger`
 */
export function describeLogContext(plugin: string, make: (lines: string[]) => SimpleLog): void {
  let tracing: Tracing | undefined
  afterEach(async () => {
    await tracing?.stop()
    tracing = undefined
  })
  const logged = async (make: (lines: string[]) => SimpleLog) => {
    const lines: string[] = []
    make(lines).info('hello')
    await nextTurn()
    return lines.map((line) => (JSON.parse(line) as { dd?: Record<string, string> }).dd)
  }

  it('tells service, env and version outside of spans, as far as they are known', async () => {
    tracing = await Tracing.start({ [plugin]: true }, { env: 'production', version: '4' })
    assert.deepEqual(await logged(make), [{ service: 'test', env: 'production', version: '4' }])
    await tracing.stop()
    tracing = await Tracing.start({ [plugin]: true }, { service: 'other "name"', version: '5' })
    assert.deepEqual(await logged(make), [{ service: 'other "name"', version: '5' }])
  })

  it('reaches loggers that were there before', async () => {
    const lines: string[] = []
    const log = make(lines)
    tracing = await Tracing.start({ [plugin]: true })
    log.info('hello')
    await nextTurn()
    assert.match(lines[0]!, /"dd":\{/)
  })

  it('adds nothing once it is off', async () => {
    tracing = await Tracing.start({ [plugin]: true })
    const lines: string[] = []
    const log = make(lines)
    await tracing.stop()
    tracing = undefined
    log.info('hello')
    await nextTurn()
    assert.equal((JSON.parse(lines[0]!) as { dd?: unknown }).dd, undefined)
  })

  it('writes the lower half of a trace id in decimal where 128 bits are not wanted', async () => {
    tracing = await Tracing.start({ [plugin]: true }, { traceId128BitLogging: false })
    await tracer.trace('request', async ({ traceId, spanId }) => {
      const [dd] = await logged(make)
      assert.deepEqual([dd?.['trace_id'], dd?.['span_id']], [decimal(traceId.slice(16)), decimal(spanId)])
    })
  })

  it('tells each of many requests at once its own span', async () => {
    tracing = await Tracing.start({ [plugin]: true })
    const lines: string[] = []
    const log = make(lines)
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        tracer.trace(`request ${n}`, async (span) => {
          await nextTurn()
          log.info(`line ${n}`)
          return decimal(span.spanId)
        }),
      ),
    )
    await nextTurn()
    const told = lines.map((line) => JSON.parse(line) as { msg?: string; message?: string; dd: { span_id: string } })
    const idOf = (n: number) => told.find(({ msg, message }) => (msg ?? message) === `line ${n}`)?.dd.span_id
    assert.deepEqual(
      ids.map((_, n) => idOf(n)),
      ids,
    )
  })
}

/** An error whose stack is the same wherever it was made. */
export function fixed<E extends Error>(error: E): E {
  error.stack = `${error.name}: ${error.message}\n    at somewhere`
  return error
}
