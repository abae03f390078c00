// The address of who asked (`clientIp`, `DD_TRACE_CLIENT_IP_ENABLED`): off unless the program wants it, for it is personal data.
//
// Behind proxies it is in a header, which anybody may send: the first public address counts, in the order of Datadog's tracers ("Client
// IP" in Datadog's documentation of its tracing libraries).

import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIP } from 'node:net'

const HEADERS = [
  'x-forwarded-for',
  'x-real-ip',
  'true-client-ip',
  'x-client-ip',
  'forwarded',
  'forwarded-for',
  'x-cluster-client-ip',
  'fastly-client-ip',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
]

/** Loopback, private, link-local, carrier-grade NAT and unique local networks. */
const PRIVATE = new BlockList()
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const) {
  PRIVATE.addSubnet(network, prefix)
}
for (const [network, prefix] of [
  ['::1', 128],
  ['fec0::', 10],
  ['fe80::', 10],
  ['fc00::', 7],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv6')
}

/**
 * The client's address; undefined where nobody tells.
 * @param header the one to trust, in place of all others and of the connection
 */
export function clientIp(
  headers: IncomingHttpHeaders,
  header: string | undefined,
  connection: string | undefined,
): string | undefined {
  let fallback: string | undefined
  for (const name of header === undefined ? HEADERS : [header.toLowerCase()]) {
    const value = headers[name]
    if (value === undefined) continue
    for (const address of addressesIn(name, String(value))) {
      if (!isPrivate(address)) return address
      fallback ??= address
    }
  }
  return fallback ?? (header === undefined && connection !== undefined ? addressOf(connection) : undefined)
}

/** The addresses in a header, what is none left out. */
function addressesIn(header: string, value: string): string[] {
  const parts = header === 'forwarded' ? forwardedFor(value) : value.split(',')
  return parts.map(addressOf).filter((address) => address !== undefined)
}

/** `for=192.0.2.60;proto=http, for="[2001:db8::1]:80"` (RFC 7239). */
function forwardedFor(value: string): string[] {
  return value
    .split(/[,;]/)
    .map((pair) => /^\s*for=(.*)$/i.exec(pair)?.[1])
    .filter((address) => address !== undefined)
}

/** Without quotes, brackets, port and zone. */
function addressOf(text: string): string | undefined {
  const plain = text.trim().replace(/^"|"$/g, '')
  const bare =
    /^\[([^\]]*)\]/.exec(plain)?.[1] ?? (/^[^:]*:\d*$/.test(plain) ? plain.slice(0, plain.indexOf(':')) : plain)
  const address = bare.replace(/%.*$/, '')
  return isIP(address) === 0 ? undefined : address
}

function isPrivate(address: string): boolean {
  return PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
