// Walks over MessagePack bytes without making a value of them.
//
// A decoder trusts what the bytes announce: five bytes that say "an array of a million" cost 8 MB before the first
// item is looked at, and arrays inside arrays multiply that. This walk allocates nothing, and refuses lengths that the
// rest of the body cannot hold, nesting that no span has, and bytes that are not MessagePack. It also finds where each
// span begins and ends, so that the decoder reads span by span, and one it cannot read does not cost the others.

import { Refusal } from './refusal'

/** The deepest that a span has: a list among the attributes of a span event, 8. */
const MAX_DEPTH = 16

/** Bytes that follow a head byte of 0xc0–0xdf whose value has a fixed size. */
const FIXED_BYTES = new Map([
  ...[0xc0, 0xc2, 0xc3].map((head) => [head, 0] as const),
  ...[0xcc, 0xd0].map((head) => [head, 1] as const),
  ...[0xcd, 0xd1, 0xd4].map((head) => [head, 2] as const),
  ...[0xca, 0xce, 0xd2].map((head) => [head, 4] as const),
  ...[0xcb, 0xcf, 0xd3].map((head) => [head, 8] as const),
  ...([
    [0xd5, 3],
    [0xd6, 5],
    [0xd7, 9],
    [0xd8, 17],
  ] as const),
])

export class MsgpackScan {
  #offset = 0

  constructor(private readonly bytes: Buffer) {}

  /** Enters the array that comes next and returns its length; undefined, without a move, if it is no array. */
  enterArray(): number | undefined {
    const head = this.bytes[this.#offset] ?? 0
    const isArray = (head >= 0x90 && head <= 0x9f) || head === 0xdc || head === 0xdd
    // Tracers in Go write an empty list as nil.
    if (!isArray && head !== 0xc0) return undefined
    this.#offset++
    const length = head === 0xdc ? this.#uint(2) : head === 0xdd ? this.#uint(4) : head === 0xc0 ? 0 : head & 0x0f
    this.#mustHold(length)
    return length
  }

  /** The bytes of the value that comes next, which is stepped over. */
  take(): Buffer {
    const start = this.#offset
    this.#skip(0)
    return this.bytes.subarray(start, this.#offset)
  }

  /** Refuses bytes behind the payload. */
  end(): void {
    const extra = this.bytes.length - this.#offset
    if (extra > 0) throw new Refusal(400, `${extra} bytes follow the payload`)
  }

  #skip(depth: number): void {
    const head = this.#uint(1)
    if (head <= 0x7f || head >= 0xe0) return
    if (head <= 0x8f) this.#skipValues((head & 0x0f) * 2, depth)
    else if (head <= 0x9f) this.#skipValues(head & 0x0f, depth)
    else if (head <= 0xbf) this.#advance(head & 0x1f)
    else this.#skipLong(head, depth)
  }

  /** Formats of 0xc0–0xdf: a fixed size, or a length of 1, 2 or 4 bytes and then so many bytes or values. */
  #skipLong(head: number, depth: number): void {
    const fixed = FIXED_BYTES.get(head)
    if (fixed !== undefined) this.#advance(fixed)
    else if (head >= 0xc4 && head <= 0xc6) this.#advance(this.#uint(1 << (head - 0xc4)))
    else if (head >= 0xc7 && head <= 0xc9) this.#advance(this.#uint(1 << (head - 0xc7)) + 1)
    else if (head >= 0xd9 && head <= 0xdb) this.#advance(this.#uint(1 << (head - 0xd9)))
    else if (head === 0xdc || head === 0xdd) this.#skipValues(this.#uint(head === 0xdc ? 2 : 4), depth)
    else if (head === 0xde || head === 0xdf) this.#skipValues(this.#uint(head === 0xde ? 2 : 4) * 2, depth)
    else throw new Refusal(400, `byte ${this.#offset - 1} is not MessagePack`)
  }

  #skipValues(count: number, depth: number): void {
    if (depth === MAX_DEPTH) throw new Refusal(400, `values are nested more than ${MAX_DEPTH} deep`)
    this.#mustHold(count)
    for (let left = count; left > 0; left--) this.#skip(depth + 1)
  }

  #mustHold(values: number): void {
    const left = this.bytes.length - this.#offset
    if (values > left) throw new Refusal(400, `${values} values are announced, but ${left} bytes follow`)
  }

  #advance(bytes: number): void {
    if (bytes > this.bytes.length - this.#offset) throw new Refusal(400, 'the body ends inside a value')
    this.#offset += bytes
  }

  #uint(size: number): number {
    const start = this.#offset
    this.#advance(size)
    return this.bytes.readUIntBE(start, size)
  }
}
