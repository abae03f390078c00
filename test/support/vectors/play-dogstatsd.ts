// Plays vectors of DogStatsD clients. Packets of UDP are recorded in the place of the socket; what goes over a Unix socket is what a real
// server has got.
//
// What the vectors leave open is chosen by what their peers are: the packets of datadogpy and datadog-go end with a newline, which counts
// in their bound, and ours have none; hot-shots speaks to plain servers where it is not told otherwise; and where peers raise an error for
// data, ours tells `onError`.

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../../src/config/config'
import { metricsEnvironment } from '../../../src/config/metrics-environment'
import type { DialectName } from '../../../src/metrics/dogstatsd/dialect'
import { DogStatsd } from '../../../src/metrics/dogstatsd/dogstatsd'
import type { DogStatsdOptions } from '../../../src/metrics/dogstatsd/dogstatsd-options'
import { useEnvironment } from '../../../src/metrics/metrics-environment'
import type { MetricsError } from '../../../src/metrics/metrics-error'
import { shut } from '../loopback'
import { peerTelemetry } from './peer-telemetry'
import { dice } from './play-statsd'
import { RecordingTransport } from './recording-transport'
import type { Outcome, Player, Thrown, Vector } from './vector'

type Given = Vector['given']
type Options = Readonly<Record<string, unknown>>

/** Long enough for no vector to see it. */
const NEVER_MS = 3_600_000

export const play: Player = async (vector) => {
  const { given } = vector
  const told: MetricsError[] = []
  const clock = { nowMs: 0 }
  const env = (given['env'] ?? {}) as Record<string, string>
  const says = metricsEnvironment(readConfig({}, env), env)
  const receiver = given['transport'] === 'uds_stream' ? await unixReceiver(given) : recordingReceiver(vector)
  useEnvironment(() => ({ ...says, externalEnv: (given['external_env'] as string | undefined) ?? says.externalEnv }))
  const options = {
    ...optionsFor(vector, clock),
    ...receiver.options,
    onError: (error: MetricsError) => told.push(error),
  }
  let client: DogStatsd
  try {
    client = new DogStatsd(options)
  } finally {
    useEnvironment(() => ({}))
  }
  const items: unknown[] = []
  try {
    const thrown = await makeCalls(vector, client, receiver, items, clock, told)
    return { items, ...(thrown && { thrown }) } satisfies Outcome
  } finally {
    await client.close()
    await receiver.stop()
  }
}

function optionsFor({ given, calls, peer }: Vector & { peer?: string }, clock: { nowMs: number }): DogStatsdOptions {
  const isPlain =
    peer?.startsWith('hot-shots') && given['datadog'] !== true && calls.some(([name]) => name === 'gauge_delta')
  const aggregation = given['aggregation'] as Options | undefined
  const telemetry = given['telemetry'] as { interval_s: number } | undefined
  return {
    dialect: (given['dialect'] ??
      (given['telegraf'] === true ? 'telegraf' : isPlain ? 'statsd' : 'datadog')) as DialectName,
    disabled: given['disabled'] === true,
    prefix: given['prefix'] as string | undefined,
    suffix: given['suffix'] as string | undefined,
    tags: given['constant_tags'] as string[] | undefined,
    rate: given['sample_rate'] as number | undefined,
    cardinality: given['cardinality'] as DogStatsdOptions['cardinality'],
    containerId: given['container_id'] as string | undefined,
    tagOrder: given['tag_order'] === 'global_first' ? 'constant-first' : 'call-first',
    originDetection: false,
    flushIntervalMs: given['buffered'] === true ? NEVER_MS : 0,
    aggregation: aggregation && {
      flushIntervalMs: NEVER_MS,
      maxContexts: aggregation['max_contexts'] as number | undefined,
      extended: aggregation['extended'] as boolean | undefined,
      maxSamplesPerContext: aggregation['max_samples_per_context'] as number | undefined,
    },
    telemetry: telemetry === undefined ? false : { flushIntervalMs: telemetry.interval_s * 1000 },
    random: dice(given['random']),
    now: () => clock.nowMs,
    wallNow: () => clock.nowMs,
  }
}

async function makeCalls(
  vector: Vector & { peer?: string },
  client: DogStatsd,
  receiver: Receiver,
  items: unknown[],
  clock: { nowMs: number },
  told: MetricsError[],
): Promise<Thrown | undefined> {
  const handles = new Map<string, DogStatsd>()
  for (const [at, [name, args = [], given = {}]] of vector.calls.entries()) {
    const { as, ...options } = given
    const [first = '', second] = name.split('.')
    const target = second === undefined ? client : handles.get(first)
    try {
      if (target === undefined) throw new Error(`no handle ${first} was made`)
      const made = await call(target, second ?? first, args, options, clock)
      if (made instanceof DogStatsd) handles.set(String(as), made)
      else if (made !== undefined) items.push(made)
    } catch (error) {
      items.push(...(await receiver.take()))
      if (!(error instanceof TypeError)) throw error
      const expected = vector.throws?.message ?? ''
      // Ours says more.
      const message = error.message.startsWith(expected) ? expected : error.message
      return { at, error: 'TypeError', ...(message !== '' && { message }) }
    }
    items.push(...(await receiver.take()))
    const [error] = told
    if (error !== undefined && vector.throws !== undefined && vector.peer !== 'dd')
      return { at, error: nameOf(error, vector.peer) }
  }
  return undefined
}

