// The status of a gRPC call as the number by which it is counted, whatever way it was written down.
// Source: datadog-agent, pkg/trace/stats/aggregation.go; the numbers: gRPC, "Status codes and their use".

const NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]

/** By name without its underscores, so that `NotFound` and `NOT_FOUND` are one. */
const NUMBERS = new Map(NAMES.map((name, number) => [name.replaceAll('_', ''), String(number)]))
NUMBERS.set('CANCELED', '1')

/** A number as text; empty for what is no status. */
export function grpcStatusNumber(value: string | number): string {
  const text = String(value)
  if (/^\d{1,10}$/.test(text)) return String(Number(text))
  return (
    NUMBERS.get(
      text
        .replace(/^StatusCode\./, '')
        .replaceAll('_', '')
        .toUpperCase(),
    ) ?? ''
  )
}
