// The HTTP half of the fake Agent, run in a worker thread. It has to be another thread: were the server in the test's
// own thread, an instrumented `http` would make a span of every payload the tracer delivers, which would be the next
// payload. It decides nothing: each request goes to the test's thread, which says what to answer, so a change of mode
// there can never be overtaken by a request.

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, ListenOptions } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

export interface ListenerData {
  port: number
  socketPath?: string
}

export type FromListener =
  | { kind: 'listening'; port: number }
  | { kind: 'request'; id: number; method: string; url: string; headers: IncomingHttpHeaders; body: Uint8Array }
  | { kind: 'gone'; id: number }

export type ToListener =
  | { kind: 'reply'; id: number; status: number; headers: Record<string, string>; body: string }
  | { kind: 'destroy'; id: number }

function main(): void {
  const { port, socketPath } = workerData as ListenerData
  const open = new Map<number, ServerResponse>()
  let lastId = 0
  const send = (message: FromListener): void => parentPort?.postMessage(message)

  const take = (request: IncomingMessage, response: ServerResponse): void => {
    const id = ++lastId
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      open.set(id, response)
      const { method = '', url = '', headers } = request
      send({ kind: 'request', id, method, url, headers, body: Buffer.concat(parts) })
    })
    response.on('close', () => {
      if (open.delete(id)) send({ kind: 'gone', id })
    })
  }

  const listen = async (options: ListenOptions): Promise<AddressInfo | string | null> => {
    // A tracer that keeps its connection for longer than Node's default of 5 s must not race the server's own close.
    const server = createServer({ keepAliveTimeout: 0 }, take)
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options, resolve))
    return server.address()
  }

  parentPort?.on('message', (message: ToListener) => {
    const response = open.get(message.id)
    open.delete(message.id)
    if (message.kind === 'destroy') response?.socket?.destroy()
    else response?.writeHead(message.status, message.headers).end(message.body)
  })

  void (async () => {
    const address = (await listen({ host: '127.0.0.1', port })) as AddressInfo
    if (socketPath) await listen({ path: socketPath })
    send({ kind: 'listening', port: address.port })
  })()
}

if (parentPort) main()
