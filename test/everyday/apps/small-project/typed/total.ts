// Sums.

export interface Sum {
  readonly numbers: readonly number[]
}

export const total = ({ numbers }: Sum): number => numbers.reduce((a, b) => a + b, 0)
