// What an OTLP client is told: the message that the protocol has for it, in the form in which the client sent.
// Source: opentelemetry-proto, docs/specification.md, "OTLP/HTTP Response"; google/rpc/status.proto.

import type { ServerResponse } from 'node:http'
import { reply, replyJson } from '../reply'
import { wireWriter } from './protobuf-wire'

export const JSON_TYPE = 'application/json'
export const PROTOBUF_TYPE = 'application/x-protobuf'

export type OtlpType = typeof JSON_TYPE | typeof PROTOBUF_TYPE

const [VARINT, DELIMITED] = [0, 2] as const

/** What was not taken, and why; it is not to be sent again. */
export interface Rejected {
  /** What JSON calls their number: the part of a client's message that was rejected. */
  readonly name: 'rejectedSpans' | 'rejectedDataPoints' | 'rejectedLogRecords'
  readonly count: number
  readonly reason: string
}

export function replyAccepted(response: ServerResponse, type: OtlpType, { name, count, reason }: Rejected): void {
  if (type === JSON_TYPE) {
    // A 64-bit integer, so a text.
    const partialSuccess = { [name]: String(count), errorMessage: reason }
    replyJson(response, 200, count > 0 ? { partialSuccess } : {})
    return
  }
  const partialSuccess = () => wireWriter().tag(1, VARINT).int64(count).tag(2, DELIMITED).string(reason).finish()
  const body = count > 0 ? wireWriter().tag(1, DELIMITED).bytes(partialSuccess()).finish() : Buffer.alloc(0)
  reply(response, 200, type, Buffer.from(body))
}

/** A message `Status` of Google's, without its code, which the protocol does not use. */
export function replyRefused(response: ServerResponse, type: OtlpType, status: number, message: string): void {
  if (type === JSON_TYPE) replyJson(response, status, { message })
  else reply(response, status, type, Buffer.from(wireWriter().tag(2, DELIMITED).string(message).finish()))
}
