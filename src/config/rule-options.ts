// What a sampling rule may say when it is given in code; environment variables hold the same as JSON, in snake_case.

/** Which spans a rule is for, and how many it keeps. Texts match whole, in any case; `*` stands for any text, `?` for one character. */
export interface SpanSamplingRuleOptions {
  /** Service of the span. Default: any. */
  readonly service?: string | RegExp
  /** Name of the span. Default: any. */
  readonly name?: string | RegExp
  /** The share that is kept, from 0 to 1. Default: 1. */
  readonly sampleRate?: number
  /** How many are kept per second at most; a negative number means no limit. Default: no limit. */
  readonly maxPerSecond?: number
}

/** The same for whole traces: what a rule says of their first span in this process. */
export interface SamplingRuleOptions extends SpanSamplingRuleOptions {
  /** Resource of the span. Default: any. */
  readonly resource?: string | RegExp
  /** Tags of the span, all of which must match; `*`: it must have one of that name. */
  readonly tags?: Readonly<Record<string, string | RegExp>>
  /** The share of traces that is kept, from 0 to 1. */
  readonly sampleRate: number
}
