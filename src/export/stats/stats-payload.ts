// Writes buckets as the body of `PUT /v0.6/stats`.
//
// Resources go as they are: the Agent obfuscates them as it does those of traces, so that both have the same name. Doing it here
// (`Datadog-Obfuscation-Version`) would need the Agent's own SQL tokenizer, rule for rule.
// Source: datadog-agent, pkg/proto/datadog/trace/stats.proto, and its v0.6 receiver, which goes by the names of the fields.

import { encoded } from '../known-field'
import { MsgpackWriter } from '../msgpack-writer'
import type { ProcessTags } from '../process-tags'
import { BUCKET_US } from './concentrator'
import type { StatsBucket } from './stats-bucket'
import type { StatsRow } from './stats-row'

export const STATS_PATH = '/v0.6/stats'

const INITIAL_BYTES = 16 * 1024

export interface StatsSource extends ProcessTags {
  readonly tracerVersion: string
}

const KEYS = {
  service: encoded('Service'),
  name: encoded('Name'),
  resource: encoded('Resource'),
  httpStatus: encoded('HTTPStatusCode'),
  type: encoded('Type'),
  dbType: encoded('DBType'),
  hits: encoded('Hits'),
  errors: encoded('Errors'),
  duration: encoded('Duration'),
  ok: encoded('OkSummary'),
  failed: encoded('ErrorSummary'),
  synthetics: encoded('Synthetics'),
  topLevelHits: encoded('TopLevelHits'),
  spanKind: encoded('SpanKind'),
  peerTags: encoded('PeerTags'),
  root: encoded('IsTraceRoot'),
  grpcStatus: encoded('GRPCStatusCode'),
  httpMethod: encoded('HTTPMethod'),
  httpEndpoint: encoded('HTTPEndpoint'),
  source: encoded('srv_src'),
}

/** @param sequence rises by one with each payload of the process */
export function encodeStats(source: StatsSource, buckets: readonly StatsBucket[], sequence: number): Buffer {
  const writer = new MsgpackWriter(INITIAL_BYTES)
  const texts = {
    Hostname: source.hostname ?? '',
    // The Agent puts its own where there is none.
    Env: source.env ?? '',
    Version: source.version ?? '',
    Lang: 'javascript',
    TracerVersion: source.tracerVersion,
    RuntimeID: source.runtimeId(),
    Service: source.service,
    ProcessTags: source.processDescription ?? '',
  }
  writer.map(Object.keys(texts).length + 2)
  for (const [key, text] of Object.entries(texts)) {
    writer.string(key)
    writer.string(text)
  }
  writer.string('Sequence')
  writer.number(sequence)
  writer.string('Stats')
  writer.array(buckets.length)
  for (const { startUs, rows } of buckets) {
    writer.map(3)
    writer.string('Start')
    writer.microsAsNanos(startUs)
    writer.string('Duration')
    writer.microsAsNanos(BUCKET_US)
    writer.string('Stats')
    writer.array32(rows.length)
    for (const row of rows) writeRow(writer, row)
  }
  return writer.buffer.subarray(0, writer.length)
}

function writeRow(writer: MsgpackWriter, row: StatsRow): void {
  const { dimensions } = row
  writer.map(Object.keys(KEYS).length)
  const text = (key: Uint8Array, value: string) => {
    writer.raw(key)
    writer.string(value)
  }
  const number = (key: Uint8Array, value: number) => {
    writer.raw(key)
    writer.number(value)
  }
  text(KEYS.service, dimensions.service)
  text(KEYS.name, dimensions.name)
  text(KEYS.resource, dimensions.resource)
  number(KEYS.httpStatus, dimensions.httpStatus)
  text(KEYS.type, dimensions.type)
  text(KEYS.dbType, dimensions.dbType)
  number(KEYS.hits, row.hits)
  number(KEYS.errors, row.errors)
  writer.raw(KEYS.duration)
  writer.microsAsNanos(row.durationUs)
  writer.raw(KEYS.ok)
  writer.binary(row.ok.encode())
  writer.raw(KEYS.failed)
  writer.binary(row.failed.encode())
  writer.raw(KEYS.synthetics)
  writer.bool(dimensions.isSynthetic)
  number(KEYS.topLevelHits, row.topLevelHits)
  text(KEYS.spanKind, dimensions.spanKind)
  writer.raw(KEYS.peerTags)
  writer.array(dimensions.peerTags.length)
  for (const tag of dimensions.peerTags) writer.string(tag)
  number(KEYS.root, dimensions.root)
  text(KEYS.grpcStatus, dimensions.grpcStatus)
  text(KEYS.httpMethod, dimensions.httpMethod)
  text(KEYS.httpEndpoint, dimensions.httpEndpoint)
  text(KEYS.source, dimensions.serviceSource)
}
