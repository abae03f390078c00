// Sends batches from a thread of its own (sender-thread.ts), where they are written out, compressed and posted: the program's thread only
// hands them over. Where threads cannot be had, it does that in the program's thread, and says so.

import { join } from 'node:path'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { kindOf, log } from '../../base/log'
import {
  type Batch,
  type BatchOutcome,
  BEGUN,
  type ExitRequest,
  type Fate,
  IS_OPEN,
  type Sender,
  STOPPED,
} from './sender'
import type { SenderErrand, ToSenderThread } from './sender-thread'
import { SeriesSender } from './series-sender'
import { SeriesApiTransport, type SeriesTransportSettings } from './series-transport'

interface Run {
  readonly batch: Batch
  readonly state: Int32Array
  readonly resolve: (outcome: BatchOutcome) => void
}

interface ThreadSenderParts extends SeriesTransportSettings {
  readonly retries: number
  /** Of the thread: without NODE_OPTIONS, which would load `dd` there. */
  readonly env?: Readonly<Record<string, string>> | undefined
}

export class ThreadSender implements Sender {
  readonly #parts: ThreadSenderParts
  /** In this thread: for the exit, and where there is no other. */
  readonly #here: SeriesSender
  #thread: { readonly worker: Worker; readonly port: MessagePort } | undefined
  #canThread = true
  #isPatient = true
  #run: Run | undefined

  constructor(parts: ThreadSenderParts) {
    this.#parts = parts
    this.#here = new SeriesSender({ transport: new SeriesApiTransport(parts), retries: parts.retries })
  }

  send(batch: Batch): Promise<BatchOutcome> {
    const port = this.#port()
    if (port === undefined) return this.#here.send(batch)
    return new Promise((resolve) => {
      const state = new Int32Array(new SharedArrayBuffer(8))
      this.#run = { batch, state, resolve }
      port.postMessage({ batch, state } satisfies ToSenderThread)
    })
  }

  setPatience(isPatient: boolean): void {
    this.#isPatient = isPatient
    this.#here.setPatience(isPatient)
    this.#thread?.port.postMessage({ isPatient } satisfies ToSenderThread)
  }

  interrupt(maxWaitMs: number): readonly Fate[] | undefined {
    const run = this.#run
    if (run === undefined) return this.#here.interrupt()
    this.#run = undefined
    const { batch, state } = run
    const begun = Atomics.exchange(state, BEGUN, STOPPED)
    // What the server has in part is finished by the thread, if it is quick.
    if (Atomics.load(state, IS_OPEN) === 1) Atomics.wait(state, IS_OPEN, 1, maxWaitMs)
    const answer =
      this.#thread && (receiveMessageOnPort(this.#thread.port) as { message: BatchOutcome } | undefined)?.message
    return answer?.fates ?? batch.items.map((_, at) => (at < begun ? 'unknown' : 'kept'))
  }

  requests(batch: Batch): ExitRequest[] {
    return this.#here.requests(batch)
  }

  close(): void {
    const thread = this.#thread
    this.#thread = undefined
    thread?.port.close()
    void thread?.worker.terminate()
    this.#here.close()
  }

  #port(): MessagePort | undefined {
    if (this.#thread !== undefined || !this.#canThread) return this.#thread?.port
    const { url, apiKey, proxy, userAgent, timeoutMs, retries, env = {} } = this.#parts
    const { port1: port, port2: far } = new MessageChannel()
    try {
      const worker = new Worker(join(__dirname, 'sender-thread.js'), {
        workerData: { port: far, url: url.href, apiKey, proxy, userAgent, timeoutMs, retries } satisfies SenderErrand,
        transferList: [far],
        execArgv: [],
        env,
      })
      worker.on('error', (error) => this.#lost(error))
      worker.on('exit', () => this.#lost(undefined))
      port.on('message', (outcome: BatchOutcome) => this.#settle(outcome))
      // Neither keeps the process.
      worker.unref()
      port.unref()
      this.#thread = { worker, port }
      this.setPatience(this.#isPatient)
      return port
    } catch (error) {
      port.close()
      this.#lost(error)
      return undefined
    }
  }

  #settle(outcome: BatchOutcome): void {
    const run = this.#run
    this.#run = undefined
    run?.resolve(outcome)
  }

  /** The thread has ended, or there was none. */
  #lost(error: unknown): void {
    this.#thread?.port.close()
    this.#thread = undefined
    if (error !== undefined) {
      this.#canThread = false
      log.once(
        'metrics thread',
        `metrics are sent from the program's own thread: no other can be had (${kindOf(error)})`,
      )
    }
    if (this.#run === undefined) return
    const { batch, state } = this.#run
    const begun = Atomics.exchange(state, BEGUN, STOPPED)
    const fates = batch.items.map((_, at): Fate => (at < begun ? 'unknown' : 'kept'))
    this.#settle({ fates, problems: [], requests: 0, bytes: 0, retries: 0 })
  }
}
