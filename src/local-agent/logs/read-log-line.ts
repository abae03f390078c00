// What a line of a program says: of JSON the fields that all loggers have under one name or another, of a text what can be recognised in it.

import { type JsonForm, parseExactJson } from '../parse-exact-json'
import { isMap } from '../wire-value'
import type { LogStream, NewLog } from './log'
import { idsInText, idsOf } from './log-ids'
import { levelOfField, levelOfText } from './log-level'
import { plainText } from './plain-text'

interface WrittenLine {
  readonly stream: LogStream
  readonly service: string
  readonly text: string
  /** When it came, milliseconds since the Unix epoch. */
  readonly receivedAt: number
}

const FORM: JsonForm = {
  maxDepth: 16,
  maxValues: 10_000,
  longIntegers: /("(?:dd\.)?(?:trace_id|span_id|traceId|spanId)"\s*:\s*)(-?\d{16,20})(?=\s*[,}])/g,
}

/** The first that is there. What is used is no attribute any more, except the ids. */
const MESSAGE = ['msg', 'message', 'text', 'event']
const LEVEL = ['level', 'severity', 'levelname', 'lvl', 'status', 'log.level']
const TIME = ['time', 'timestamp', '@timestamp', 'ts', 'date']
const SERVICE = ['service', 'dd.service', 'service.name']
const TRACE = ['dd.trace_id', 'trace_id', 'traceId', 'otelTraceID']
const SPAN = ['dd.span_id', 'span_id', 'spanId', 'otelSpanID']

/** A clock of a program that differs more is not set, or the time is that of something else. */
const MAX_CLOCK_SKEW_MS = 24 * 3600 * 1000

/** Seconds since 1970 as a number are below, milliseconds above. */
const MAX_SECONDS = 1e11

export function readLogLine(line: WrittenLine): NewLog {
  const { stream, service, text, receivedAt } = line
  const fields = jsonOf(text)
  if (fields !== undefined) return ofFields(line, fields)
  const message = plainText(text)
  return {
    time: receivedAt,
    stream,
    level: levelOfText(message, stream),
    service,
    message,
    ...idsInText(message),
    attributes: {},
  }
}

function ofFields({ stream, service, text, receivedAt }: WrittenLine, fields: Record<string, unknown>): NewLog {
  const { dd } = fields
  const ofDatadog = isMap(dd) ? dd : {}
  const attributes = { ...fields }
  const take = <T>(keys: readonly string[], read: (value: unknown) => T | undefined): T | undefined => {
    for (const key of keys) {
      const value = Object.hasOwn(fields, key) ? read(fields[key]) : undefined
      if (value === undefined) continue
      delete attributes[key]
      return value
    }
    return undefined
  }
  const first = (keys: readonly string[]) => fields[keys.find((key) => Object.hasOwn(fields, key)) ?? '']
  const message = take(MESSAGE, textOf)
  return {
    time: take(TIME, (value) => timeOf(value, receivedAt)) ?? receivedAt,
    stream,
    level: take(LEVEL, levelOfField) ?? (stream === 'stderr' ? 'error' : 'info'),
    service: take(SERVICE, textOf) ?? textOf(ofDatadog['service']) ?? service,
    message: plainText(message ?? text),
    ...idsOf(ofDatadog['trace_id'] ?? first(TRACE), ofDatadog['span_id'] ?? first(SPAN)),
    attributes,
  }
}

function jsonOf(text: string): Record<string, unknown> | undefined {
  const trimmed = text.trim()
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return undefined
  try {
    const parsed = parseExactJson(Buffer.from(trimmed), FORM)
    return isMap(parsed) ? parsed : undefined
  } catch {
    // Looks like JSON, but is a text.
    return undefined
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function timeOf(value: unknown, receivedAt: number): number | undefined {
  const time =
    typeof value === 'number' ? (value < MAX_SECONDS ? value * 1000 : value) : Date.parse(textOf(value) ?? '')
  return Math.abs(time - receivedAt) <= MAX_CLOCK_SKEW_MS ? time : undefined
}
