// The extension point for how the aggregator reaches Datadog's API: one exchange at a time, without retries, which are the sender's affair.

import type { RequestOptions } from 'node:http'

export interface PostReply {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** No answer came. */
export class PostError extends Error {
  override readonly name = 'PostError'

  constructor(
    message: string,
    /** Whether the server may have taken the request all the same. */
    readonly mayHaveArrived: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

export interface SeriesTransport {
  /** Where it goes to, for messages: without key, user and password. */
  readonly address: string
  /**
   * Sends a body; resolves with whatever status it is answered.
   * @param path of the endpoint: `/api/v2/series`
   * @throws PostError where no answer comes in time
   */
  post(path: string, body: Uint8Array, headers: Readonly<Record<string, string>>): Promise<PostReply>
  /** Cuts off the exchange under way; false if all of the request has left the process. */
  takeBack?(): boolean
  /** What a request is for `http.request`, for the exit of the process. Without this nothing is sent there. */
  requestOptions?(path: string, body: Uint8Array, headers: Readonly<Record<string, string>>): RequestOptions
  /** Lets go of its connections. */
  close?(): void
}
