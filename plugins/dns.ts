// Names looked up by Node's own `dns`: its functions, its resolvers, and the promises of both. Off by default.

import type * as dns from 'node:dns'
import { type AnyFunction, definePlugin, type Operation, type Patcher } from '../src/plugin'

type Methods = Record<string, AnyFunction>

const common = { kind: 'client', activate: false } as const

interface Address {
  readonly address?: unknown
}

/** One address, one object or a list of them, as the program has asked. */
function addressesOf(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.map((one) => (typeof one === 'string' ? one : (one as Address | undefined)?.address)).filter(isText)
}

const isText = (value: unknown): value is string => typeof value === 'string'

const lookups: Operation<Methods, unknown[]> = {
  ...common,
  name: 'dns.lookup',
  start: (_dns, [hostname]) => ({
    resource: String(hostname),
    callback: 'last',
    tags: { 'dns.hostname': String(hostname) },
  }),
  finish(span, value) {
    const addresses = addressesOf(value)
    if (addresses.length === 0) return
    span.put('dns.address', addresses[0]!)
    if (addresses.length > 1) span.put('dns.addresses', addresses.join())
  },
}

const serviceLookups: Operation<Methods, unknown[]> = {
  ...common,
  name: 'dns.lookup_service',
  start: (_dns, [address, port]) => ({
    resource: `${address}:${port}`,
    callback: 'last',
    tags: { 'dns.address': String(address), 'dns.port': Number(port) },
  }),
}

const reversals: Operation<Methods, unknown[]> = {
  ...common,
  name: 'dns.reverse',
  start: (_dns, [ip]) => ({ resource: String(ip), callback: 'last', tags: { 'dns.ip': String(ip) } }),
}

/** The record types that are not said by the name of the method alone. */
const TYPES: Readonly<Record<string, string>> = { resolve4: 'A', resolve6: 'AAAA' }

function resolutions(method: string): Operation<Methods, unknown[]> {
  const ofName = TYPES[method] ?? method.slice('resolve'.length).toUpperCase()
  return {
    ...common,
    name: 'dns.resolve',
    start(_dns, [hostname, given]) {
      const type = ofName || (typeof given === 'string' ? given : 'A')
      return {
        resource: `${type} ${hostname}`,
        callback: 'last',
        tags: { 'dns.hostname': String(hostname), 'dns.rrtype': type },
      }
    },
  }
}

function traceMethods(target: object, patcher: Patcher): void {
  const methods = target as Methods
  for (const method of Object.getOwnPropertyNames(methods)) {
    if (method === 'lookup') patcher.trace(methods, method, lookups)
    else if (method === 'lookupService') patcher.trace(methods, method, serviceLookups)
    else if (method === 'reverse') patcher.trace(methods, method, reversals)
    else if (method.startsWith('resolve')) patcher.trace(methods, method, resolutions(method))
  }
}

/** The class that both kinds of resolvers inherit from has no name; what they have themselves is enough. */
function traceDns(module: typeof dns, patcher: Patcher): void {
  const { promises, Resolver } = module
  for (const target of [module, promises, Resolver.prototype, promises.Resolver.prototype])
    traceMethods(target, patcher)
}

export default definePlugin({ name: 'dns', hooks: [{ module: 'dns', patch: traceDns }] })
