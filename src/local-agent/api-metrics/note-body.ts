// Events and service checks as Datadog's API takes them.
// Source: Datadog's API reference, "Post an event" (v1) and "Submit a Service Check".

import type { EventLine, ServiceCheckLine } from '../dogstatsd/line'
import { Refusal } from '../refusal'
import { finiteNumber, map, optionalTags, optionalText, requiredText, unexpected } from './body-value'

const MAX_EVENT_AGE_S = 18 * 3600
const MAX_EVENT_TEXT = 4000

export function eventOf(body: unknown, nowS: number): Omit<EventLine, 'kind'> {
  const event = map(body, 'the body')
  const text = optionalText(event['text'], 'text') ?? ''
  const timestamp = optionalSeconds(event['date_happened'], 'date_happened')
  if (timestamp !== undefined && timestamp < nowS - MAX_EVENT_AGE_S) throw new Refusal(400, 'Event too far in the past')
  return {
    title: requiredText(event['title'], 'title'),
    text: text.slice(0, MAX_EVENT_TEXT),
    timestamp,
    hostname: optionalText(event['host'], 'host'),
    aggregationKey: optionalText(event['aggregation_key'], 'aggregation_key'),
    priority: optionalText(event['priority'], 'priority') ?? 'normal',
    sourceType: optionalText(event['source_type_name'], 'source_type_name'),
    alertType: optionalText(event['alert_type'], 'alert_type') ?? 'info',
    tags: optionalTags(event['tags'], 'tags'),
    ignored: [],
  }
}

/** One, or a list of them. */
export function checksOf(body: unknown): Omit<ServiceCheckLine, 'kind'>[] {
  return (Array.isArray(body) ? body : [body]).map((each: unknown, at) => {
    const place = Array.isArray(body) ? `[${at}]` : 'the body'
    const check = map(each, place)
    const status = finiteNumber(check['status'], `${place}.status`)
    if (![0, 1, 2, 3].includes(status)) {
      throw unexpected(`${place}.status`, '0 (ok), 1 (warning), 2 (critical) or 3 (unknown)')
    }
    return {
      name: requiredText(check['check'], `${place}.check`),
      status,
      timestamp: optionalSeconds(check['timestamp'], `${place}.timestamp`),
      hostname: optionalText(check['host_name'], `${place}.host_name`),
      tags: optionalTags(check['tags'], `${place}.tags`),
      message: optionalText(check['message'], `${place}.message`),
      ignored: [],
    }
  })
}

function optionalSeconds(value: unknown, place: string): number | undefined {
  return value === undefined || value === null ? undefined : finiteNumber(value, place)
}