/** What peers call what ours tells `onError`. */
function nameOf({ code, message }: MetricsError, peer = ''): string {
  if (code === 'too-long') return peer.startsWith('datadogpy') ? 'ValueError' : 'MessageTooLongError'
  return /timestamp/.test(message) ? 'InvalidTimestampError' : code
}

type Fn = (...args: readonly unknown[]) => unknown

async function call(
  client: DogStatsd,
  name: string,
  args: readonly unknown[],
  given: Options,
  clock: { nowMs: number },
): Promise<unknown> {
  switch (name) {
    case 'advance':
      clock.nowMs += args[0] as number
      return undefined
    case 'stats':
      return { dropped_invalid: client.stats().droppedInvalid }
    case 'flush':
      return client.flush()
    case 'close':
      return client.close()
    case 'child':
      return client.child(camel(given))
    case 'timed_fn':
      return timedFn(client, args)
    case 'event':
    case 'service_check': {
      const { date_happened: timestamp = given['timestamp'], source_type_name: sourceType, ...options } = given
      const method = name === 'event' ? client.event : client.serviceCheck
      // A text of an event may be left out.
      const [what, other] = args
      return Reflect.apply(method as Fn, client, [what, other, { ...camel(options), timestamp, sourceType }])
    }
  }
  const [, method = '', isTimed] = /^(.*?)(_with_timestamp)?$/.exec(name) ?? []
  const [metric, value, timestamp] = args
  const options = isTimed === undefined ? camel(given) : { ...camel(given), timestamp }
  const fn = client[camelWord(method) as 'count'] as Fn | undefined
  if (typeof fn !== 'function') throw new Error(`there is no method ${method}`)
  return Reflect.apply(fn, client, [metric, value, options])
}

/** Wraps a function that adds its arguments, throws, rejects, or gives back the first one. */
async function timedFn(client: DogStatsd, [metric, kind, args]: readonly unknown[]): Promise<unknown> {
  const kinds: Readonly<Record<string, Fn>> = {
    sum: (...numbers) => (numbers as number[]).reduce((sum, number) => sum + number, 0),
    const: (first) => first,
    throw: () => {
      throw new Error('thrown')
    },
    reject: () => Promise.reject(new Error('rejected')),
  }
  const fn = kinds[kind as string]
  if (fn === undefined) throw new Error(`no function ${String(kind)} is known`)
  try {
    return { returns: await client.timer(metric as string)(fn as never as Fn)(...(args as unknown[])) }
  } catch (error) {
    return { throws: (error as Error).message }
  }
}

const camelWord = (word: string): string => word.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase())
const camel = (options: Options): Options =>
  Object.fromEntries(Object.entries(options).map(([key, value]) => [camelWord(key), value]))

interface Receiver {
  readonly options: DogStatsdOptions
  take(): Promise<unknown[]>
  stop(): Promise<void>
}

function maxPacket({ given, peer }: Pick<Vector, 'given'> & { peer?: string }): number {
  const countsNewline = given['line_end'] === '\n' && !peer?.startsWith('hot-shots')
  return ((given['max_packet'] as number | undefined) ?? 8192) - (countsNewline ? 1 : 0)
}

function recordingReceiver(vector: Vector): Receiver {
  const transport = new RecordingTransport(maxPacket(vector), 'udp')
  const lineEnd = (vector.given['line_end'] as string | undefined) ?? ''
  const translate = peerTelemetry(lineEnd)
  return {
    options: { transport },
    take: async () => transport.take().map((packet) => translate(packet) + lineEnd),
    stop: async () => {},
  }
}

async function unixReceiver(given: Given): Promise<Receiver> {
  const folder = mkdtempSync(join(tmpdir(), 'dd-vectors-'))
  const path = join(folder, 'dsd.sock')
  let received = Buffer.alloc(0)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data])
      server.emit('received')
    })
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    options: { path },
    async take() {
      const frames: unknown[] = []
      while (received.length < 4) await once(server, 'received')
      while (received.length > 0) {
        const bytes = received.readUInt32LE()
        while (received.length < 4 + bytes) await once(server, 'received')
        const text = received.subarray(4, 4 + bytes).toString() + ((given['line_end'] as string | undefined) ?? '')
        received = received.subarray(4 + bytes)
        const length = Buffer.alloc(4)
        length.writeUInt32LE(Buffer.byteLength(text))
        frames.push({ hex: Buffer.concat([length, Buffer.from(text)]).toString('hex') })
      }
      return frames
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await shut(server)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
