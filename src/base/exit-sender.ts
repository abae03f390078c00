// The program of the thread that sends the last requests while the main thread stands still in its `exit` event, where nothing
// asynchronous runs any more. It loads Node's client and, unless there is a proxy, nothing of ours,
// so it is ready in some 25 ms.

import type { RequestOptions } from 'node:http'
import { type MessagePort, workerData } from 'node:worker_threads'

/** What the thread is given. */
export interface ExitErrand {
  readonly requests: readonly {
    readonly options: RequestOptions
    readonly proxy: string | undefined
    readonly bytes: Uint8Array
  }[]
  /** Takes an `ExitAnswer` for each request. */
  readonly answers: MessagePort
  /** Its one number becomes 1, and whoever waits for it is woken, when all answers are there. */
  readonly isDone: Int32Array
}

/** How a request ended: `why` it was not taken, undefined if it was. */
export interface ExitAnswer {
  readonly index: number
  readonly why: string | undefined
}

function run({ requests, answers, isDone }: ExitErrand): void {
  let left = requests.length
  requests.forEach(({ options, proxy, bytes }, index) => {
    const settle = (why?: string) => {
      answers.postMessage({ index, why } satisfies ExitAnswer)
      if (--left > 0) return
      Atomics.store(isDone, 0, 1)
      Atomics.notify(isDone, 0)
    }
    const client =
      options.protocol === 'https:'
        ? (require('node:https') as typeof import('node:https'))
        : (require('node:http') as typeof import('node:http'))
    const outgoing = client.request({ ...options, agent: proxy === undefined ? false : tunnel(proxy) })
    outgoing.on('response', ({ statusCode = 0 }) => {
      settle(statusCode >= 200 && statusCode < 300 ? undefined : `it answered ${statusCode}`)
      outgoing
        .removeListener('error', fail)
        .on('error', () => {})
        .destroy()
    })
    const fail = (error: NodeJS.ErrnoException) => settle(error.code ?? error.message)
    outgoing.on('error', fail)
    outgoing.end(bytes)
  })
}

function tunnel(proxy: string) {
  const { tunnelAgent } = require('./tunnel-agent') as typeof import('./tunnel-agent')
  return tunnelAgent(proxy, {}, true)
}

run(workerData as ExitErrand)
