// Where a server is: its host name looked up at once, now and then in the background, and sooner after trouble, so that a server that moves
// is found without a lookup per packet. An address stands for itself.

import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { isIP } from 'node:net'
import { randomFraction } from '../../base/id'
import { later } from '../../base/later'
import { checkWhole } from '../option-checks'

/** As `dns.lookup` with `all`. */
export type Lookup = (
  host: string,
  options: { readonly all: true; readonly family: 0 | 4 | 6 },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void

export interface ServerAddressOptions {
  /** A name or an address. */
  readonly host: string
  /** Takes only such addresses of the host. Default: IPv4 where there is one. */
  readonly family?: 4 | 6 | undefined
  /** How long an address is used before the name is looked up again, in ms, give or take a quarter. Default: 60,000. */
  readonly lookupIntervalMs?: number | undefined
  readonly lookup?: Lookup | undefined
  readonly random?: (() => number) | undefined
  /** Runs what opens sockets and looks names up. */
  readonly mute?: (<T>(fn: () => T) => T) | undefined
}

interface AddressListener {
  /** The one in use until now as long as it is among those of the name, whose order changes with each answer. */
  found(address: LookupAddress): void
  notFound(error: Error): void
}

/** Before the second try; it doubles with each. */
const RETRY_MS = 1000

export class ServerAddress {
  readonly #options: ServerAddressOptions
  readonly #listener: AddressListener
  readonly #intervalMs: number
  readonly #isLiteral: boolean
  #current: LookupAddress | undefined
  #timer: NodeJS.Timeout | undefined
  #isHastened = false
  #isStopped = false
  #failures = 0

  /** @throws TypeError for options of a wrong kind */
  constructor(options: ServerAddressOptions, listener: AddressListener) {
    const { host, family, lookupIntervalMs = 60_000 } = options
    checkWhole('lookupIntervalMs', lookupIntervalMs, 1, 0x3fffffff)
    const literal = isIP(host)
    if (family !== undefined && literal !== 0 && literal !== family) {
      throw new TypeError(`${host} is no IPv${family} address`)
    }
    this.#options = options
    this.#listener = listener
    this.#intervalMs = lookupIntervalMs
    this.#isLiteral = literal !== 0
  }

  /** Tells where the server is: of an address at once, of a name when it is known, and again now and then. */
  find(): void {
    this.#isHastened = false
    const { host, family = 0, lookup = systemLookup as Lookup, mute = (fn) => fn() } = this.#options
    if (this.#isLiteral) {
      this.#listener.found({ address: host, family: isIP(host) })
      return
    }
    const done = (error: Error | null, addresses: LookupAddress[]): void => {
      if (this.#isStopped) return
      const found = error === null ? this.#chosen(addresses) : undefined
      if (found === undefined) this.failed(error ?? new Error(`${host} has no address`))
      else {
        this.#current = found
        this.#failures = 0
        this.#findIn(this.#intervalMs)
        this.#listener.found(found)
      }
    }
    mute(() => lookup(host, { all: true, family }, done))
  }

  /** Nothing can be sent to where the server was said to be, or it was not found: tells so, and tries again, with growing pauses. */
  failed(error: Error): void {
    this.#failures++
    this.#listener.notFound(error)
    this.#findIn(Math.min(this.#intervalMs, RETRY_MS * 2 ** Math.min(this.#failures - 1, 16)))
  }

  /** Something is wrong with the way to the server: looks sooner. Of an address there is no news. */
  findSooner(): void {
    if (!this.#isLiteral) this.#hasten(this.#intervalMs / 6)
  }

  /** The socket can no more: tells where the server is soon, even where that has not changed. */
  findAgain(): void {
    this.#hasten(Math.min(RETRY_MS, this.#intervalMs))
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #hasten(ms: number): void {
    if (this.#isHastened) return
    this.#findIn(ms)
    this.#isHastened = true
  }

  #chosen(addresses: readonly LookupAddress[]): LookupAddress | undefined {
    return (
      addresses.find(({ address }) => address === this.#current?.address) ??
      addresses.find(({ family }) => family === (this.#options.family ?? 4)) ??
      addresses[0]
    )
  }

  #findIn(ms: number): void {
    clearTimeout(this.#timer)
    if (this.#isStopped) return
    const { random = randomFraction } = this.#options
    this.#timer = later('looking for the server of metrics', () => this.find(), ms * (0.75 + random() / 2))
  }
}
