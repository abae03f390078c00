// Events of the event stream.
// Source: API reference, "Events" (v1).

import {
  checked,
  commaList,
  type Id,
  list,
  maybeSeconds,
  type OneOrMore,
  object,
  seconds,
  segment,
  type Time,
  text,
  wholeId,
} from '../call-checks'
import { ClientError } from '../errors'
import { type ApiModes, member, Resource, type Result } from '../resource'

export type EventPriority = 'normal' | 'low'

/** Source: specification of the API, `EventAlertType`. */
export type EventAlertType = 'error' | 'warning' | 'info' | 'success' | 'user_update' | 'recommendation' | 'snapshot'

/** Options that are not named here are sent as they are. */
export interface EventOptions {
  /** Seconds since the epoch, or a Date: 18 hours back at most. Default: now. */
  readonly dateHappened?: Time | undefined
  readonly handle?: string | undefined
  /** Default: `normal`. */
  readonly priority?: EventPriority | undefined
  /** The id of the event that this one belongs to. */
  readonly relatedEventId?: Id | undefined
  readonly tags?: OneOrMore | undefined
  readonly host?: string | undefined
  readonly deviceName?: string | undefined
  /** Events with the same one are shown as one; at most 100 characters. */
  readonly aggregationKey?: string | undefined
  readonly sourceTypeName?: string | undefined
  /** Default: `info`. */
  readonly alertType?: EventAlertType | undefined
  readonly [member: string]: unknown
}

export interface StreamOptions {
  readonly priority?: EventPriority | undefined
  readonly sources?: OneOrMore | undefined
  readonly tags?: OneOrMore | undefined
  /** Each event by itself, and not those of an aggregation key as one. */
  readonly unaggregated?: boolean | undefined
  readonly excludeAggregate?: boolean | undefined
  /** From 0; only together with one of the last two. */
  readonly page?: number | undefined
}

/** As Datadog has it. */
export interface ApiEvent {
  /** All of its digits: more than a number holds. */
  readonly id: string
  readonly title: string
  readonly text: string
  readonly date_happened: number
  readonly tags: readonly string[] | null
  readonly url: string
  readonly priority: string | null
  readonly host: string | null
  readonly [member: string]: unknown
}

const ROOT = '/api/v1/events'

export class Events<M extends ApiModes> extends Resource<M> {
  /**
   * Puts an event on the stream. It can be read some ten seconds later.
   *
   * Endpoint: `POST /api/v1/events`, with the API key.
   * @example const id = await api.event('Deployed', 'Version 1.2.3 is out', { tags: ['env:prod'], alertType: 'success' })
   * @param body of the event, of at most 4000 characters; Markdown between lines of `%%%`
   * @returns its id
   */
  async event(title: string, body: string, options: EventOptions = {}): Promise<Result<string, M>> {
    const { dateHappened, relatedEventId, tags, deviceName, aggregationKey, sourceTypeName, alertType, ...rest } =
      object('options', options)
    const event = {
      title: text('title', title),
      text: text('text', body),
      date_happened: maybeSeconds('dateHappened', dateHappened),
      related_event_id: relatedEventId === undefined ? undefined : wholeId('relatedEventId', relatedEventId),
      tags: tags === undefined ? undefined : list('tags', tags),
      device_name: deviceName,
      aggregation_key: aggregationKey,
      source_type_name: sourceTypeName,
      alert_type: alertType,
      ...rest,
    }
    return this.ask('event', { verb: 'POST', path: ROOT, body: event }, (answer, call) =>
      idOf(member<Identified>('event')(answer, call)),
    )
  }

  /**
   * Reads the stream: the newest 1000 events of a time at most. To go on, let `end` be the time of the last one.
   *
   * Endpoint: `GET /api/v1/events`, with API key and application key, permission `events_read`.
   * @example const events = await api.stream(new Date('2030-01-01'), new Date('2030-01-02'), { tags: 'env:prod' })
   * @param start seconds since the epoch, or a Date
   * @param end the same
   */
  async stream(start: Time, end: Time, options: StreamOptions = {}): Promise<Result<ApiEvent[], M>> {
    const known = ['priority', 'sources', 'tags', 'unaggregated', 'excludeAggregate', 'page'] as const
    const { priority, sources, tags, unaggregated, excludeAggregate, page } = checked(options, known)
    const query = {
      start: seconds('start', start),
      end: seconds('end', end),
      priority,
      sources: commaList('sources', sources),
      tags: commaList('tags', tags),
      unaggregated,
      exclude_aggregate: excludeAggregate,
      page,
    }
    return this.ask('stream', { verb: 'GET', path: ROOT, query }, (body, call) =>
      member<ApiEvent[]>('events')(body, call).map(withExactId),
    )
  }

  /**
   * Gives an event.
   *
   * Endpoint: `GET /api/v1/events/{id}`, with API key and application key, permission `events_read`.
   * @example const { title } = await api.getEvent('6327818702635911562')
   * @param id as text, so that no digit is lost
   */
  async getEvent(id: Id): Promise<Result<ApiEvent, M>> {
    return this.ask('getEvent', { verb: 'GET', path: `${ROOT}/${segment('id', id)}` }, (body, call) =>
      withExactId(member<ApiEvent>('event')(body, call)),
    )
  }
}

export interface Identified {
  readonly id?: string | number
  readonly id_str?: string
  readonly url?: string
}

/** @throws ClientError where there is none */
export function idOf({ id, id_str: exact, url = '' }: Identified): string {
  const found = exact ?? id ?? /[?&]id=(\d+)/.exec(url)?.[1]
  if (found !== undefined) return String(found)
  throw new ClientError('a success came without the id of what was made', 'invalid_response', { status: 200 })
}

function withExactId(event: ApiEvent): ApiEvent {
  return { ...event, id: idOf(event as Identified) }
}
