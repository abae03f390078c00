// The other side of clients of HTTP: servers over TCP, TLS and a socket of the file system, which tell what they were sent and
// misbehave on demand.

import { once } from 'node:events'
import http, { type IncomingMessage, type RequestListener } from 'node:http'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { selfSigned } from '../support/certificate'
import { holdRefusingPort, listen, shut } from '../support/loopback'

export interface Site {
  port: number
  url: string
  secureUrl: string
  socketPath: string
  /** Nobody listens there. */
  refusedPort: number
}

/** Only what goes out is the subject; the server of the tests is not. */
export const clientOnly = { http: { server: false } } as const
export const certificate = selfSigned()

/** The trace headers of each request that arrived; what was sent twice is joined. */
export const arrived: Record<string, string>[] = []

const answer: RequestListener = async (request, response) => {
  const { method, url, rawHeaders } = request
  const headers = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1]!]] : []))
  const isTrace = ([name]: string[]) => /^(x-datadog-|traceparent$|tracestate$)/i.test(name!)
  arrived.push(Object.fromEntries(Object.entries(request.headers as Record<string, string>).filter(isTrace)))
  const status = Number(/^\/(\d{3})/.exec(url!)?.[1] ?? 200)
  if (url === '/hang-up') return void request.socket.destroy()
  if (url === '/nonsense') return void request.socket.end('nonsense\r\n\r\n')
  if (url === '/never') return undefined
  if (url === '/endless') {
    response.writeHead(404)
    return void setImmediate(function more() {
      if (response.write('more')) setImmediate(more)
    })
  }
  if (url === '/partly') {
    response.writeHead(200, { 'content-length': 9 }).write('part', () => request.socket.destroy())
    return undefined
  }
  if (url === '/hints') response.writeEarlyHints({ link: '</a.css>; rel=preload' })
  if (status === 302) response.setHeader('location', '/there')
  const body = await text(request)
  response.statusCode = status
  return void response.end(JSON.stringify({ method, url, headers: headers.filter((header) => !isTrace(header)), body }))
}

/** The servers of a suite; what is given is filled in before its first test. Call it inside a `describe`. */
export function openSite(): Readonly<Site> {
  const site = {} as Site
  const servers = [http.createServer(answer), http.createServer(answer), https.createServer(certificate, answer)]
  let refusing: Awaited<ReturnType<typeof holdRefusingPort>>

  before(async () => {
    for (const server of servers) {
      server.keepAliveTimeout = 0
      server.on('upgrade', (_request, socket) =>
        socket.end('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: chat\r\n\r\nwelcome'),
      )
      server.on('connect', (_request, socket) => socket.end('HTTP/1.1 200 Connected\r\n\r\n'))
    }
    const [plain, local, secure] = servers as [http.Server, http.Server, https.Server]
    const name = `dd-test-${process.pid}.sock`
    const socketPath = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name)
    local.listen(socketPath)
    const port = await listen(plain)
    refusing = await holdRefusingPort()
    const secureUrl = `https://localhost:${await listen(secure)}/`
    Object.assign(site, { port, url: `http://127.0.0.1:${port}`, secureUrl, socketPath, refusedPort: refusing.port })
  })
  after(() => Promise.all([...servers.map(shut), refusing.release()]))
  return site
}

export async function fetched(url: string): Promise<{ status: number | undefined; body: string }> {
  const [response] = (await once(http.get(url), 'response')) as [IncomingMessage]
  return { status: response.statusCode, body: await text(response) }
}
