// What clients and servers of gRPC have in common: options, the tags of a method, statuses.

import type { PluginOptions, Span } from '../../src/plugin'

/** Inclusive ranges of status codes. */
type CodeRanges = readonly (readonly [from: number, to: number])[]

interface SideOptions {
  readonly service?: string
  /** The status codes that are errors. Default: 1 to 16 for clients, 2 to 16 for servers, who are not to blame for a cancel. */
  readonly errorStatuses?: CodeRanges
  /** The keys of metadata that go into tags. Default: none, they may hold secrets. */
  readonly metadata?: readonly string[]
}

export interface GrpcOptions extends PluginOptions {
  /** False: no spans for calls that go out. */
  readonly client?: false | SideOptions
  /** False: no spans for calls that come in. */
  readonly server?: false | SideOptions
}

/** An instance of grpc-js's Metadata. */
export interface Metadata {
  clone(): Metadata
  get(key: string): readonly (string | Buffer)[]
  getMap(): Record<string, string | Buffer>
  set(key: string, value: string): void
}

export const OK = 0
export const CANCELLED = 1
export const UNKNOWN = 2

/** `/package.Service/Method`. */
export function methodTags(path: string, kind: string): Record<string, string> {
  const [, service = '', name = ''] = path.split('/')
  const dot = service.lastIndexOf('.')
  const short = service.slice(dot + 1)
  return {
    'grpc.method.path': path,
    'grpc.method.name': name,
    'grpc.method.service': short,
    'grpc.method.package': dot === -1 ? '' : service.slice(0, dot),
    'grpc.method.kind': kind,
    'rpc.service': short,
  }
}

/** Marks the span as failed or not, whatever was thought before: only some codes are errors. */
export function noteStatus(span: Span, code: number, details: unknown, ranges: CodeRanges): void {
  span.put('grpc.status.code', code)
  const isError = ranges.some(([from, to]) => code >= from && code <= to)
  if (!isError) span.error = 0
  else if (span.error === 0) span.setError({ name: 'Error', message: `${code}: ${String(details ?? '')}` })
}

export function noteMetadata(span: Span, direction: string, metadata: unknown, keys: readonly string[] = []): void {
  for (const key of keys) {
    const values = (metadata as Metadata | undefined)?.get(key).filter((value) => typeof value === 'string')
    if (values !== undefined && values.length > 0) span.put(`grpc.${direction}.metadata.${key}`, values.join(','))
  }
}
