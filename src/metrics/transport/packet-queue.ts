// Packets that wait for the server, within limits, and who waits for them.

import { checkOneOf, checkWhole } from '../option-checks'

export interface Packet {
  readonly text: string
  /** Of `text`, in UTF-8. */
  readonly bytes: number
  readonly lines: number
}

export interface QueueLimits {
  /** How many packets wait at most while there is no connection, or the server is slower. Default: 2048. */
  readonly maxWaitingPackets?: number | undefined
  /** How many bytes of packets; a single packet may be larger. Default: 4 MiB. */
  readonly maxWaitingBytes?: number | undefined
  /** Which packet gives way when they are too many. Default: `drop-oldest`. */
  readonly whenFull?: 'drop-oldest' | 'drop-newest' | undefined
}

export class PacketQueue {
  readonly #maxPackets: number
  readonly #maxBytes: number
  readonly #dropsNewest: boolean
  readonly #drop: (packet: Packet) => void
  #packets: Packet[] = []
  /** Where the queue begins in `#packets`: to shift an array of thousands costs more than the packet. */
  #first = 0
  #bytes = 0
  #accepted = 0
  #finished = 0
  readonly #waiters = new Set<{ readonly target: number; readonly resolve: () => void }>()

  /**
   * @param drop is called with each packet that gives way
   * @throws TypeError for limits that are none
   */
  constructor(limits: QueueLimits, drop: (packet: Packet) => void) {
    const { maxWaitingPackets = 2048, maxWaitingBytes = 4 * 1024 * 1024, whenFull = 'drop-oldest' } = limits
    checkWhole('maxWaitingPackets', maxWaitingPackets, 1, 1e9)
    checkWhole('maxWaitingBytes', maxWaitingBytes, 1, 1e12)
    checkOneOf('whenFull', whenFull, ['drop-oldest', 'drop-newest'])
    this.#maxPackets = maxWaitingPackets
    this.#maxBytes = maxWaitingBytes
    this.#dropsNewest = whenFull === 'drop-newest'
    this.#drop = drop
  }

  /** Packets that wait. */
  get size(): number {
    return this.#packets.length - this.#first
  }

  /** Packets that were begun or pushed and not yet finished. */
  get unfinished(): number {
    return this.#accepted - this.#finished
  }

  /** Says that a packet goes without waiting. */
  begin(): void {
    this.#accepted++
  }

  push(packet: Packet): void {
    while (this.#isFull(packet)) {
      if (this.#dropsNewest) {
        this.#drop(packet)
        return
      }
      this.#drop(this.shift()!)
      this.finish()
    }
    this.#accepted++
    this.#packets.push(packet)
    this.#bytes += packet.bytes
  }

  /** Takes the oldest, which is to be finished. */
  shift(): Packet | undefined {
    const packet = this.#packets[this.#first]
    if (packet === undefined) return undefined
    this.#bytes -= packet.bytes
    this.#first++
    if (this.#first === this.#packets.length || this.#first === 1024) {
      this.#packets.splice(0, this.#first)
      this.#first = 0
    }
    return packet
  }

  /** Says that a packet was sent or dropped. They finish in their order. */
  finish(): void {
    this.#finished++
    if (this.#waiters.size === 0) return
    for (const waiter of this.#waiters) if (waiter.target <= this.#finished) waiter.resolve()
  }

  /** Resolves when what there is now is finished, or after `timeoutMs`; the process stays until then. */
  async settled(timeoutMs: number): Promise<void> {
    const target = this.#accepted
    if (this.#finished >= target) return
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
        resolve()
      }
      const timer = setTimeout(end, timeoutMs)
      const waiter = { target, resolve: end }
      this.#waiters.add(waiter)
    })
  }

  /** The same, and takes out what still waits of it then: to be told as dropped and finished by the caller. */
  async settledOrTaken(timeoutMs: number): Promise<Packet[]> {
    const target = this.#accepted
    await this.settled(timeoutMs)
    const taken: Packet[] = []
    // Younger ones, which came meanwhile, stay.
    for (let left = this.size - (this.#accepted - target); left > 0; left--) taken.push(this.shift()!)
    return taken
  }

  #isFull(packet: Packet): boolean {
    return this.size > 0 && (this.size >= this.#maxPackets || this.#bytes + packet.bytes > this.#maxBytes)
  }
}
