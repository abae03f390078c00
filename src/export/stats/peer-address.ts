// Takes IP addresses out of the names of peers, as the Agent does when it counts: there may be as many as there are machines.
//
// What is left says that it was an address, and its port, which tells much and varies little. Addresses that mean the same
// everywhere (loopback, a cloud's metadata) stay. Source: datadog-agent, pkg/obfuscate/ip_address.go.

import { isIP } from 'node:net'

const REPLACEMENT = 'blocked-ip-address'

const KEPT = new Set(['127.0.0.1', '::1', '169.254.169.254', 'fd00:ec2::254', '169.254.170.2'])

const PREFIX = /^(?:ip-|(?:dnspoll|ftp|file|https?):\/\/\/?)/
/** An IPv4 address with dots, dashes or underscores, and what follows. */
const IPV4 = /^(\d{1,3})([._-])(\d{1,3})\2(\d{1,3})\2(\d{1,3})(?!\d)(.*)$/s
const PORT = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/

/** Answers of late, because peers come again and again. */
const MAX_REMEMBERED = 1000
const remembered = new Map<string, string>()

/** @param text hosts, separated by commas */
export function withoutAddresses(text: string): string {
  let answer = remembered.get(text)
  if (answer === undefined) {
    answer = text.includes(',') ? [...new Set(text.split(',').map(replaced))].join(',') : replaced(text)
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(text, answer)
  }
  return answer
}

function replaced(host: string): string {
  const prefix = PREFIX.exec(host)?.[0] ?? ''
  const rest = host.slice(prefix.length)
  const parts = PORT.exec(rest)
  const address = parts === null ? rest : (parts[1] ?? parts[2] ?? '')
  const port = parts?.[3] ? `:${parts[3]}` : ''
  if (KEPT.has(address)) return host
  if (isIP(address) === 6) return `${prefix}${REPLACEMENT}${port}`
  const octets = IPV4.exec(address)
  if (octets === null || ![octets[1], octets[3], octets[4], octets[5]].every(isOctet)) return host
  const suffix = octets[6] ?? ''
  return KEPT.has(address.slice(0, address.length - suffix.length)) ? host : `${prefix}${REPLACEMENT}${port}${suffix}`
}

function isOctet(digits: string | undefined): boolean {
  return digits !== undefined && Number(digits) <= 255 && (digits.length === 1 || !digits.startsWith('0'))
}
