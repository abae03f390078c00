// Connections over TLS through an HTTP proxy: asks it to open a tunnel, and speaks TLS with the server through that, so that the proxy sees
// neither keys nor data.
// Source: RFC 9110, section 9.3.6, CONNECT.

import { request } from 'node:http'
import { Agent, type AgentOptions, request as secureRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect } from 'node:tls'

/** After this a proxy that says nothing is given up. */
const CONNECT_TIMEOUT_MS = 10_000

export class TunnelAgent extends Agent {
  readonly #proxy: URL

  /** @param proxy its URL, with user and password where it asks for them: `http://user:password@proxy:3128` */
  constructor(proxy: string, options: AgentOptions) {
    super(options)
    this.#proxy = new URL(proxy)
  }

  // Node calls it with a callback, and takes a socket that comes later.
  override createConnection(
    options: ConnectionOptions & { host?: string; port?: number },
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const { hostname, port, username, password, protocol } = this.#proxy
    const target = `${options.host?.includes(':') ? `[${options.host}]` : options.host}:${options.port}`
    const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    const settle = callback as (error: Error | null, stream?: Duplex) => void
    const tunnel = (protocol === 'https:' ? secureRequest : request)({
      method: 'CONNECT',
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port || (protocol === 'https:' ? 443 : 80),
      path: target,
      headers: {
        Host: target,
        ...(username !== '' && { 'Proxy-Authorization': `Basic ${Buffer.from(login).toString('base64')}` }),
      },
      agent: false,
      timeout: CONNECT_TIMEOUT_MS,
    })
    tunnel.on('connect', ({ statusCode }, socket: Socket) => {
      if (statusCode === 200) {
        settle(null, connect({ ...options, socket, servername: options.servername ?? options.host }))
        return
      }
      socket.destroy()
      settle(tunnelError(`the proxy ${this.#proxy.host} answered ${statusCode} to CONNECT ${target}`))
    })
    tunnel.on('timeout', () => tunnel.destroy(tunnelError(`the proxy ${this.#proxy.host} does not answer`)))
    tunnel.on('error', (error: NodeJS.ErrnoException) => {
      const isOurs = error.code === TUNNEL_CODE
      settle(isOurs ? error : tunnelError(`the proxy ${this.#proxy.host} cannot be reached (${error.code})`))
    })
    tunnel.end()
    return undefined
  }
}

const TUNNEL_CODE = 'ERR_PROXY_TUNNEL'

function tunnelError(message: string): Error {
  return Object.assign(new Error(message), { code: TUNNEL_CODE })
}
