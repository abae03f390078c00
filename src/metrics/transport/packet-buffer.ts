// Gathers lines into packets: as many as fit, in their order. The bound is in UTF-8 bytes.

/** Takes a packet: lines with newlines between them. */
type TakePacket = (text: string, bytes: number, lines: number) => void

export class PacketBuffer {
  readonly #maxBytes: number
  readonly #take: TakePacket
  #waiting: string[] = []
  #bytes = 0
  #lines = 0

  /** @param maxBytes of a packet, which may be reached; a longer line goes by itself */
  constructor(maxBytes: number, take: TakePacket) {
    this.#maxBytes = maxBytes
    this.#take = take
  }

  /** Lines that wait. */
  get lines(): number {
    return this.#lines
  }

  /**
   * @param line without a newline at its end; it may have some inside
   * @param bytes of it in UTF-8
   */
  add(line: string, bytes: number, lines = 1): void {
    if (this.#bytes > 0 && this.#bytes + 1 + bytes > this.#maxBytes) this.flush()
    // Joined when they are sent: ropes take as long, and leave more to collect.
    this.#waiting.push(line)
    this.#bytes += this.#bytes === 0 ? bytes : 1 + bytes
    this.#lines += lines
    if (this.#bytes >= this.#maxBytes) this.flush()
  }

  /** Hands over what waits. */
  flush(): void {
    if (this.#bytes === 0) return
    const [waiting, bytes, lines] = [this.#waiting, this.#bytes, this.#lines]
    this.#waiting = []
    this.#bytes = this.#lines = 0
    this.#take(waiting.join('\n'), bytes, lines)
  }
}
