// Connections over TLS through an HTTP proxy: asks it to open a tunnel, and speaks TLS with the server through that, so that the proxy sees
// neither keys nor data. Loads Node's client when an agent is made.
// Source: RFC 9110, section 9.3.6, CONNECT.

import type { Agent, AgentOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ConnectionOptions } from 'node:tls'

/** After this a proxy that says nothing is given up. */
const CONNECT_TIMEOUT_MS = 10_000
const TUNNEL_CODE = 'ERR_PROXY_TUNNEL'

/**
 * @param proxy its URL, with user and password where it asks for them: `http://user:password@proxy:3128`
 * @param keepsProcess whether asking the proxy does; with the connection it is as with any other
 */
export function tunnelAgent(proxy: string, options: AgentOptions, keepsProcess: boolean): Agent {
  const http = require('node:http') as typeof import('node:http')
  const https = require('node:https') as typeof import('node:https')
  const tls = require('node:tls') as typeof import('node:tls')
  const url = new URL(proxy)
  const { username, password, host } = url
  const login = Buffer.from(`${unescaped(username)}:${unescaped(password)}`).toString('base64')
  // Node would decode them too, and throw for a `%` that is no more than that.
  url.username = url.password = ''
  const agent = new https.Agent(options)

  // Node calls it with a callback, and takes a socket that comes later.
  agent.createConnection = (
    server: ConnectionOptions & { host?: string; port?: number },
    callback?: (error: Error | null, stream: Duplex) => void,
  ) => {
    const settle = callback as (error: Error | null, stream?: Duplex) => void
    const target = `${server.host?.includes(':') ? `[${server.host}]` : server.host}:${server.port}`
    const tunnel = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'CONNECT',
      path: target,
      headers: { Host: target, ...(username !== '' && { 'Proxy-Authorization': `Basic ${login}` }) },
      agent: false,
      timeout: CONNECT_TIMEOUT_MS,
    })
    if (!keepsProcess) tunnel.on('socket', (socket) => socket.unref())
    tunnel.on('connect', ({ statusCode = 0 }, socket: Socket) => {
      if (statusCode >= 200 && statusCode < 300) {
        socket.setTimeout(0)
        settle(null, tls.connect({ ...server, socket, servername: server.servername ?? server.host }))
        return
      }
      socket.destroy()
      settle(tunnelError(`the proxy ${host} answered ${statusCode} to CONNECT ${target}`))
    })
    tunnel.on('timeout', () => tunnel.destroy(tunnelError(`the proxy ${host} does not answer`)))
    tunnel.on('error', (error: NodeJS.ErrnoException) => {
      settle(error.code === TUNNEL_CODE ? error : tunnelError(`the proxy ${host} cannot be reached (${error.code})`))
    })
    tunnel.end()
    return undefined
  }
  return agent
}

/** A `%` in a password may be no more than that. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function tunnelError(message: string): Error {
  return Object.assign(new Error(message), { code: TUNNEL_CODE })
}
