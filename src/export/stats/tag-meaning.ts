// What a tag says about how its span is counted.
// Source: datadog-agent, pkg/trace/stats/span_concentrator.go; the tags' names in pkg/trace/semantics.

import {
  DB_TYPE,
  HTTP_ENDPOINT,
  HTTP_METHOD,
  HTTP_ROUTE,
  HTTP_STATUS_CODE,
  MEASURED,
  SERVICE_SOURCE,
  SPAN_KIND,
} from '../../base/tags'

const PARTIAL_VERSION = '_dd.partial_version'

export type Meaning =
  | 'measured'
  | 'partial'
  | 'kind'
  | 'httpStatus'
  | 'httpMethod'
  | 'route'
  | 'endpoint'
  | 'source'
  | 'grpcStatus'
  | 'dbType'

const MEANINGS = new Map<string, Meaning>([
  [MEASURED, 'measured'],
  [PARTIAL_VERSION, 'partial'],
  [SPAN_KIND, 'kind'],
  [HTTP_STATUS_CODE, 'httpStatus'],
  ['http.response.status_code', 'httpStatus'],
  [HTTP_METHOD, 'httpMethod'],
  [HTTP_ROUTE, 'route'],
  [HTTP_ENDPOINT, 'endpoint'],
  [SERVICE_SOURCE, 'source'],
  ['rpc.grpc.status_code', 'grpcStatus'],
  ['grpc.code', 'grpcStatus'],
  ['rpc.grpc.status.code', 'grpcStatus'],
  ['grpc.status.code', 'grpcStatus'],
  [DB_TYPE, 'dbType'],
])

/** Undefined for the great most. */
export function meaningOf(key: string): Meaning | undefined {
  return MEANINGS.get(key)
}
