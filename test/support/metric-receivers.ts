// Servers of metrics as processes of their own, that can be killed and started again in the same place, and say what they have understood:
// statsd's own, the local agent, and a program that reads its input.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { send } from '../local-agent/send'
import { registerChild } from './child-registry'
import { EtsyStatsd } from './etsy-statsd'
import { freePort } from './free-port'
import { type NodeChild, startNode } from './spawn'
import { udpDrops, udpIsRead } from './udp-receive-queue'

const WAIT_MS = 20_000
const SRC = join(__dirname, '..', '..', 'src')

/** What a server has understood since it was started. */
interface Tally {
  readonly lines: number
  /** Lines that it did not understand. */
  readonly bad: number
  /** The sums of the counts, by name. */
  readonly counts: Readonly<Record<string, number>>
}

export interface Receiver {
  /** In the same place each time. */
  start(): Promise<void>
  /** As the system does it: at once, with all that it has not read. */
  kill(): Promise<void>
  /** Resolves when it has so many lines. */
  got(lines: number): Promise<Tally>
  /** Resolves when there is room for more UDP. */
  isRead(): Promise<void>
  /** Packets of UDP that the system has thrown away. */
  drops(): number
}

export class EtsyReceiver implements Receiver {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dd-etsy-'))
  readonly socketPath = join(this.#folder, 'socket')
  #server: EtsyStatsd | undefined

  get udpPort(): number {
    return this.#server!.udpPort
  }

  get tcpPort(): number {
    return this.#server!.tcpPort
  }

  async start(): Promise<void> {
    // It does not take the place of a socket that is left over.
    rmSync(this.socketPath, { force: true })
    const { udpPort, tcpPort } = this.#server ?? {}
    this.#server = await EtsyStatsd.start({
      ...(udpPort && { udpPort }),
      ...(tcpPort && { tcpPort }),
      socketPath: this.socketPath,
    })
  }

  async kill(): Promise<void> {
    await this.#server?.stop()
  }

  async got(lines: number): Promise<Tally> {
    const own = 'dd.is_listening'
    const totals = await this.#server!.totals(
      ({ metrics, counters }) => metrics - (counters[own] ?? 0) >= lines,
      WAIT_MS,
    )
    const { [own]: asked = 0, ...counts } = totals.counters
    return { lines: totals.metrics - asked, bad: totals.badLines, counts }
  }

  isRead(): Promise<void> {
    return udpIsRead(this.udpPort)
  }

  drops(): number {
    return udpDrops(this.udpPort)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

interface ShownCounts {
  readonly counters: { readonly received: number; readonly rejectedLines: number }
  readonly series: readonly {
    readonly type: string
    readonly name: string
    readonly total: { readonly value: number }
  }[]
}

function tallyOf({ counters, series }: ShownCounts): Tally {
  const counts: Record<string, number> = {}
  for (const { type, name, total } of series) {
    if (type === 'count') counts[name] = (counts[name] ?? 0) + total.value
  }
  return { lines: counters.received, bad: counters.rejectedLines, counts }
}

/** `dog agent` */
export class AgentReceiver implements Receiver {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dd-agent-'))
  readonly socketPath = join(this.#folder, 'socket')
  udpPort = 0
  #port = 0
  #child: NodeChild | undefined

  async start(): Promise<void> {
    this.#port ||= await freePort()
    this.udpPort ||= await freePort()
    const ports = ['--port', String(this.#port), '--dogstatsd-port', String(this.udpPort)]
    this.#child = await startNode({
      file: join(SRC, 'cli', 'dog.js'),
      args: ['agent', ...ports, '--dogstatsd-socket', this.socketPath],
      ready: /Metrics are collected on UDP port \d+ and unixstream:.*\n(?:.*\n)*.*ends it/,
    })
  }

  async kill(): Promise<void> {
    await this.#child?.stop('SIGKILL')
  }

  async got(lines: number): Promise<Tally> {
    for (const until = performance.now() + WAIT_MS; ; ) {
      const { text } = await send(`http://127.0.0.1:${this.#port}/api/metrics?limit=100000&windows=0`)
      const tally = tallyOf(JSON.parse(text) as ShownCounts)
      if (tally.lines >= lines) return tally
      if (performance.now() > until) throw new Error(`the agent has not got further than ${tally.lines} of ${lines}`)
      await delay(5)
    }
  }

  isRead(): Promise<void> {
    return udpIsRead(this.udpPort)
  }

  drops(): number {
    return udpDrops(this.udpPort)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

const READER = `
  const { MetricStore } = require(${JSON.stringify(join(SRC, 'local-agent', 'dogstatsd', 'metric-store.js'))})
  const store = new MetricStore()
  let rest = Buffer.alloc(0)
  process.stdin.on('data', (chunk) => {
    const bytes = Buffer.concat([rest, chunk])
    const end = bytes.lastIndexOf(10) + 1
    store.take(bytes.subarray(0, end))
    rest = Buffer.from(bytes.subarray(end))
    process.stdout.write(JSON.stringify({ counters: store.counters, series: store.latest(1000, 0) }) + '\\n')
  })`

/** A program that reads lines from its input. */
export class StdinReceiver implements Receiver {
  #child: ChildProcess | undefined
  #tally: Tally = { lines: 0, bad: 0, counts: {} }

  /** Its input, another one each time it is started. */
  get stream(): Writable {
    return this.#child!.stdin!
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, ['-e', READER], { stdio: ['pipe', 'pipe', 'inherit'] })
    registerChild(child, () => {})
    this.#child = child
    this.#tally = { lines: 0, bad: 0, counts: {} }
    let text = ''
    child.stdout!.setEncoding('utf8').on('data', (more: string) => {
      text += more
      const [last] = text.split('\n').slice(-2)
      if (last) this.#tally = tallyOf(JSON.parse(last) as ShownCounts)
      text = text.slice(text.lastIndexOf('\n') + 1)
    })
    await once(child, 'spawn')
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  async got(lines: number): Promise<Tally> {
    for (const until = performance.now() + WAIT_MS; this.#tally.lines < lines; ) {
      if (performance.now() > until)
        throw new Error(`the program has not got further than ${this.#tally.lines} of ${lines}`)
      await delay(2)
    }
    return this.#tally
  }

  async isRead(): Promise<void> {}

  drops(): number {
    return 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}
