// Says by whom a port is taken, and what to type instead.
//
// An Agent says itself who it is (`GET /info`), this one or Datadog's; of anything else the system may know the process.

import { askAgent } from '../ask-agent'
import { oneLine } from '../terminal-text'
import { timeText } from '../time-text'
import { type Owner, ownerOfPath, ownerOfPort } from './socket-owners'

/** Whoever has the port is on this machine; a server that is no HTTP server may never answer. */
const ASK_TIMEOUT_MS = 1000

/** After `port 8126 is taken`: a few words, or none where nothing is known. */
export async function takenBy(host: string, port: number): Promise<string> {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const { status, problem, version, localAgent } = await askAgent(new URL(url), ASK_TIMEOUT_MS)
  const owner = ownerOfPort('tcp', port)
  const pid = localAgent?.pid ?? owner?.pid
  const process = pid === undefined ? '' : ` (process ${pid})`
  const named = oneLine(version ?? '').slice(0, 40)
  if (localAgent !== undefined) {
    const since = timeText(localAgent.since, 'minutes')
    return ` by a local agent of dd ${named}, since ${since}${process}. It takes traces and shows them on ${url}`
  }
  if (status === 200 && problem === undefined && version !== undefined) return ` by a Datadog Agent ${named}${process}`
  return byProcess(owner)
}

/** After `UDP port 8125 is taken`. */
export function udpTakenBy(port: number): string {
  return byProcess(ownerOfPort('udp', port))
}

/** After `TCP port 4318 is taken`; nothing after another problem. */
export function otlpTakenBy(problem: string, port: number | undefined): string {
  return port !== undefined && problem === `TCP port ${port} is taken` ? byProcess(ownerOfPort('tcp', port)) : ''
}

/** After `/tmp/dsd.socket is taken`. */
export function pathTakenBy(path: string): string {
  return byProcess(ownerOfPath(path))
}

function byProcess(owner: Owner | undefined): string {
  return owner === undefined
    ? ', maybe by a Datadog Agent or another dog'
    : ` by process ${owner.pid}: ${oneLine(owner.command)}`
}
