// Where `dog tail` writes: as many lines as are wanted, and nothing any more when nobody reads.

import type { Progress } from '../progress'
import type { LineStyle } from './tail-lines'

export type Kind = 'trace' | 'log' | 'metric'

export interface TailOutput {
  readonly style: LineStyle
  readonly isJson: boolean
  /** Writes one thing: as JSON, or as the lines that `human` makes of it. */
  write(kind: Kind, value: object, human: () => string): void
}

interface OutputOptions {
  readonly style: LineStyle
  readonly isJson: boolean
  readonly limit: number
  readonly progress: Progress
  /** Called when there have been as many as are wanted. */
  readonly onFull: () => void
}

export function tailOutput({ style, isJson, limit, progress, onFull }: OutputOptions): TailOutput {
  let left = limit
  return {
    style,
    isJson,
    write(kind, value, human) {
      if (left <= 0) return
      left--
      progress.clear()
      process.stdout.write(`${isJson ? JSON.stringify({ kind, ...value }) : human()}\n`)
      if (left === 0) onFull()
    },
  }
}
