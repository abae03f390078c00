// The walk over MessagePack must agree with a decoder about where each value ends, for every format there is.

import assert from 'node:assert/strict'
import { encode } from 'msgpack-lite'
import { MsgpackScan } from '../../src/local-agent/msgpack-scan'
import { int64, uint64 } from './wire-span'

describe('msgpack scan', () => {
  const list = (length: number) => Array.from({ length }, (_, index) => index)
  const map = (length: number) => Object.fromEntries(list(length).map((index) => [`k${index}`, index]))
  const values: unknown[] = [
    ...[null, true, false, 0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, -1, -32, -33, -128, -129, -32_769],
    ...[1.5, Number.NaN, uint64(2n ** 64n - 1n), int64(-(2n ** 63n))],
    ...[0, 1, 31, 32, 255, 256, 65_535, 65_536].flatMap((length) => ['x'.repeat(length), Buffer.alloc(length)]),
    ...[0, 1, 15, 16, 65_535, 65_536].flatMap((length) => [list(length), map(length)]),
    { a: [{ b: [null, { c: 'ü' }] }] },
  ]
  // Formats that no encoder here writes: float 32, the five fixed extensions, and the three with a length.
  const extensions = [1, 2, 4, 8, 16].map((size, index) => Buffer.from([0xd4 + index, 7, ...list(size)]))
  const lengths = [
    [0xc7, 3],
    [0xc8, 0, 3],
    [0xc9, 0, 0, 0, 3],
  ].map((head) => Buffer.from([...head, 7, 1, 2, 3]))
  const encoded = [...values.map((value) => encode(value)), Buffer.from([0xca, 0, 0, 0, 0]), ...extensions, ...lengths]

  it('finds the end of every format', () => {
    const scan = new MsgpackScan(Buffer.concat(encoded))
    for (const bytes of encoded) assert.deepEqual(scan.take(), bytes)
    scan.end()
  })

  it('refuses every format that is cut short', () => {
    for (const bytes of encoded) {
      const short = new MsgpackScan(bytes.subarray(0, -1))
      assert.throws(() => short.take(), { status: 400 }, `first byte ${bytes[0]}`)
    }
  })

  it('enters arrays of all sizes, and nothing else', () => {
    for (const length of [0, 1, 15, 16, 65_535, 65_536]) {
      assert.equal(new MsgpackScan(encode(list(length))).enterArray(), length)
    }
    assert.equal(new MsgpackScan(encode(null)).enterArray(), 0)
    for (const value of [{}, 'x', 7, true]) assert.equal(new MsgpackScan(encode(value)).enterArray(), undefined)
    assert.throws(() => new MsgpackScan(Buffer.from([0xdc, 0])).enterArray(), { status: 400 })
  })
})
