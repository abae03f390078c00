// Where what goes, in which wrapping, and how much of it at once.
// Sources: API reference of each endpoint; http-api facts: `deflate` is the one encoding that all endpoints of version 1 name.

export type Endpoint = 'series-v1' | 'series-v2' | 'distributions' | 'checks' | 'events'

export interface EndpointRules {
  readonly path: string
  readonly encoding: 'gzip' | 'deflate' | undefined
  /** Of a body as it is sent. */
  readonly maxSentBytes: number
  /** Of a body before it is compressed. */
  readonly maxRawBytes: number
  readonly maxItems: number
  /** Around the items, which have commas between them. */
  readonly before: string
  readonly after: string
  /** Whether the same may be sent twice: Datadog then has it once. */
  readonly isIdempotent: boolean
}

const series = { maxItems: Number.POSITIVE_INFINITY, before: '{"series":[', after: ']}' }

export const ENDPOINTS: Readonly<Record<Endpoint, EndpointRules>> = {
  'series-v1': {
    ...series,
    path: '/api/v1/series',
    encoding: 'deflate',
    maxSentBytes: 3_200_000,
    // 62,914,560 are allowed; so much would stop the program for a second while it is written.
    maxRawBytes: 5_242_880,
    isIdempotent: true,
  },
  'series-v2': {
    ...series,
    path: '/api/v2/series',
    encoding: 'gzip',
    maxSentBytes: 512_000,
    maxRawBytes: 5_242_880,
    isIdempotent: true,
  },
  distributions: {
    ...series,
    path: '/api/v1/distribution_points',
    encoding: 'deflate',
    maxSentBytes: 3_200_000,
    maxRawBytes: 5_242_880,
    isIdempotent: false,
  },
  checks: {
    path: '/api/v1/check_run',
    encoding: undefined,
    maxSentBytes: 500_000,
    maxRawBytes: 500_000,
    maxItems: 1000,
    before: '[',
    after: ']',
    isIdempotent: true,
  },
  events: {
    path: '/api/v1/events',
    encoding: undefined,
    maxSentBytes: 500_000,
    maxRawBytes: 500_000,
    maxItems: 1,
    before: '',
    after: '',
    isIdempotent: false,
  },
}
