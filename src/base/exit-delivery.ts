// Sends requests while the thread that asks for it waits: for the `exit` event, in which a process may run code but no callback.
//
// A thread of its own (exit-sender.ts) does the talking. It is given neither the program's flags nor its NODE_OPTIONS, so that
// nothing is preloaded there, and its output goes nowhere. Where threads cannot be had (Node's permission model), the requests
// fail with that as their reason.

import type { RequestOptions } from 'node:http'
import { join } from 'node:path'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { monotonicMs } from './clock'
import type { ExitAnswer, ExitErrand } from './exit-sender'

/** A request that has not left the process, and will not by itself, because the process is at its end. */
export interface UnsentRequest {
  /** For `http.request`, or for `https.request` if its protocol is `https:`. Plain data: no agent, no callback. */
  readonly options: RequestOptions
  /** Of an HTTP proxy for an `https:` request. */
  readonly proxy?: string | undefined
  readonly bytes: Uint8Array
  /** To be called when it was sent, or with the reason why it could not be: `ECONNREFUSED`, `it answered 500`. */
  settle(why?: string): void
}

/**
 * Sends all of them at the same time and settles each; returns how long that took, in ms.
 * @param maxWaitMs after this, those that were not answered are given up
 * @param env the environment of the thread
 */
export function deliver(
  requests: readonly UnsentRequest[],
  maxWaitMs: number,
  env: Readonly<Record<string, string>>,
): number {
  const startMs = monotonicMs()
  const open = new Map(requests.entries())
  let missing = 'TIMEOUT'
  try {
    if (maxWaitMs > 0) send(requests, maxWaitMs, env, open)
  } catch (error) {
    missing = (error as NodeJS.ErrnoException).code ?? String(error)
  }
  for (const request of open.values()) request.settle(missing)
  return monotonicMs() - startMs
}

/** Takes out of `open` what is answered. */
function send(
  requests: readonly UnsentRequest[],
  maxWaitMs: number,
  env: Readonly<Record<string, string>>,
  open: Map<number, UnsentRequest>,
): void {
  const isDone = new Int32Array(new SharedArrayBuffer(4))
  const { port1, port2: answers } = new MessageChannel()
  // A buffer is a part of a larger one, which would be copied whole.
  const copies = requests.map(({ options, proxy, bytes }) => ({ options, proxy, bytes: new Uint8Array(bytes) }))
  const worker = new Worker(join(__dirname, 'exit-sender.js'), {
    workerData: { requests: copies, answers, isDone } satisfies ExitErrand,
    transferList: [answers, ...copies.map(({ bytes }) => bytes.buffer)],
    execArgv: [],
    env,
    stdout: true,
    stderr: true,
  })
  worker.on('error', () => {})
  worker.unref()
  Atomics.wait(isDone, 0, 0, maxWaitMs)
  for (;;) {
    const received = receiveMessageOnPort(port1) as { message: ExitAnswer } | undefined
    if (received === undefined) break
    const { index, why } = received.message
    open.get(index)?.settle(why)
    open.delete(index)
  }
  port1.close()
  void worker.terminate()
}
