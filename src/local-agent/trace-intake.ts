// Takes trace payloads as the Datadog Agent does: same addresses, same statuses, same replies.
//
// The reply of v0.4 and v0.5 carries sampling rates; here all services get 1, because a developer wants every trace.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BodyReader } from './body-reader'
import { decodePayload, type TraceVersion } from './decode-payload'
import { reply, replyJson } from './reply'
import { mustBePlain } from './request'
import type { TraceStore } from './trace-store'

const RATES = { rate_by_service: { 'service:,env:': 1 } }

export const TRACE_PATHS: ReadonlyMap<string, TraceVersion> = new Map([
  ['/v0.3/traces', 'v0.3'],
  ['/v0.4/traces', 'v0.4'],
  ['/v0.5/traces', 'v0.5'],
])

export class TraceIntake {
  payloads = 0
  /** Taken, whether they are still here or not. */
  spans = 0
  refusedPayloads = 0
  malformedSpans = 0

  /** @param bodies shared with whoever else reads bodies, which bounds all of them together */
  constructor(
    private readonly store: TraceStore,
    private readonly bodies: BodyReader,
  ) {}

  async take(version: TraceVersion, request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      mustBePlain(request)
      const body = await this.bodies.read(request)
      const { chunks, malformedSpans } = decodePayload(version, request.headers['content-type'] ?? '', body)
      this.payloads++
      this.malformedSpans += malformedSpans
      for (const chunk of chunks) this.spans += chunk.length
      this.store.add(chunks)
    } catch (error) {
      this.refusedPayloads++
      throw error
    }
    if (version === 'v0.3') reply(response, 200, 'text/plain', 'OK\n')
    else replyJson(response, 200, RATES)
  }
}
