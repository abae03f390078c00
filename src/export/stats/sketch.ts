// A DDSketch: durations in bins whose width grows with the value, so that every quantile read from it is within 1 % of the truth.
//
// The parameters are the Agent's own (datadog-agent, pkg/trace/stats/statsraw.go), so that it merges the bytes without converting
// them. Bin k holds what lies between γ^k and γ^(k+1), as the Agent's library reads it; one bin too high would be 2 % too much.
// Source: sketches-go, ddsketch/pb/ddsketch.proto and ddsketch/mapping/logarithmic_mapping.go; "DDSketch", VLDB 2019.

const RELATIVE_ACCURACY = 0.01
const GAMMA = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY)
const BINS_PER_LN = 1 / Math.log(GAMMA)
/** Enough for everything from 1 ns to years; below, the lowest ones are put together. */
export const MAX_BINS = 2048

// Protobuf: field number × 8 + wire type.
const DOUBLE = 1
const LENGTH = 2
const GAMMA_FIELD = (1 << 3) | DOUBLE
const MAPPING_FIELD = (1 << 3) | LENGTH
const POSITIVE_FIELD = (2 << 3) | LENGTH
const NEGATIVE_FIELD = (3 << 3) | LENGTH
const ZEROS_FIELD = (4 << 3) | DOUBLE
const COUNTS_FIELD = (2 << 3) | LENGTH
const OFFSET_FIELD = 3 << 3

/** The mapping up to the bins: γ, no offset, no interpolation. */
const MAPPING = Buffer.alloc(11)
MAPPING.set([MAPPING_FIELD, 9, GAMMA_FIELD])
MAPPING.writeDoubleLE(GAMMA, 3)

export class Sketch {
  /** By index. Sparse, because most are few and far between: what is in one row of a program's stats is of one kind. */
  readonly #bins = new Map<number, number>()
  #zeros = 0

  /** @param value in whatever unit the sketch is to have; negative ones count as zero */
  add(value: number): void {
    if (!(value > 0)) {
      this.#zeros++
      return
    }
    const index = Math.floor(Math.log(value) * BINS_PER_LN)
    this.#bins.set(index, (this.#bins.get(index) ?? 0) + 1)
  }

  /** As a protobuf message; one that holds nothing is a message too. */
  encode(): Buffer {
    const positive = this.#store()
    const head = Buffer.from([POSITIVE_FIELD, ...varint(positive.length)])
    const parts = [MAPPING, head, positive, Buffer.from([NEGATIVE_FIELD, 0])]
    if (this.#zeros > 0) {
      const zeros = Buffer.alloc(9)
      zeros[0] = ZEROS_FIELD
      zeros.writeDoubleLE(this.#zeros, 1)
      parts.push(zeros)
    }
    return Buffer.concat(parts)
  }

  /** The counts from the lowest bin to the highest, in one piece: the form that every reader knows. */
  #store(): Buffer {
    if (this.#bins.size === 0) return Buffer.alloc(0)
    let min = Number.POSITIVE_INFINITY
    let max = Number.NEGATIVE_INFINITY
    for (const index of this.#bins.keys()) {
      if (index < min) min = index
      if (index > max) max = index
    }
    const first = Math.max(min, max - MAX_BINS + 1)
    const counts = new Float64Array(max - first + 1)
    for (const [index, count] of this.#bins) counts[Math.max(0, index - first)]! += count
    const head = [COUNTS_FIELD, ...varint(counts.length * 8)]
    const tail = [OFFSET_FIELD, ...varint(zigzag(first))]
    const bytes = Buffer.alloc(head.length + counts.length * 8 + tail.length)
    bytes.set(head)
    for (let i = 0; i < counts.length; i++) bytes.writeDoubleLE(counts[i]!, head.length + i * 8)
    bytes.set(tail, bytes.length - tail.length)
    return bytes
  }
}

/** A whole number in groups of seven bits, the lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return bytes
}

/** Negative numbers between the positive ones. */
function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1
}
