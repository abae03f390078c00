// Writes MessagePack into one growing buffer: the few forms that traces need, straight from numbers and text.
//
// Source: the MessagePack specification, "Formats". 64-bit integers come as halves or as whole microseconds, so that no
// BigInt is made. Short text is written by a loop: below about 40 characters that beats every call into native code.

/** Text up to this length is tried as ASCII in JavaScript. */
const SHORT_TEXT = 40

const TWO_32 = 0x100000000

const float = new Float64Array(1)
const floatBytes = new Uint8Array(float.buffer)
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

export class MsgpackWriter {
  buffer: Buffer
  length = 0

  constructor(initialBytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(initialBytes)
  }

  /** Makes room for `bytes` more: every `write…` of a number or a header needs at most 9, and checks by itself. */
  reserve(bytes: number): void {
    const needed = this.length + bytes
    if (needed <= this.buffer.length) return
    let size = this.buffer.length * 2
    while (size < needed) size *= 2
    const bigger = Buffer.allocUnsafeSlow(size)
    this.buffer.copy(bigger, 0, 0, this.length)
    this.buffer = bigger
  }

  /** An array header of fixed size, so that the count can be corrected later with `patch32`. */
  array32(count: number): void {
    this.#tagged32(0xdd, count)
  }

  array(count: number): void {
    if (count < 16) this.#byte(0x90 | count)
    else this.#tagged32(0xdd, count)
  }

  map(count: number): void {
    if (count < 16) this.#byte(0x80 | count)
    else this.map16(count)
  }

  /** A map header of fixed size; returns where its count is, for `patch16`. */
  map16(count: number): number {
    this.reserve(3)
    const { buffer, length } = this
    buffer[length] = 0xde
    buffer[length + 1] = count >>> 8
    buffer[length + 2] = count
    this.length = length + 3
    return length + 1
  }

  patch16(at: number, value: number): void {
    this.buffer[at] = value >>> 8
    this.buffer[at + 1] = value
  }

  patch32(at: number, value: number): void {
    this.buffer.writeUInt32BE(value, at)
  }

  /** Bytes that are MessagePack already. */
  raw(bytes: Uint8Array): void {
    const size = bytes.length
    this.reserve(size)
    const { buffer, length } = this
    for (let i = 0; i < size; i++) buffer[length + i] = bytes[i]!
    this.length = length + size
  }

  /** An unsigned 64-bit integer in two halves, always in its full form, as Agents get ids. */
  uint64(high: number, low: number): void {
    this.reserve(9)
    const { buffer, length } = this
    buffer[length] = 0xcf
    buffer[length + 1] = high >>> 24
    buffer[length + 2] = high >>> 16
    buffer[length + 3] = high >>> 8
    buffer[length + 4] = high
    buffer[length + 5] = low >>> 24
    buffer[length + 6] = low >>> 16
    buffer[length + 7] = low >>> 8
    buffer[length + 8] = low
    this.length = length + 9
  }

  /** Whole microseconds as exact nanoseconds: the product exceeds 2^53, so each half is multiplied by itself. */
  microsAsNanos(micros: number): void {
    const high = Math.floor(micros / TWO_32)
    const lowNanos = (micros - high * TWO_32) * 1000
    const carry = Math.floor(lowNanos / TWO_32)
    this.uint64(high * 1000 + carry, lowNanos - carry * TWO_32)
  }

  /** A number: as an integer when it is a small one, else as a 64-bit float. */
  number(value: number): void {
    if (value >= 0 && value < 128 && value === (value | 0)) this.#byte(value === 0 ? 0 : value)
    else if (value === value >>> 0) this.#tagged32(0xce, value)
    else this.float64(value)
  }

  float64(value: number): void {
    this.reserve(9)
    float[0] = value
    const { buffer, length } = this
    buffer[length] = 0xcb
    if (LITTLE_ENDIAN) for (let i = 0; i < 8; i++) buffer[length + 1 + i] = floatBytes[7 - i]!
    else for (let i = 0; i < 8; i++) buffer[length + 1 + i] = floatBytes[i]!
    this.length = length + 9
  }

  string(text: string): void {
    const count = text.length
    if (count <= SHORT_TEXT) {
      this.reserve(count * 3 + 5)
      const { buffer } = this
      const start = this.length
      let at = start + (count < 32 ? 1 : 2)
      let i = 0
      for (; i < count; i++) {
        const code = text.charCodeAt(i)
        if (code > 0x7f) break
        buffer[at++] = code
      }
      if (i === count) {
        if (count < 32) {
          buffer[start] = 0xa0 | count
        } else {
          buffer[start] = 0xd9
          buffer[start + 1] = count
        }
        this.length = at
        return
      }
    }
    this.#longString(text)
  }

  #longString(text: string): void {
    // Three bytes are the most a UTF-16 unit can take in UTF-8.
    this.reserve(text.length * 3 + 5)
    const start = this.length
    const bytes = this.buffer.utf8Write(text, start + 5)
    this.buffer[start] = 0xdb
    this.buffer.writeUInt32BE(bytes, start + 1)
    this.length = start + 5 + bytes
  }

  #byte(value: number): void {
    this.reserve(1)
    this.buffer[this.length++] = value
  }

  #tagged32(tag: number, value: number): void {
    this.reserve(5)
    const { buffer, length } = this
    buffer[length] = tag
    buffer[length + 1] = value >>> 24
    buffer[length + 2] = value >>> 16
    buffer[length + 3] = value >>> 8
    buffer[length + 4] = value
    this.length = length + 5
  }
}

declare global {
  interface Buffer {
    /** Node's own method behind `write`, without its checks; returns the bytes written. */
    utf8Write(text: string, offset: number): number
  }
}
