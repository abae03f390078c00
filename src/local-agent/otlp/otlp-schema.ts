// The messages of OTLP: which field has which number, and what it is. Only fields that are read are here; others are stepped over.
//
// The names are those of OTLP's JSON form, so that what is decoded from either form looks the same.
// Source: opentelemetry-proto 1.x, opentelemetry/proto/{common,resource,trace,metrics,logs}/v1/*.proto and collector/*/v1/*_service.proto.

/** How a value is written. `id` is bytes that JSON has as hex digits, `bytes` those that it has as base64. */
export type ScalarKind =
  | 'string'
  | 'bool'
  | 'id'
  | 'bytes'
  | 'uint32'
  | 'int32'
  | 'sint32'
  | 'fixed32'
  | 'int64'
  | 'uint64'
  | 'fixed64'
  | 'sfixed64'
  | 'double'

export interface Field {
  readonly name: string
  /** A function where it is a message, because messages refer to each other. */
  readonly kind: ScalarKind | (() => Message)
  readonly isRepeated: boolean
}

/** Fields by their numbers. */
export type Message = ReadonlyMap<number, Field>

type Row = readonly [number: number, name: string, kind: Field['kind'], repeated?: 'repeated']

function message(...rows: Row[]): Message {
  return new Map(
    rows.map(([number, name, kind, repeated]) => [number, { name, kind, isRepeated: repeated !== undefined }]),
  )
}

const KEY_VALUE: Message = message([1, 'key', 'string'], [2, 'value', () => ANY_VALUE])
const VALUE_LIST: Message = message([1, 'values', () => ANY_VALUE, 'repeated'])
const KEY_VALUE_LIST: Message = message([1, 'values', () => KEY_VALUE, 'repeated'])
const ANY_VALUE: Message = message(
  [1, 'stringValue', 'string'],
  [2, 'boolValue', 'bool'],
  [3, 'intValue', 'int64'],
  [4, 'doubleValue', 'double'],
  [5, 'arrayValue', () => VALUE_LIST],
  [6, 'kvlistValue', () => KEY_VALUE_LIST],
  [7, 'bytesValue', 'bytes'],
)
const keyValue = () => KEY_VALUE

const RESOURCE = message([1, 'attributes', keyValue, 'repeated'])
const SCOPE = message([1, 'name', 'string'], [2, 'version', 'string'], [3, 'attributes', keyValue, 'repeated'])

/** The three signals have the same outer messages: all of a resource, and in it all of a scope. */
function request(resources: string, scopes: string, items: string, item: Message): Message {
  const ofScope = message([1, 'scope', () => SCOPE], [2, items, () => item, 'repeated'])
  const ofResource = message([1, 'resource', () => RESOURCE], [2, scopes, () => ofScope, 'repeated'])
  return message([1, resources, () => ofResource, 'repeated'])
}

const EVENT = message(
  [1, 'timeUnixNano', 'fixed64'],
  [2, 'name', 'string'],
  [3, 'attributes', keyValue, 'repeated'],
  [4, 'droppedAttributesCount', 'uint32'],
)
const LINK = message(
  [1, 'traceId', 'id'],
  [2, 'spanId', 'id'],
  [3, 'traceState', 'string'],
  [4, 'attributes', keyValue, 'repeated'],
  [5, 'droppedAttributesCount', 'uint32'],
  [6, 'flags', 'fixed32'],
)
const STATUS = message([2, 'message', 'string'], [3, 'code', 'int32'])
const SPAN = message(
  [1, 'traceId', 'id'],
  [2, 'spanId', 'id'],
  [3, 'traceState', 'string'],
  [4, 'parentSpanId', 'id'],
  [5, 'name', 'string'],
  [6, 'kind', 'int32'],
  [7, 'startTimeUnixNano', 'fixed64'],
  [8, 'endTimeUnixNano', 'fixed64'],
  [9, 'attributes', keyValue, 'repeated'],
  [11, 'events', () => EVENT, 'repeated'],
  [13, 'links', () => LINK, 'repeated'],
  [15, 'status', () => STATUS],
)

export const TRACES_REQUEST = request('resourceSpans', 'scopeSpans', 'spans', SPAN)

const NUMBER_POINT = message(
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'asDouble', 'double'],
  [6, 'asInt', 'sfixed64'],
  [7, 'attributes', keyValue, 'repeated'],
  [8, 'flags', 'uint32'],
)
const HISTOGRAM_POINT = message(
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'count', 'fixed64'],
  [5, 'sum', 'double'],
  [6, 'bucketCounts', 'fixed64', 'repeated'],
  [7, 'explicitBounds', 'double', 'repeated'],
  [9, 'attributes', keyValue, 'repeated'],
  [10, 'flags', 'uint32'],
  [11, 'min', 'double'],
  [12, 'max', 'double'],
)
const BUCKETS = message([1, 'offset', 'sint32'], [2, 'bucketCounts', 'uint64', 'repeated'])
const EXPONENTIAL_POINT = message(
  [1, 'attributes', keyValue, 'repeated'],
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'count', 'fixed64'],
  [5, 'sum', 'double'],
  [6, 'scale', 'sint32'],
  [7, 'zeroCount', 'fixed64'],
  [8, 'positive', () => BUCKETS],
  [9, 'negative', () => BUCKETS],
  [10, 'flags', 'uint32'],
  [12, 'min', 'double'],
  [13, 'max', 'double'],
)
const QUANTILE = message([1, 'quantile', 'double'], [2, 'value', 'double'])
const SUMMARY_POINT = message(
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'count', 'fixed64'],
  [5, 'sum', 'double'],
  [6, 'quantileValues', () => QUANTILE, 'repeated'],
  [7, 'attributes', keyValue, 'repeated'],
  [8, 'flags', 'uint32'],
)

const TEMPORALITY: Row = [2, 'aggregationTemporality', 'int32']

function points(point: Message, ...more: Row[]): () => Message {
  const data = message([1, 'dataPoints', () => point, 'repeated'], ...more)
  return () => data
}

const METRIC = message(
  [1, 'name', 'string'],
  [2, 'description', 'string'],
  [3, 'unit', 'string'],
  [5, 'gauge', points(NUMBER_POINT)],
  [7, 'sum', points(NUMBER_POINT, TEMPORALITY, [3, 'isMonotonic', 'bool'])],
  [9, 'histogram', points(HISTOGRAM_POINT, TEMPORALITY)],
  [10, 'exponentialHistogram', points(EXPONENTIAL_POINT, TEMPORALITY)],
  [11, 'summary', points(SUMMARY_POINT)],
)

export const METRICS_REQUEST = request('resourceMetrics', 'scopeMetrics', 'metrics', METRIC)

const LOG_RECORD = message(
  [1, 'timeUnixNano', 'fixed64'],
  [2, 'severityNumber', 'int32'],
  [3, 'severityText', 'string'],
  [5, 'body', () => ANY_VALUE],
  [6, 'attributes', keyValue, 'repeated'],
  [9, 'traceId', 'id'],
  [10, 'spanId', 'id'],
  [11, 'observedTimeUnixNano', 'fixed64'],
  [12, 'eventName', 'string'],
)

export const LOGS_REQUEST = request('resourceLogs', 'scopeLogs', 'logRecords', LOG_RECORD)
