// Reads a DDSketch from its protobuf bytes, by the message's definition (sketches-go, ddsketch/pb/ddsketch.proto), and asks it for
// quantiles as the Agent's library does. Shares no code with what writes it.

export interface ReceivedSketch {
  readonly gamma: number
  readonly zeros: number
  /** By index, without empty ones. */
  readonly bins: ReadonlyMap<number, number>
  readonly count: number
}

type Field = { readonly number: number; readonly value: number | Buffer }

export function decodeSketch(bytes: Buffer): ReceivedSketch {
  const fields = fieldsOf(bytes)
  const mapping = fieldsOf(bytesIn(fields, 1))
  const numbers = mapping.map(({ number }) => number)
  if (numbers.join() !== '1') throw new Error(`the mapping has the fields ${numbers.join()}, not only gamma`)
  if (bytesIn(fields, 3).length !== 0) throw new Error('there are negative values')
  const bins = new Map<number, number>()
  const store = fieldsOf(bytesIn(fields, 2))
  const zigzag = store.find(({ number }) => number === 3)?.value ?? 0
  if (typeof zigzag !== 'number') throw new Error('the offset is not a number')
  const offset = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
  const counts = store.length === 0 ? Buffer.alloc(0) : bytesIn(store, 2)
  for (let i = 0; i * 8 < counts.length; i++) {
    const count = counts.readDoubleLE(i * 8)
    if (count > 0) bins.set(offset + i, count)
  }
  const zeros = doubleIn(fields, 4)
  const count = zeros + [...bins.values()].reduce((sum, bin) => sum + bin, 0)
  return { gamma: doubleIn(mapping, 1), zeros, bins, count }
}

/** The value below which the share `q` of all lies. */
export function quantile({ gamma, zeros, bins, count }: ReceivedSketch, q: number): number {
  const rank = q * (count - 1)
  let passed = zeros
  if (passed > rank) return 0
  const accuracy = 1 - 2 / (1 + gamma)
  for (const [index, bin] of [...bins].sort(([a], [b]) => a - b)) {
    passed += bin
    if (passed > rank) return gamma ** index * (1 + accuracy)
  }
  throw new Error('the sketch is empty')
}

function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = () => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes.readUInt8(at++)
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const type = tag % 8
    if (type === 0) fields.push({ number: tag >> 3, value: varint() })
    else if (type === 1) {
      fields.push({ number: tag >> 3, value: bytes.subarray(at, at + 8) })
      at += 8
    } else if (type === 2) {
      const length = varint()
      fields.push({ number: tag >> 3, value: bytes.subarray(at, at + length) })
      at += length
    } else throw new Error(`a field of wire type ${type}`)
  }
  if (at !== bytes.length) throw new Error('the message ends within a field')
  return fields
}

function bytesIn(fields: readonly Field[], wanted: number): Buffer {
  const found = fields.filter(({ number }) => number === wanted)
  const value = found[0]?.value
  if (found.length !== 1 || !Buffer.isBuffer(value)) throw new Error(`${found.length} fields ${wanted}`)
  return value
}

function doubleIn(fields: readonly Field[], wanted: number): number {
  return fields.some(({ number }) => number === wanted) ? bytesIn(fields, wanted).readDoubleLE(0) : 0
}
