// What the writer writes is read back by msgpack-lite, which shares no line with it. Every format changes its header at a
// length or a size; those are tested on both sides, and every write is repeated at the end of a buffer that is just full.

import { strict as assert } from 'node:assert'
import { createCodec, Decoder, type Int64 } from 'msgpack-lite'
import { randomInt32 } from '../../src/base/id'
import { MsgpackWriter } from '../../src/export/msgpack-writer'

const codec = createCodec({ int64: true, usemap: true })

/** All values in what `write` wrote, with 64-bit integers as bigint. */
function written(write: (writer: MsgpackWriter) => void, initialBytes = 1024): unknown[] {
  const writer = new MsgpackWriter(initialBytes)
  write(writer)
  const decoder = new Decoder({ codec })
  decoder.write(Buffer.from(writer.buffer.subarray(0, writer.length)))
  const values: unknown[] = []
  while (decoder.offset < writer.length) {
    const value = decoder.fetch()
    const isInt64 = typeof value === 'object' && value !== null && 'toNumber' in value
    values.push(isInt64 ? BigInt((value as Int64).toString(10)) : value)
  }
  return values
}

const one = (write: (writer: MsgpackWriter) => void): unknown => {
  const values = written(write)
  assert.equal(values.length, 1)
  return values[0]
}

