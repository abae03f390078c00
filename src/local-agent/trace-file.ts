// Traces as a file, to be kept, sent to somebody, or looked at in another local agent.
//
// `{ "format": "dd-trace", "version": 1, "traces": [[span, …], …] }`, each span as tracers send it, but ids and times are
// decimal texts, so that no JSON parser rounds them. What is read from a file is what was written to it, to the last bit, but
// for the sign of a metric that is −0, and for names of tags that need escapes, which some releases of Node 24 and 26 misread
// (nodejs/node#63785). A file comes from anywhere: it is refused as a whole, with the place, if a span in it
// has no identity or no time, or if the store could not hold all of it.
//
// What OpenTelemetry's exporters write as JSON, one request of OTLP, is taken as well.

import { OTLP_JSON } from './otlp/otlp-intake'
import { spansOfOtlp } from './otlp/otlp-spans'
import { type JsonForm, parseExactJson } from './parse-exact-json'
import { spanFromMap } from './read-span'
import type { ReceivedSpan } from './received-span'
import { Refusal } from './refusal'
import { spanTree } from './span-tree'
import type { StoredTrace, StoreLimits } from './trace-store'
import { isMap } from './wire-value'

const FILE_FORMAT = 'dd-trace'
const FILE_VERSION = 1

/** A full store of large tags. */
export const MAX_FILE_BYTES = 50 * 1024 * 1024

/** The file, its traces, their spans, and two maps of tags, in which a parser may waste no more memory than in a trace payload. */
const FILE_FORM: JsonForm = {
  maxDepth: 8,
  // The largest store there is has 100,000 spans; with 12 fields and 28 tags each, that is 40 values.
  maxValues: 4_000_000,
  // Files that other programs have written may have numbers.
  longIntegers: /("(?:trace_id|span_id|parent_id|start|duration)"\s*:\s*)(-?\d{16,20})(?=\s*[,}])/g,
}

export function traceFile(traces: readonly StoredTrace[]): string {
  const spans = traces.map((trace) => spanTree(trace.spans.values()).map(({ span }) => spanForFile(span)))
  return JSON.stringify({ format: FILE_FORMAT, version: FILE_VERSION, traces: spans })
}

/** The chunks for a store. */
export function tracesOfFile(body: Buffer, { maxSpans, maxTraces }: StoreLimits): ReceivedSpan[][] {
  const chunks = isOtlp(body) ? chunksOfOtlp(body) : chunksOfFile(body)
  const spanCount = chunks.reduce((count, chunk) => count + chunk.length, 0)
  if (chunks.length > maxTraces || spanCount > maxSpans) {
    const contents = `${chunks.length} traces with ${spanCount} spans`
    throw new Refusal(413, `there is no room for ${contents}: ${maxTraces} traces and ${maxSpans} spans are kept`)
  }
  return chunks
}

/** By what stands at its beginning, since that decides how it is read. */
function isOtlp(body: Buffer): boolean {
  return /^\s*\{\s*"resourceSpans"\s*:/.test(body.toString('latin1', 0, 200))
}

function chunksOfOtlp(body: Buffer): ReceivedSpan[][] {
  const file = parseExactJson(body, OTLP_JSON)
  const { chunks, rejected } = spansOfOtlp(isMap(file) ? file : {})
  if (rejected > 0) throw new Refusal(400, `${rejected} spans of this file have no valid id or time`)
  return chunks
}

function chunksOfFile(body: Buffer): ReceivedSpan[][] {
  const file = parseExactJson(body, FILE_FORM)
  if (!isMap(file) || file['format'] !== FILE_FORMAT) {
    throw new Refusal(400, `this is no file of traces: its format is not ${FILE_FORMAT}`)
  }
  if (file['version'] !== FILE_VERSION) throw new Refusal(400, `only version ${FILE_VERSION} of the format is known`)
  const { traces } = file
  if (!Array.isArray(traces) || !traces.every(Array.isArray)) {
    throw new Refusal(400, 'traces is not a list of lists of spans')
  }
  return traces.map((trace: unknown[], index) => trace.map((span, row) => spanOfFile(span, index, row)))
}

function spanForFile({ traceId, spanId, parentId, start, duration, ...fields }: ReceivedSpan): object {
  const ids = { trace_id: traceId, span_id: spanId, parent_id: parentId }
  return { ...ids, ...fields, start: String(start), duration: String(duration) }
}

function spanOfFile(raw: unknown, trace: number, row: number): ReceivedSpan {
  const span = spanFromMap(raw)
  if (span !== undefined) return span
  throw new Refusal(
    400,
    `span ${row + 1} of trace ${trace + 1} has no trace_id, span_id, start or duration that is one`,
  )
}
