// Writes MessagePack into one growing buffer: the few forms that traces need, straight from numbers and text.
//
// Source: the MessagePack specification, "Formats". 64-bit integers come as halves or as whole microseconds, so that no
// BigInt is made. Very short text is written by a loop; from about a dozen characters on one call into native code is faster.

/** Text up to this length is tried as ASCII in JavaScript. */
const SHORT_TEXT = 12

/** What fits behind a header of one and of two bytes; longer text gets five. */
const MAX_FIXSTR = 31
const MAX_STR8 = 255

const TWO_32 = 0x100000000

export class MsgpackWriter {
  buffer: Buffer
  length = 0
  /** For numbers of several bytes; always of the whole `buffer`. */
  #view: DataView

  /** @param initial a size, or a buffer to begin with, whose content does not matter */
  constructor(initial: number | Buffer) {
    this.buffer = typeof initial === 'number' ? Buffer.allocUnsafeSlow(initial) : initial
    this.#view = viewOf(this.buffer)
  }

  /** Makes room for `bytes` more; every method that writes does so by itself. */
  reserve(bytes: number): void {
    const needed = this.length + bytes
    if (needed <= this.buffer.length) return
    let size = this.buffer.length * 2
    while (size < needed) size *= 2
    const bigger = Buffer.allocUnsafeSlow(size)
    this.buffer.copy(bigger, 0, 0, this.length)
    this.buffer = bigger
    this.#view = viewOf(bigger)
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
    this.buffer[this.length] = 0xde
    this.patch16(this.length + 1, count)
    this.length += 3
    return this.length - 2
  }

  patch16(at: number, value: number): void {
    this.#view.setUint16(at, value)
  }

  patch32(at: number, value: number): void {
    this.#view.setUint32(at, value)
  }

  /** Two halves, behind the tag of a 64-bit integer. */
  patch64(at: number, high: number, low: number): void {
    this.#view.setUint32(at, high)
    this.#view.setUint32(at + 4, low)
  }

  /** Whole microseconds as exact nanoseconds: the product exceeds 2^53, so each half is multiplied by itself. */
  patchMicrosAsNanos(at: number, micros: number): void {
    const high = Math.floor(micros / TWO_32)
    const lowNanos = (micros - high * TWO_32) * 1000
    const carry = Math.floor(lowNanos / TWO_32)
    this.patch64(at, high * 1000 + carry, lowNanos - carry * TWO_32)
  }

  /** Bytes that are MessagePack already. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  /** What has been written from `begin` on, by itself. */
  copy(begin = 0): Uint8Array {
    return new Uint8Array(this.buffer.subarray(begin, this.length))
  }

  /** An unsigned 64-bit integer in two halves, always in its full form, as Agents get ids. */
  uint64(high: number, low: number): void {
    this.reserve(9)
    this.buffer[this.length] = 0xcf
    this.patch64(this.length + 1, high, low)
    this.length += 9
  }

  microsAsNanos(micros: number): void {
    this.reserve(9)
    this.buffer[this.length] = 0xcf
    this.patchMicrosAsNanos(this.length + 1, micros)
    this.length += 9
  }

  /** A whole number as a signed 64-bit integer; exact up to 2^53. */
  int64(value: number): void {
    this.reserve(9)
    this.buffer[this.length] = 0xd3
    this.patch64(this.length + 1, Math.floor(value / TWO_32), value)
    this.length += 9
  }

  binary(bytes: Uint8Array): void {
    this.#tagged32(0xc6, bytes.length)
    this.raw(bytes)
  }

  bool(value: boolean): void {
    this.#byte(value ? 0xc3 : 0xc2)
  }

  /** A number: as an integer when it is a small one, else as a 64-bit float. */
  number(value: number): void {
    if (value >= 0 && value < 128 && value === (value | 0)) this.#byte(value === 0 ? 0 : value)
    else if (value === value >>> 0) this.#tagged32(0xce, value)
    else this.float64(value)
  }

  float64(value: number): void {
    this.reserve(9)
    this.buffer[this.length] = 0xcb
    this.#view.setFloat64(this.length + 1, value)
    this.length += 9
  }

  string(text: string): void {
    const count = text.length
    if (count <= SHORT_TEXT) {
      this.reserve(count + 1)
      const { buffer, length } = this
      let i = 0
      for (; i < count; i++) {
        const code = text.charCodeAt(i)
        if (code > 0x7f) break
        buffer[length + 1 + i] = code
      }
      if (i === count) {
        buffer[length] = 0xa0 | count
        this.length = length + 1 + count
        return
      }
    }
    this.#longString(text)
  }

  #longString(text: string): void {
    const count = text.length
    // Three bytes are the most a UTF-16 unit can take in UTF-8.
    this.reserve(count * 3 + 5)
    const { buffer, length } = this
    // Right for ASCII; other text may turn out to need a longer header.
    const guess = stringHeaderBytes(count)
    const bytes = buffer.utf8Write(text, length + guess)
    const header = bytes === count ? guess : stringHeaderBytes(bytes)
    if (header !== guess) buffer.copyWithin(length + header, length + guess, length + guess + bytes)
    if (header === 1) {
      buffer[length] = 0xa0 | bytes
    } else if (header === 2) {
      buffer[length] = 0xd9
      buffer[length + 1] = bytes
    } else {
      buffer[length] = 0xdb
      this.patch32(length + 1, bytes)
    }
    this.length = length + header + bytes
  }

  #byte(value: number): void {
    this.reserve(1)
    this.buffer[this.length++] = value
  }

  #tagged32(tag: number, value: number): void {
    this.reserve(5)
    this.buffer[this.length] = tag
    this.patch32(this.length + 1, value)
    this.length += 5
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}

function stringHeaderBytes(bytes: number): number {
  return bytes <= MAX_FIXSTR ? 1 : bytes <= MAX_STR8 ? 2 : 5
}

declare global {
  interface Buffer {
    /** Node's own method behind `write`, without its checks; returns the bytes written. */
    utf8Write(text: string, offset: number): number
  }
}
