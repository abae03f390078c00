// A span as the local agent keeps it. Ids are decimal texts and times are bigint, so all 64 bits survive. `meta_struct` is not kept.

export interface ReceivedSpan {
  /** The low 64 bits, as on the wire. */
  readonly traceId: string
  readonly spanId: string
  /** '0' for a root. */
  readonly parentId: string
  readonly service: string
  readonly name: string
  readonly resource: string
  readonly type: string
  /** Nanoseconds since the Unix epoch. */
  readonly start: bigint
  /** Nanoseconds. */
  readonly duration: bigint
  readonly error: 0 | 1
  readonly meta: Readonly<Record<string, string>>
  readonly metrics: Readonly<Record<string, number>>
}
