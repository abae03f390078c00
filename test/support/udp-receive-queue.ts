// What waits in the system for a UDP server of this machine, and what it has thrown away because there was no room: UDP tells neither
// sender nor server. Only Linux says it; elsewhere a sender gives the server time.

import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const isKnown = process.platform === 'linux'

/** A line of `/proc/net/udp`: address and port, the other end, state, bytes to send and to read, …, packets dropped. */
function lineOf(port: number): RegExpExecArray | null {
  const place = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const line = new RegExp(`${place} 00000000:0000 \\d\\d [\\dA-F]{8}:([\\dA-F]{8}) .* (\\d+) *$`, 'm')
  return line.exec(readFileSync('/proc/net/udp', 'utf8'))
}

/** Resolves when the server has read all that there was for it, so that there is room for more. */
export async function udpIsRead(port: number): Promise<void> {
  if (!isKnown) await delay(10)
  // The table may be read while it changes, and the line be missing.
  else while (Number.parseInt(lineOf(port)?.[1] ?? '1', 16) !== 0) await new Promise(setImmediate)
}

/** Packets that were lost for want of room, since the server was started. */
export function udpDrops(port: number): number {
  return isKnown ? Number(lineOf(port)?.[2] ?? 0) : 0
}
