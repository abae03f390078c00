// A line that a program wrote, or a log record of OpenTelemetry.

/** Where it came from. */
export type LogStream = 'stdout' | 'stderr' | 'otlp'

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export interface NewLog {
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly stream: LogStream
  readonly level: LogLevel
  /** Empty where nobody said. */
  readonly service: string
  /** Without the signs that colour a terminal. */
  readonly message: string
  /** 32 hex digits; the first 16 are zeros where only the low half is known. */
  readonly traceId?: string
  /** Decimal, as spans have it. */
  readonly spanId?: string
  /** Whatever else the line says: values of JSON. */
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface Log extends NewLog {
  /** Counts up. */
  readonly id: number
}
