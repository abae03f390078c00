// The format of vector files: machine-readable cases, each of calls on a client and what must come of them. Values that JSON cannot
// say stand in objects with one key, `{"$number": "NaN"}`; they are read here.

export interface Vector {
  readonly id: string
  readonly area: string
  readonly name: string
  /** `peer`, `protocol` and `proposed` are to be met as they stand; of a `quirk` the note says what is right instead. */
  readonly kind: 'peer' | 'quirk' | 'protocol' | 'proposed'
  readonly given: Readonly<Record<string, unknown>> & { readonly client: string }
  readonly calls: readonly VectorCall[]
  readonly expect: readonly unknown[]
  readonly throws?: Thrown
  readonly note?: string
}

/** A method, its arguments and its options. */
type VectorCall = readonly [method: string, args?: readonly unknown[], options?: Readonly<Record<string, unknown>>]

export interface Thrown {
  /** The index of the call. */
  readonly at: number
  /** The class of the error, in the words of the vectors. */
  readonly error: string
  readonly message?: string
}

/** What came of the calls of a vector. */
export interface Outcome {
  readonly items: readonly unknown[]
  readonly thrown?: Thrown
}

/** Makes the calls of a vector on a real client; values are decoded already. */
export type Player = (vector: Vector) => Promise<Outcome>

/** A span of time, as `Temporal.Duration` is one. */
class DecodedDuration {
  constructor(readonly milliseconds: number) {}

  total(_unit: unknown): number {
    return this.milliseconds
  }
}

/** Reads what JSON cannot say, at any depth. */
export function decoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decoded)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [first] = entries
  if (entries.length === 1 && first !== undefined && first[0].startsWith('$')) return special(...first)
  return Object.fromEntries(entries.map(([key, each]) => [key, decoded(each)]))
}

function special(key: string, value: unknown): unknown {
  switch (key) {
    case '$number':
    case '$float':
      return Number(value)
    case '$bigint':
      return BigInt(value as string)
    case '$duration_ms':
      return new DecodedDuration(value as number)
    case '$date':
      return new Date(value as string)
    case '$repeat': {
      const [text, times] = value as [string, number]
      return text.repeat(times)
    }
    case '$undefined':
      return undefined
    default:
      throw new Error(`no value ${key} is known`)
  }
}
