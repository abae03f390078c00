// The thread that has the file of the runs: what it is asked it does in turn, and answers each request once. A disk that is slow keeps nobody waiting.

import { parentPort, workerData } from 'node:worker_threads'
import { type ReadLimits, RunFile } from './run-file'
import type { Batch, RunLimits } from './run-record'

export interface WorkerData {
  readonly file: string
  readonly limits: RunLimits
  readonly readLimits: ReadLimits
  readonly start: number
}

/** The first answer, to nobody's request, has the id 0. */
export type WorkerRequest = { readonly id: number } & (
  | { readonly do: 'write'; readonly batch: Batch }
  | { readonly do: 'runs' }
  | { readonly do: 'read'; readonly run: number }
  | { readonly do: 'close' }
)

export type WorkerAnswer = { readonly id: number } & ({ readonly result: unknown } | { readonly error: string })

const port = parentPort
if (port !== null) {
  const { file: path, limits, readLimits, start } = workerData as WorkerData
  const answer = (id: number, work: () => unknown) => {
    let given: WorkerAnswer
    try {
      given = { id, result: work() }
    } catch (error) {
      given = { id, error: (error as Error).message }
    }
    port.postMessage(given)
  }
  let file: RunFile | undefined
  answer(0, () => {
    file = new RunFile(path, limits, start)
    return { isReadOnly: file.isReadOnly, bytes: file.bytes }
  })
  const opened = file
  if (opened !== undefined) {
    port.on('message', (request: WorkerRequest) =>
      answer(request.id, () => {
        switch (request.do) {
          case 'write':
            opened.write(request.batch)
            return { run: opened.run, bytes: opened.bytes }
          case 'runs':
            return opened.runs()
          case 'read':
            return opened.read(request.run, readLimits)
          case 'close':
            opened.close()
            port.close()
            return undefined
        }
      }),
    )
  }
}
