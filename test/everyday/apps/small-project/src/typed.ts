// One type error, for the compiler to find.

export interface Sum {
  readonly numbers: readonly number[]
}

export const total = ({ numbers }: Sum): number => numbers.reduce((a, b) => a + b, 0)
export const wrong: string = total({ numbers: [1, 2, 3] })
