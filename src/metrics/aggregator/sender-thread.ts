// The program of the thread that writes out, compresses and posts metrics where `flushIn` is `worker`.

import { type MessagePort, workerData } from 'node:worker_threads'
import { type Batch, BEGUN, IS_OPEN, STOPPED } from './sender'
import { SeriesSender } from './series-sender'
import { SeriesApiTransport, type SeriesTransport, type SeriesTransportSettings } from './series-transport'

/** What the thread is given. */
export interface SenderErrand extends Omit<SeriesTransportSettings, 'url'> {
  readonly port: MessagePort
  readonly url: string
  readonly retries: number
}

/** What it is told; it answers each batch with a `BatchOutcome`. */
export type ToSenderThread = { readonly batch: Batch; readonly state: Int32Array } | { readonly isPatient: boolean }

function run({ port, url, retries, ...settings }: SenderErrand): void {
  // Of the batch under way; there is one at a time.
  let state: Int32Array = new Int32Array(2)
  const api = new SeriesApiTransport({ ...settings, url: new URL(url) })
  const transport: SeriesTransport = {
    address: api.address,
    async send(call) {
      Atomics.store(state, IS_OPEN, 1)
      try {
        return await api.send(call)
      } finally {
        Atomics.store(state, IS_OPEN, 0)
        Atomics.notify(state, IS_OPEN)
      }
    },
  }
  const sender = new SeriesSender({
    transport,
    retries,
    mayBegin({ to }) {
      for (;;) {
        const begun = Atomics.load(state, BEGUN)
        if (begun === STOPPED) return false
        if (Atomics.compareExchange(state, BEGUN, begun, to) === begun) return true
      }
    },
  })
  port.on('message', async (told: ToSenderThread) => {
    if ('isPatient' in told) {
      sender.setPatience(told.isPatient)
      return
    }
    state = told.state
    port.postMessage(await sender.send(told.batch))
  })
}

run(workerData as SenderErrand)
