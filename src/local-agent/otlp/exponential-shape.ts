// An exponential histogram has no fixed buckets: as values come, it gets more of them, and when it has too many, it halves their number by
// joining neighbours, which lowers its scale by one. To compare it with what it was, the old buckets are put into the places of the new ones.
// Source: OpenTelemetry's data model of metrics, "Exponential Scale" and "Perfect subsetting".

export interface ExponentialShape {
  readonly scale: number
  /** The index of the first bucket, and how many there are, above zero and below. */
  readonly positive: { readonly offset: number; readonly length: number }
  readonly negative: { readonly offset: number; readonly length: number }
}

interface Shaped {
  /** The count, the sum, the zeros; then the buckets above zero, and those below. */
  readonly values: readonly number[]
  readonly shape?: ExponentialShape
}

/** What stands before the buckets. */
const BEFORE = 3

/** The values with the buckets of `to`; undefined where they have no place there, so that it began anew. */
export function reshaped({ values, shape }: Shaped, to: ExponentialShape): number[] | undefined {
  if (shape === undefined || to.scale > shape.scale) return undefined
  const shift = shape.scale - to.scale
  const found = [...values.slice(0, BEFORE), ...new Array<number>(to.positive.length + to.negative.length).fill(0)]
  const move = (
    from: number,
    old: ExponentialShape['positive'],
    start: number,
    place: ExponentialShape['positive'],
  ) => {
    for (let at = 0; at < old.length; at++) {
      const value = values[from + at]!
      if (value === 0) continue
      const bucket = Math.floor((old.offset + at) / 2 ** shift) - place.offset
      if (bucket < 0 || bucket >= place.length) return false
      found[start + bucket]! += value
    }
    return true
  }
  const isWhole =
    move(BEFORE, shape.positive, BEFORE, to.positive) &&
    move(BEFORE + shape.positive.length, shape.negative, BEFORE + to.positive.length, to.negative)
  return isWhole ? found : undefined
}
