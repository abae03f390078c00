// From the URL of a server of metrics, as `DD_DOGSTATSD_URL` has it, to the way there.

import type { QueueLimits } from './packet-queue'
import { StreamTransport } from './stream-transport'
import type { Transport } from './transport'
import { UdpTransport } from './udp-transport'

export interface OpenTransportOptions extends QueueLimits {
  /** What a server behind a Unix socket tells packets by: Datadog's Agent by `length`, StatsD servers by `newline`. Default: `length`. */
  readonly framing?: 'newline' | 'length' | undefined
  /** Of UDP: what the system is to hold of packets that the network has not taken, in bytes. Default: the system's. */
  readonly sendBufferBytes?: number | undefined
  /** Of UDP: how long the address of a name is used before it is looked up again, in ms. Default: 60,000. */
  readonly lookupIntervalMs?: number | undefined
  /** Of the others: how long connecting may take, and a packet, in ms. Default: 2000. */
  readonly timeoutMs?: number | undefined
  /** Runs what opens sockets. */
  readonly mute?: (<T>(fn: () => T) => T) | undefined
}

const DEFAULT_PORT = 8125

/**
 * @param url `udp://host:port` and `tcp://host:port`, where the port may be left out (8125), `unixstream:///path` or `unix:///path`, or
 *   `\\.\pipe\name`
 * @throws TypeError for anything else; for `unixgram://`, which Node.js cannot open, with what to do
 */
export function openTransport(url: string, options: OpenTransportOptions = {}): Transport {
  if (typeof url !== 'string') throw new TypeError(`the URL of the server of metrics is a string, not ${typeof url}`)
  if (/^[\\/]{2}\.[\\/]pipe[\\/]./.test(url)) {
    return new StreamTransport({ ...options, kind: 'pipe', to: { path: url }, framing: 'newline' })
  }
  const [, scheme = '', rest = ''] = /^([a-z][a-z\d]*):\/\/(.*)$/i.exec(url) ?? []
  switch (scheme.toLowerCase()) {
    case 'udp':
      return new UdpTransport({ ...options, ...hostAndPort(url, rest) })
    case 'tcp':
      return new StreamTransport({ ...options, kind: 'tcp', to: hostAndPort(url, rest), framing: 'newline' })
    case 'unix':
    case 'unixstream': {
      if (rest === '') throw new TypeError(`${url} names no path: unixstream:///var/run/datadog/dsd-stream.socket`)
      const { framing = 'length' } = options
      return new StreamTransport({ ...options, kind: 'uds-stream', to: { path: rest }, framing })
    }
    case 'unixgram':
      throw new TypeError(
        `${url}: Node.js has no Unix datagram sockets. Have the Agent open a stream socket (dogstatsd_stream_socket, ` +
          'DD_DOGSTATSD_STREAM_SOCKET) and give unixstream:///its/path, or use udp://',
      )
    default:
      throw new TypeError(
        `${url} is no URL of a server of metrics: udp://host:8125, tcp://host:port, unixstream:///path or \\\\.\\pipe\\name`,
      )
  }
}

function hostAndPort(url: string, rest: string): { host: string; port: number } {
  const [, bracketed, name, port] = /^(?:\[([\da-f:.]+)\]|([^/:[\]]+))(?::(\d+))?\/?$/i.exec(rest) ?? []
  const host = bracketed ?? name
  if (host === undefined) throw new TypeError(`${url} names no host and port: udp://127.0.0.1:8125, udp://[::1]:8125`)
  return { host, port: port === undefined ? DEFAULT_PORT : Number(port) }
}
