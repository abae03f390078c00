// A DogStatsd whose packets are kept, with dice and clocks of its own.

import { DogStatsd } from '../../src/metrics/dogstatsd/dogstatsd'
import type { DogStatsdOptions } from '../../src/metrics/dogstatsd/dogstatsd-options'
import type { MetricsError } from '../../src/metrics/metrics-error'
import { RecordingTransport } from '../support/vectors/recording-transport'

export interface RecordedClient {
  readonly client: DogStatsd
  /** What was told to `onError`. */
  readonly errors: MetricsError[]
  /** Packets since the last time. */
  take(): string[]
}

/** Without telemetry, and every line by itself, unless options say otherwise. */
export function recordedClient(options: DogStatsdOptions & { packetBytes?: number } = {}): RecordedClient {
  const { packetBytes, ...given } = options
  const transport = new RecordingTransport(packetBytes)
  const errors: MetricsError[] = []
  const client = new DogStatsd({
    transport,
    telemetry: false,
    originDetection: false,
    flushIntervalMs: 0,
    onError: (error) => errors.push(error),
    ...given,
  })
  return { client, errors, take: () => transport.take() }
}
