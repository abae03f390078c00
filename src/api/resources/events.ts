// Events of the event stream.
// Source: API reference, "Events" (v1).

import type { Answer } from '../api-caller'
import { type Id, named, type OneOrMore, seconds, segment, type Time, text } from '../call-checks'
import { get, post } from '../requests'
import { type ApiModes, items, member, Resource, type Result, uselessAnswer } from '../resource'

export type EventPriority = 'normal' | 'low'

/** Source: specification of the API, `EventAlertType`. */
export type EventAlertType = 'error' | 'warning' | 'info' | 'success' | 'user_update' | 'recommendation' | 'snapshot'

/** Others are sent as well, by the names of the API: `eventType` as `event_type`. */
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
    const event = { title: text('title', title), text: text('text', body), ...named(options) }
    return this.ask(post(ROOT, event), (made, answer) => idOf(member<Identified>('event')(made, answer), answer))
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
    const query = { start: seconds('start', start), end: seconds('end', end), ...named(options, known) }
    return this.ask(get(ROOT, query), (body, answer) =>
      items<ApiEvent>('events')(body, answer).map((event) => withExactId(event, answer)),
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
    return this.ask(get(`${ROOT}/${segment('id', id)}`), (body, answer) =>
      withExactId(member<ApiEvent>('event')(body, answer), answer),
    )
  }
}

export interface Identified {
  readonly id?: string | number
  readonly id_str?: string
  readonly url?: string
}

/** @throws ClientError where there is none */
export function idOf({ id, id_str: exact, url = '' }: Identified, answer: Answer): string {
  const found = exact ?? id ?? /[?&]id=(\d+)/.exec(url)?.[1]
  if (found !== undefined) return String(found)
  throw uselessAnswer(answer, 'an id')
}

function withExactId(event: ApiEvent, answer: Answer): ApiEvent {
  return { ...event, id: idOf(event as Identified, answer) }
}
