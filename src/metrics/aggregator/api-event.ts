// Events and service checks as Datadog's API takes them.
// Sources: API reference, "Post an event" (v1) and "Submit a service check" (v1).

import type { EventOptions } from '../dogstatsd/event-line'
import { type ServiceCheckOptions, type ServiceStatus, statusNumber } from '../dogstatsd/service-check-line'
import { checkGiven } from '../option-checks'
import { TagSet } from '../tag-set'
import { secondsOf } from '../timestamp'

const MAX_TEXT_LENGTH = 4000
const MAX_KEY_LENGTH = 100

/** As those of `DogStatsd`, and what only the API takes. Times are now by default, hosts those of the aggregator. */
export interface ApiEventOptions extends Omit<EventOptions, 'alertType' | 'cardinality'> {
  /** Default: `info`. */
  readonly alertType?:
    | 'error'
    | 'warning'
    | 'info'
    | 'success'
    | 'user_update'
    | 'recommendation'
    | 'snapshot'
    | undefined
  readonly deviceName?: string | undefined
  /** The id of the event that this one belongs to. */
  readonly relatedEventId?: number | undefined
}

export type ApiCheckOptions = Omit<ServiceCheckOptions, 'cardinality'>

/** What an event or a check has if its options do not say otherwise. */
export interface EventDefaults {
  readonly host: string
  readonly tags: TagSet
  readonly nowMs: number
}

/** @throws TypeError without a title */
export function eventItem(
  title: string,
  text: string | undefined,
  options: ApiEventOptions,
  defaults: EventDefaults,
): object {
  checkGiven('title', 'an event', title)
  const { hostname = defaults.host, timestamp, aggregationKey, sourceType, deviceName, relatedEventId } = options
  const tags = TagSet.of(options.tags).over(defaults.tags)
  return defined({
    title,
    text: String(text ?? title).slice(0, MAX_TEXT_LENGTH),
    // It may wait for the next flush, or for Datadog.
    date_happened: seconds(timestamp, defaults),
    alert_type: options.alertType,
    priority: options.priority,
    aggregation_key: aggregationKey?.slice(0, MAX_KEY_LENGTH),
    source_type_name: sourceType,
    related_event_id: relatedEventId,
    device_name: deviceName,
    host: hostname || undefined,
    tags: tags.list.length > 0 ? tags.list : undefined,
  })
}

/** @throws TypeError without a name, or for a status that there is not */
export function checkItem(
  check: string,
  status: ServiceStatus,
  options: ApiCheckOptions,
  defaults: EventDefaults,
): object {
  checkGiven('name', 'a service check', check)
  return defined({
    check,
    status: statusNumber(status),
    host_name: options.hostname ?? defaults.host,
    timestamp: seconds(options.timestamp, defaults),
    message: options.message,
    tags: TagSet.of(options.tags).over(defaults.tags).list,
  })
}

function seconds(time: number | Date | undefined, { nowMs }: EventDefaults): number {
  return (time === undefined ? undefined : secondsOf(time)) ?? Math.floor(nowMs / 1000)
}

function defined(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
