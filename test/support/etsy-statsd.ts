// The server that StatsD comes from, statsd/statsd, as a real process: what it has understood of what was sent to it. It is installed
// from npm into the tests' cache.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port'
import { PackageSet } from './npm-packages'
import { type NodeChild, startNode } from './spawn'
import { udpIsRead } from './udp-receive-queue'

/** All since the server was started. */
export interface EtsyTotals {
  counters: Record<string, number>
  gauges: Record<string, number>
  timers: Record<string, { count: number; sumMs: number; first: number[] }>
  sets: Record<string, string[]>
  badLines: number
  /** Lines that were not empty. */
  metrics: number
}

export const etsyPackages = new PackageSet('statsd', { statsd: '0.9.0' })

const FLUSH_MS = 50

export interface EtsyPlaces {
  /** The port of UDP and of TCP; default: free ones. */
  readonly udpPort?: number
  readonly tcpPort?: number
  /** A Unix stream socket, if there is to be one. */
  readonly socketPath?: string
}

export class EtsyStatsd {
  private constructor(
    readonly udpPort: number,
    readonly tcpPort: number,
    readonly child: NodeChild,
    readonly folder: string,
  ) {}

  /** `etsyPackages` must be installed. */
  static async start(places: EtsyPlaces = {}): Promise<EtsyStatsd> {
    try {
      return await EtsyStatsd.#startAt(places)
    } catch (error) {
      if (places.udpPort !== undefined || places.tcpPort !== undefined) throw error
      // Another process has taken a free port before it could.
      return EtsyStatsd.#startAt(places)
    }
  }

  static async #startAt(places: EtsyPlaces): Promise<EtsyStatsd> {
    const { udpPort = await freeUdpPort(), tcpPort = await freePort(), socketPath } = places
    const folder = mkdtempSync(join(tmpdir(), 'dd-statsd-'))
    const servers: object[] = [
      { server: './servers/udp', address: '127.0.0.1', port: udpPort },
      { server: './servers/tcp', address: '127.0.0.1', port: tcpPort },
    ]
    if (socketPath !== undefined) servers.push({ server: './servers/tcp', socket: socketPath })
    const backends = [join(__dirname, 'etsy-backend.js')]
    const config = {
      servers,
      backends,
      flushInterval: FLUSH_MS,
      mgmt_port: await freePort(),
      mgmt_address: '127.0.0.1',
    }
    writeFileSync(join(folder, 'config.js'), JSON.stringify(config))
    // It logs with `util.log`, which Node 23 and later do not have; every bad line is one, which is of no use here.
    writeFileSync(join(folder, 'log.js'), "require('node:util').log = () => {}\n")
    const child = await startNode({
      file: join(etsyPackages.folder, 'node_modules', 'statsd', 'stats.js'),
      args: [join(folder, 'config.js')],
      execArgv: ['--require', join(folder, 'log.js')],
    })
    const server = new EtsyStatsd(udpPort, tcpPort, child, folder)
    try {
      await server.#isListening()
    } catch (error) {
      await server.stop()
      throw error
    }
    return server
  }

  /** What it has understood when `isComplete` says so of it. */
  async totals(isComplete: (totals: EtsyTotals) => boolean, timeoutMs = 10_000): Promise<EtsyTotals> {
    let totals: EtsyTotals | undefined
    // Found by a test, as the newest line is the one that counts.
    const newest = {
      [Symbol.match]: (text: string) => {
        const line = text.slice(text.lastIndexOf('TOTALS ') + 7)
        if (!text.includes('TOTALS ') || !line.includes('\n')) return null
        totals = JSON.parse(line.slice(0, line.indexOf('\n'))) as EtsyTotals
        return isComplete(totals) ? [line] : null
      },
    } as unknown as RegExp
    try {
      await this.child.waitForOutput(newest, timeoutMs)
    } catch {
      throw new Error(`statsd has not got further than ${JSON.stringify(totals)}`)
    }
    return totals!
  }

  /** Resolves when it has read all UDP packets that the system has for it, so that there is room for more. */
  hasReadUdp(): Promise<void> {
    return udpIsRead(this.udpPort)
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.child.stop(signal)
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** UDP tells nobody that it is bound: it is when a packet has been understood. */
  async #isListening(): Promise<void> {
    const socket = createSocket('udp4')
    const ask = setInterval(() => socket.send('dd.is_listening:1|c', this.udpPort, '127.0.0.1'), 20)
    try {
      await this.totals(({ counters }) => counters['dd.is_listening'] !== undefined)
    } finally {
      clearInterval(ask)
      socket.close()
    }
  }
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}
