// From the logs of an OTLP body to the logs of the store.
// Source: OpenTelemetry's data model of logs.

import { wallMs } from '../../base/clock'
import type { NewLog } from '../logs/log'
import { idsOf } from '../logs/log-ids'
import { levelOfField, levelOfSeverity } from '../logs/log-level'
import { plainText } from '../logs/plain-text'
import { isMap } from '../wire-value'
import {
  type Attributes,
  attributesOf,
  attributeValue,
  enumeration,
  firstText,
  hexId,
  nanoseconds,
  sentOf,
  textOf,
} from './otlp-value'

/** By their numbers. */
const SEVERITIES = [
  'UNSPECIFIED',
  ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((level) =>
    ['', '2', '3', '4'].map((nth) => level + nth),
  ),
]

export function logsOfOtlp(body: Record<string, unknown>, now = wallMs): { logs: NewLog[]; rejected: number } {
  const logs: NewLog[] = []
  let rejected = 0
  for (const { resource, scope, items } of sentOf(body, 'resourceLogs', 'scopeLogs', 'logRecords')) {
    for (const record of items) {
      if (isMap(record)) logs.push(logOf(record, resource, scope, now))
      else rejected++
    }
  }
  return { logs, rejected }
}

function logOf(
  record: Record<string, unknown>,
  resource: Attributes,
  scope: Record<string, unknown>,
  now: () => number,
): NewLog {
  const time = nanoseconds(record['timeUnixNano']) || nanoseconds(record['observedTimeUnixNano'])
  const own = attributesOf(record['attributes'])
  const body = attributeValue(record['body'])
  const { severityText, eventName } = record
  const severity = enumeration(record['severityNumber'], 'SEVERITY_NUMBER_', SEVERITIES)
  const spanId = hexId(record['spanId'], 16)
  const event = typeof eventName === 'string' ? eventName : ''
  const attributes = new Map<string, unknown>(own)
  if (event !== '') attributes.set('event.name', event)
  if (typeof scope['name'] === 'string' && scope['name'] !== '') attributes.set('otel.scope.name', scope['name'])
  return {
    time: time === 0n ? now() : Number(time / 1000n) / 1000,
    stream: 'otlp',
    level: levelOfSeverity(severity) ?? levelOfField(severityText) ?? 'info',
    service: firstText(resource, 'service.name'),
    message: plainText(body === undefined ? firstText(own, 'exception.message') || event : textOf(body)),
    ...idsOf(hexId(record['traceId'], 32), spanId === '' ? undefined : BigInt(`0x${spanId}`)),
    attributes: Object.fromEntries(attributes),
  }
}
