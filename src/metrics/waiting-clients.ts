// What of metrics has not been sent when the process ends is sent then: in a hurry on a connected socket, which takes it even in `exit`,
// and patiently where the process ends by itself or by a signal.

import { flushOnExit } from '../base/flush-on-exit'

export interface WaitingClient {
  /** Resolves when all that waits was sent or dropped. */
  flush(): Promise<void>
  /** Hands what waits to the system, as far as that works without waiting. */
  flushNow(): void
}

/** Hands what it holds to clients. */
interface Collects {
  flush(): void
}

const collecting = new Set<Collects>()
/** Only those that have something to send are held, so that a client that nobody closed can go. */
const waiting = new Set<WaitingClient>()
let open = 0
let stop: (() => void) | undefined

/** From now on it is watched how the process ends. To be called once by each client, as is `clientClosed`. */
export function clientOpened(): void {
  open++
  stop ??= flushOnExit({ flush, flushNow })
}

export function clientClosed(client: WaitingClient): void {
  waiting.delete(client)
  stopWatching()
}

function stopWatching(): void {
  if (--open > 0) return
  stop?.()
  stop = undefined
}

/** @param collector what it holds is sent to clients before they send what they have */
export function beginsToCollect(collector: Collects): void {
  collecting.add(collector)
  clientOpened()
}

export function hasCollected(collector: Collects): void {
  collecting.delete(collector)
  stopWatching()
}

export function hasToSend(client: WaitingClient): void {
  waiting.add(client)
}

export function hasSent(client: WaitingClient): void {
  waiting.delete(client)
}

function flushCollectors(): void {
  for (const collector of collecting) collector.flush()
}

async function flush(): Promise<void> {
  flushCollectors()
  await Promise.all([...waiting].map((client) => client.flush()))
}

function flushNow(): number {
  flushCollectors()
  for (const client of [...waiting]) client.flushNow()
  return 0
}
