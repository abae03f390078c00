// What a line of DogStatsD says, once it is read. The names are ours, the meaning is the Agent's.

export type MetricType = 'c' | 'g' | 'ms' | 'h' | 's' | 'd'

export interface MetricLine {
  readonly kind: 'metric'
  readonly name: string
  readonly type: MetricType
  /** One or more, in their order; empty for a set. NaN and the infinities are read, and refused where they would count. */
  readonly values: readonly number[]
  /** The value of a set; undefined for other types. */
  readonly setValue: string | undefined
  readonly rate: number
  readonly tags: readonly string[]
  /** Seconds since the Unix epoch. */
  readonly timestamp: number | undefined
}

export interface EventLine {
  readonly kind: 'event'
  readonly title: string
  readonly text: string
  readonly timestamp: number | undefined
  readonly hostname: string | undefined
  readonly aggregationKey: string | undefined
  readonly priority: string
  readonly sourceType: string | undefined
  readonly alertType: string
  readonly tags: readonly string[]
  /** Fields with a value that the Agent does not know, and passes over with a warning. */
  readonly ignored: readonly string[]
}

export interface ServiceCheckLine {
  readonly kind: 'check'
  readonly name: string
  /** 0 ok, 1 warning, 2 critical, 3 unknown. */
  readonly status: number
  readonly timestamp: number | undefined
  readonly hostname: string | undefined
  readonly tags: readonly string[]
  readonly message: string | undefined
  readonly ignored: readonly string[]
}

/** A line that the Agent does not take, and why. */
export interface RejectedLine {
  readonly kind: 'rejected'
  readonly reason: string
}

export type Line = MetricLine | EventLine | ServiceCheckLine | RejectedLine

export function rejected(reason: string): RejectedLine {
  return { kind: 'rejected', reason }
}

/** Tags of a field, as they stand; an empty field has none. */
export function tagsOf(field: string): string[] {
  return field === '' ? [] : field.split(',')
}