describe('the MessagePack writer', () => {
  describe('writes text', () => {
    const lengths = [0, 1, 31, 32, 33, 39, 40, 41, 255, 256, 257, 65_535, 65_536, 65_537]
    const alphabets = {
      ASCII: 'a',
      'two bytes a unit': 'ü',
      'three bytes a unit': '€',
      'a surrogate pair': '🐕',
      'the last ASCII': '\u007f',
      'the first after ASCII': '\u0080',
      'zero bytes': '\u0000',
    }
    for (const [alphabet, unit] of Object.entries(alphabets)) {
      it(`of ${alphabet}, at every length where something changes`, () => {
        for (const length of lengths) {
          const text = unit.repeat(length)
          assert.equal(
            one((writer) => writer.string(text)),
            text,
            `${length} × ${unit}`,
          )
          const mixed = `${'a'.repeat(length)}${unit}${'b'.repeat(length % 50)}`
          assert.equal(
            one((writer) => writer.string(mixed)),
            mixed,
            `${length} × a, then ${unit}`,
          )
        }
      })
    }

    it('with half a surrogate pair as U+FFFD', () => {
      for (const half of ['\ud800', '\udfff']) {
        assert.equal(
          one((writer) => writer.string(`a${half}b`)),
          'a\ufffdb',
        )
        assert.equal(
          one((writer) => writer.string(`${'a'.repeat(60)}${half}`)),
          `${'a'.repeat(60)}\ufffd`,
        )
      }
    })

    it('in the shortest header for short ASCII', () => {
      const bytes = (text: string) => {
        const writer = new MsgpackWriter(512)
        writer.string(text)
        return writer.length - text.length
      }
      assert.deepEqual(['', 'a'.repeat(31), 'a'.repeat(32), 'a'.repeat(40)].map(bytes), [1, 1, 2, 2])
    })
  })

  it('writes 64-bit integers in halves, always in nine bytes', () => {
    const table: [high: number, low: number, value: bigint][] = [
      [0, 0, 0n],
      [0, 1, 1n],
      [0, -1, 0xffff_ffffn],
      [1, 0, 0x1_0000_0000n],
      [0x7fffffff, -1, 0x7fff_ffff_ffff_ffffn],
      [-0x80000000, 0, 0x8000_0000_0000_0000n],
      [-1, -1, 0xffff_ffff_ffff_ffffn],
    ]
    for (const [high, low, value] of table) {
      assert.equal(
        one((writer) => writer.uint64(high, low)),
        value,
      )
      const writer = new MsgpackWriter(16)
      writer.uint64(high, low)
      assert.equal(writer.length, 9)
    }
  })

  it('writes microseconds as exact nanoseconds', () => {
    const edges = [
      0,
      1,
      999,
      4_294_967,
      4_294_968,
      2 ** 32 - 1,
      2 ** 32,
      2 ** 32 + 1,
      2 ** 53 / 1000,
      Number.MAX_SAFE_INTEGER,
    ]
    const random = Array.from({ length: 50_000 }, () => (randomInt32() >>> 12) * 2 ** 32 + (randomInt32() >>> 0))
    const recent = Array.from({ length: 50_000 }, () => 1_790_000_000_000_000 + (randomInt32() >>> 0))
    const writer = new MsgpackWriter(16)
    for (const micros of [...edges.map(Math.floor), ...random, ...recent]) {
      writer.length = 0
      writer.microsAsNanos(micros)
      const nanos = BigInt.asUintN(64, BigInt(micros) * 1000n)
      assert.equal(writer.buffer.readUInt8(0), 0xcf)
      assert.equal(writer.buffer.readBigUInt64BE(1), nanos, String(micros))
    }
    assert.equal(
      one((w) => w.microsAsNanos(1_790_000_000_123_457)),
      1_790_000_000_123_457_000n,
    )
  })

  it('writes numbers: small integers short, all others as they are', () => {
    const table: [value: number, bytes: number][] = [
      [0, 1],
      [1, 1],
      [127, 1],
      [128, 5],
      [255, 5],
      [65_536, 5],
      [2 ** 31 - 1, 5],
      [2 ** 31, 5],
      [2 ** 32 - 1, 5],
      [2 ** 32, 9],
      [-1, 9],
      [-(2 ** 31), 9],
      [0.5, 9],
      [-0.25, 9],
      [1e300, 9],
      [Number.MAX_SAFE_INTEGER, 9],
      [Number.MIN_VALUE, 9],
      [127.5, 9],
      [Number.POSITIVE_INFINITY, 9],
      [Number.NaN, 9],
    ]
    for (const [value, bytes] of table) {
      assert.deepEqual(
        one((writer) => writer.number(value)),
        value,
      )
      const writer = new MsgpackWriter(16)
      writer.number(value)
      assert.equal(writer.length, bytes, String(value))
    }
    assert.equal(
      one((writer) => writer.number(-0)),
      0,
    )
    assert.equal(
      one((writer) => writer.float64(1)),
      1,
    )
    for (let i = 0; i < 1000; i++) {
      const value = randomInt32() * 2 ** (randomInt32() % 300)
      assert.equal(
        one((writer) => writer.float64(value)),
        value,
      )
    }
  })

  it('writes arrays and maps of every size of header, and corrects their counts later', () => {
    for (const count of [0, 1, 15, 16, 17, 65_535, 65_536]) {
      const items = Array.from({ length: count }, (_, i) => i % 100)
      const fill = (writer: MsgpackWriter) => {
        for (const item of items) writer.number(item)
      }
      assert.deepEqual(
        one((writer) => {
          writer.array(count)
          fill(writer)
        }),
        items,
      )
      assert.deepEqual(
        one((writer) => {
          writer.array32(0)
          fill(writer)
          writer.patch32(1, count)
        }),
        items,
      )
      if (count > 65_535) continue
      const map = new Map(items.map((_, i) => [`k${i}`, i % 100]))
      const entries = (writer: MsgpackWriter) => {
        for (const [key, value] of map) {
          writer.string(key)
          writer.number(value)
        }
      }
      assert.deepEqual(
        one((writer) => {
          writer.map(count)
          entries(writer)
        }),
        map,
      )
      assert.deepEqual(
        one((writer) => {
          const at = writer.map16(0)
          entries(writer)
          writer.patch16(at, count)
        }),
        map,
      )
    }
  })

  it('copies bytes that are MessagePack already', () => {
    assert.deepEqual(
      written((writer) => {
        writer.raw(Buffer.from([0xa1, 0x61]))
        writer.raw(new Uint8Array(0))
        writer.raw(Buffer.from([5]))
      }),
      ['a', 5],
    )
  })

  describe('grows its buffer', () => {
    const writes: [title: string, write: (writer: MsgpackWriter) => void, value: unknown][] = [
      ['a small integer', (w) => w.number(5), 5],
      ['a large integer', (w) => w.number(70_000), 70_000],
      ['a float', (w) => w.float64(0.5), 0.5],
      ['an id', (w) => w.uint64(1, 2), 0x1_0000_0002n],
      ['a time', (w) => w.microsAsNanos(5), 5000n],
      ['an array', (w) => w.array(0), []],
      ['a long array', (w) => w.array32(0), []],
      ['a map', (w) => w.map(0), new Map()],
      ['a long map', (w) => void w.map16(0), new Map()],
      ['short text', (w) => w.string('text'), 'text'],
      ['text of several bytes', (w) => w.string('ü€🐕'), 'ü€🐕'],
      ['long text', (w) => w.string('€'.repeat(5000)), '€'.repeat(5000)],
      ['bytes', (w) => w.raw(Buffer.from([0xa3, 0x61, 0x62, 0x63])), 'abc'],
    ]
    for (const [title, write, value] of writes) {
      it(`for ${title}, wherever it ends, and loses nothing before`, () => {
        for (let before = 0; before <= 16; before++) {
          const values = written((writer) => {
            for (let i = 0; i < before; i++) writer.number(i)
            write(writer)
          }, 16)
          assert.deepEqual(values, [...Array(before).keys(), value])
        }
      })
    }

    it('from one byte on', () => {
      const texts = Array.from({ length: 300 }, (_, i) => 'x'.repeat(i))
      assert.deepEqual(
        written((writer) => texts.forEach((text) => void writer.string(text)), 1),
        texts,
      )
    })
  })
})
