// Cuts a stream into packets: each comes behind its length, four bytes, the lowest first. A length that no packet has means that the two
// ends have lost each other, so the rest cannot be read.
// Source: datadog-agent, comp/dogstatsd/listeners/uds_common.go.

const LENGTH_BYTES = 4
const NOTHING = Buffer.alloc(0)

export class FrameReader {
  /** The beginning of a frame: less than one. */
  #pending: Buffer = NOTHING

  /** @param maxBytes of a packet, which may be reached */
  constructor(
    private readonly maxBytes: number,
    private readonly take: (packet: Buffer) => void,
  ) {}

  /** Bytes that wait for the rest of their frame. */
  get pendingBytes(): number {
    return this.#pending.length
  }

  /** Returns why the stream cannot be read further, if so. */
  push(chunk: Buffer): string | undefined {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    let start = 0
    while (bytes.length - start >= LENGTH_BYTES) {
      const length = bytes.readUInt32LE(start)
      if (length === 0) return 'a frame of no bytes'
      if (length > this.maxBytes) return `a frame of ${length} bytes, above ${this.maxBytes}`
      const end = start + LENGTH_BYTES + length
      if (end > bytes.length) break
      this.take(bytes.subarray(start + LENGTH_BYTES, end))
      start = end
    }
    // A copy, because a few bytes would keep the whole chunk.
    this.#pending = start === bytes.length ? NOTHING : Buffer.from(bytes.subarray(start))
    return undefined
  }
}
