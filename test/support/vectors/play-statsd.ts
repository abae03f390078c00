// Plays vectors of StatsD clients, pipelines and timers. Packets of UDP are recorded in the place of the socket; what goes over TCP and
// Unix sockets is what a real server has got by the end of each call.

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MetricsError } from '../../../src/metrics/metrics-error'
import type { Pipeline } from '../../../src/metrics/statsd/pipeline'
import { StatsClient } from '../../../src/metrics/statsd/statsd-client'
import { TCPStatsClient } from '../../../src/metrics/statsd/tcp-stats-client'
import { UnixSocketStatsClient } from '../../../src/metrics/statsd/unix-socket-stats-client'
import type { Timer } from '../../../src/metrics/timer'
import { shut } from '../loopback'
import { RecordingTransport } from './recording-transport'
import type { Outcome, Player, Thrown, Vector } from './vector'

type Client = StatsClient | TCPStatsClient | UnixSocketStatsClient
type Handle = Client | Pipeline | Timer

/** What receives packets, and takes in what has come since it was last asked. */
interface Receiver {
  readonly client: Client
  take(): Promise<string[]>
  stop(): Promise<void>
}

export const play: Player = async (vector) => {
  const { given } = vector
  const random = dice(given['random'])
  const clock = { nowMs: 0 }
  const options = {
    prefix: given['prefix'] as string | undefined,
    rate: given['sample_rate'] as number | undefined,
    random,
    now: () => clock.nowMs,
    onError: () => {},
  }
  const receiver = await receiverFor(given, options)
  const items: unknown[] = []
  try {
    const thrown = await makeCalls(vector, receiver, items, clock)
    return { items, ...(thrown && { thrown }) } satisfies Outcome
  } finally {
    await receiver.stop()
  }
}

async function makeCalls(
  { calls }: Vector,
  { client, take }: Receiver,
  items: unknown[],
  clock: { nowMs: number },
): Promise<Thrown | undefined> {
  const handles = new Map<string, Handle>()
  for (const [at, [name, args = [], given = {}]] of calls.entries()) {
    const { as, ...options } = given
    const [first = '', second] = name.split('.')
    const target = second === undefined ? client : handles.get(first)
    const method = second ?? first
    try {
      if (target === undefined) throw new Error(`no handle ${first} was made`)
      if (method === 'advance') clock.nowMs += args[0] as number
      else if (method === 'timed_call' || method === 'timed_call_async') {
        await timedCall(target, args[0] as string, options, method === 'timed_call_async', clock)
      } else {
        const made = call(target, method, args, options)
        if (typeof as === 'string') handles.set(as, made as Handle)
        else await made
      }
    } catch (error) {
      items.push(...(await take()))
      return thrownAt(at, error)
    }
    items.push(...(await take()))
  }
  return undefined
}

/** The number of arguments before the options of each method; those that are left out are undefined. */
const ARGUMENTS: Readonly<Record<string, number>> = {
  incr: 2,
  decr: 2,
  gauge: 2,
  set: 2,
  timing: 2,
  timer: 1,
}

function call(
  target: Handle,
  method: string,
  args: readonly unknown[],
  options: Readonly<Record<string, unknown>>,
): unknown {
  const fn = (target as unknown as Record<string, unknown>)[method]
  if (typeof fn !== 'function') throw new Error(`there is no method ${method}`)
  const given = [...args]
  if (Object.keys(options).length > 0) {
    while (given.length < (ARGUMENTS[method] ?? 0)) given.push(undefined)
    given.push(options)
  }
  return Reflect.apply(fn, target, given)
}

async function timedCall(
  target: Handle,
  name: string,
  { takes_ms: takesMs, throws, ...options }: Readonly<Record<string, unknown>>,
  isAsync: boolean,
  clock: { nowMs: number },
): Promise<void> {
  const error = throws === undefined ? undefined : new Error(String(throws))
  const work = (value: string) => {
    clock.nowMs += takesMs as number
    if (error !== undefined) throw error
    return value
  }
  const asyncWork = async (value: string) => {
    await Promise.resolve()
    return work(value)
  }
  const timer = (target as Client).timer(name, options)
  const wrapped = timer(isAsync ? asyncWork : work)
  let seen: unknown
  try {
    const returned = await wrapped('value')
    if (returned !== 'value') throw new Error(`the wrapped function returned ${String(returned)}`)
  } catch (caught) {
    seen = caught
  }
  // The caller sees what it would without the timer.
  if (seen !== error) throw seen ?? new Error('the error of the wrapped function was lost')
}

function thrownAt(at: number, error: unknown): Thrown {
  const { message } = error as Error
  if (error instanceof MetricsError && error.code === 'state') return { at, error: 'StateError', message }
  if (error instanceof TypeError) return { at, error: 'TypeError', message }
  throw error
}

/** Gives the numbers in turn, and 0 when there are none left. */
export function dice(numbers: unknown): () => number {
  const left = [...((numbers as number[] | undefined) ?? [])]
  return () => left.shift() ?? 0
}

async function receiverFor(given: Vector['given'], options: object): Promise<Receiver> {
  const { transport = 'udp', max_packet: maxUdpSize } = given
  if (transport === 'udp') {
    const recording = new RecordingTransport()
    const client = new StatsClient({ ...options, transport: recording, maxUdpSize: maxUdpSize as number | undefined })
    return { client, take: async () => recording.take(), stop: () => client.close() }
  }
  if (transport !== 'tcp' && transport !== 'unix') throw new Error(`no transport ${String(transport)} is known`)
  let received = ''
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (text: string) => {
      received += text
      server.emit('received')
    })
  })
  const folder = mkdtempSync(join(tmpdir(), 'dd-vectors-'))
  const client =
    transport === 'tcp'
      ? new TCPStatsClient({ ...options, host: '127.0.0.1', port: await tcpPortOf(server) })
      : new UnixSocketStatsClient({ ...options, socketPath: await unixPathOf(server, folder) })
  let framedBytes = 0
  let packets = 0
  return {
    client,
    async take() {
      await client.flush()
      const { packetsSent, bytesSent } = client.stats()
      // A newline is added to each.
      while (Buffer.byteLength(received) < bytesSent + packetsSent - framedBytes) await once(server, 'received')
      const text = received
      received = ''
      framedBytes = bytesSent + packetsSent
      const writes = packetsSent - packets
      packets = packetsSent
      if (writes > 1) throw new Error(`${writes} writes for one call`)
      return text === '' ? [] : [text]
    },
    async stop() {
      await client.close()
      await shut(server)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function tcpPortOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function unixPathOf(server: Server, folder: string): Promise<string> {
  const path = join(folder, 'statsd.sock')
  server.listen(path)
  await once(server, 'listening')
  return path
}
