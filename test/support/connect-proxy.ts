// A real HTTP proxy on loopback that opens tunnels (CONNECT) to the one server that a test has, whichever host it is asked for, and keeps
// what it saw: heads of requests, and the bytes that went through.

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

interface SeenTunnel {
  /** `api.datadoghq.com:443`. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
}

/** `hang`: it takes the connection, and says nothing; a number: it answers with that status; `cut`: it closes. */
type ProxyManner = 'open' | 'hang' | 'cut' | number

export class ConnectProxy {
  readonly tunnels: SeenTunnel[] = []
  /** What came from clients, through all tunnels: encrypted, if they are as they should be. */
  bytes = ''
  /** Requests that were no CONNECT: none may come. */
  readonly others: string[] = []
  manner: ProxyManner = 'open'
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  /** @param port of the server behind it */
  constructor(port: number) {
    this.#server = createServer((request, response) => {
      this.others.push(`${request.method} ${request.url}`)
      response.writeHead(400).end()
    })
    this.#server.on('connection', (socket) => this.#keep(socket))
    this.#server.on('connect', ({ url = '', headers }, client: Socket) => {
      this.tunnels.push({ target: url, headers })
      if (this.manner === 'hang') return
      if (this.manner === 'cut') {
        client.destroy()
        return
      }
      if (this.manner !== 'open') {
        client.end(`HTTP/1.1 ${this.manner} No\r\nProxy-Authenticate: Basic realm="a"\r\nContent-Length: 2\r\n\r\nno`)
        return
      }
      const server = this.#keep(connect(port, '127.0.0.1'))
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.on('data', (bytes: Buffer) => {
        this.bytes += bytes.toString('latin1')
      })
      client.pipe(server).pipe(client)
      client.on('close', () => server.destroy())
      server.on('close', () => client.destroy())
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket)
    return socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
  }
}

export async function startConnectProxy(port: number): Promise<ConnectProxy> {
  const proxy = new ConnectProxy(port)
  await proxy.listen()
  return proxy
}
