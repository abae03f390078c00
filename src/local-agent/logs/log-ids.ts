// The ids that tie a log to its span, in all the forms in which loggers write them: decimal and of 64 bits as Datadog's tracers do, or hex digits and
// of 128 bits as OpenTelemetry's do.

const MAX_UINT64 = (1n << 64n) - 1n

/** In a text: `dd.trace_id=…`, `trace_id: …`, `"trace_id":"…"`. */
const TRACE_IN_TEXT = /\btrace_?id["']?\s?[=:]\s?["']?([0-9a-f]{32}|\d{1,20})(?![0-9a-z])/i
const SPAN_IN_TEXT = /\bspan_?id["']?\s?[=:]\s?["']?([0-9a-f]{16}|\d{1,20})(?![0-9a-z])/i

interface LogIds {
  readonly traceId?: string
  readonly spanId?: string
}

const NONE: LogIds = {}

/** Nothing where there is no valid trace id: a span id means nothing without. */
export function idsOf(trace: unknown, span: unknown): LogIds {
  const traceId = traceIdOf(trace)
  if (traceId === undefined) return NONE
  // Who writes the one in hex writes the other so; Datadog's tracers may write 128 bits in hex, and the span in decimal.
  const spanId = spanIdOf(span)
  return spanId === undefined ? { traceId } : { traceId, spanId }
}

export function idsInText(text: string): LogIds {
  const trace = TRACE_IN_TEXT.exec(text)?.[1]
  return trace === undefined ? NONE : idsOf(trace, SPAN_IN_TEXT.exec(text)?.[1])
}

/** 32 hex digits. */
function traceIdOf(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
  if (typeof text !== 'string') return undefined
  const hex = /^[0-9a-f]{32}$/i.test(text) ? text.toLowerCase() : decimal(text)?.toString(16).padStart(32, '0')
  return hex === undefined || /^0+$/.test(hex) ? undefined : hex
}

/**
 * Decimal. Sixteen digits are read as hex if one of them is a letter, or if they begin with a zero; without either it is one in 1,800 ids
 * of OpenTelemetry that is taken for a decimal one.
 */
function spanIdOf(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
  if (typeof text !== 'string') return undefined
  const isHex = /^[0-9a-f]{16}$/i.test(text) && (/[a-f]/i.test(text) || text.startsWith('0'))
  const id = isHex ? BigInt(`0x${text}`) : decimal(text)
  return id ? String(id) : undefined
}

function decimal(text: string): bigint | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined
  const number = BigInt(text)
  return number <= MAX_UINT64 ? number : undefined
}
