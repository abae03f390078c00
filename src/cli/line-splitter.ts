// Cuts a stream of bytes into lines of bounded length. Of a line that is longer the beginning is kept.

const NEWLINE = 0x0a

export class LineSplitter {
  #parts: Buffer[] = []
  #bytes = 0

  /** @param take called with each line that is not empty, without its end */
  constructor(
    private readonly maxBytes: number,
    private readonly take: (line: string) => void,
  ) {}

  push(chunk: Buffer): void {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, at))
      this.end()
      from = at + 1
    }
    this.#keep(chunk.subarray(from))
  }

  /** The last line may lack its end. */
  end(): void {
    if (this.#bytes === 0) return
    const line = Buffer.concat(this.#parts).toString('utf8')
    this.#parts = []
    this.#bytes = 0
    this.take(line)
  }

  #keep(part: Buffer): void {
    const room = this.maxBytes - this.#bytes
    if (part.length === 0 || room <= 0) return
    // A copy, because the chunk it is cut from may be much longer.
    this.#parts.push(Buffer.from(part.subarray(0, room)))
    this.#bytes += Math.min(part.length, room)
  }
}
