// What tests of pins ask: a server on a loopback port, and a request to it.

import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo, Server } from 'node:net'

export async function listening<S extends Server>(server: S): Promise<S> {
  if (!server.listening) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  return server
}

export const portOf = (server: Server) => (server.address() as AddressInfo).port
export const closed = (server: Server) => new Promise((resolve) => server.close(resolve))

export async function ask(
  port: number,
  path = '/',
  options: http.RequestOptions = { agent: false },
  get = (...args: [http.RequestOptions]) => http.get(...args),
): Promise<string> {
  const request = get({ host: '127.0.0.1', port, path, ...options })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  let text = ''
  for await (const part of response) text += part
  if (!request.closed) await once(request, 'close')
  return text
}
