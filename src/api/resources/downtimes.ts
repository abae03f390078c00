// Downtimes: times in which monitors notify nobody. They are made by version 2 of the API, whose ids are UUIDs; one whose id is a number is of
// version 1, and goes there.
// Source: API reference, "Downtimes" (v2 and v1).

import {
  checked,
  type Id,
  isNumeric,
  list,
  maybeSeconds,
  named,
  type OneOrMore,
  segment,
  type Time,
} from '../call-checks'
import { get, post, put, remove } from '../requests'
import { type ApiModes, member, Resource, type Result, type Take } from '../resource'
import { allPages } from './pages'

export interface DowntimeOptions {
  /** Seconds since the epoch, or a Date. Default: now. */
  readonly start?: Time | undefined
  /** Default: when it is cancelled. */
  readonly end?: Time | undefined
  /** What those who are notified of it read. */
  readonly message?: string | undefined
}

export interface ScheduleDowntimeOptions extends DowntimeOptions {
  /** Of one monitor only. */
  readonly monitorId?: number | undefined
  /** Of the monitors with these tags only. Default: of all. */
  readonly monitorTags?: OneOrMore | undefined
}

export interface UpdateDowntimeOptions extends DowntimeOptions {
  readonly scope?: OneOrMore | undefined
}

/** As version 2 of the API has it; that of version 1 has its members without `attributes`. */
export interface Downtime {
  readonly id: string | number
  readonly attributes?: {
    readonly scope: string
    readonly status: string
    readonly message: string | null
    readonly schedule: Readonly<Record<string, unknown>> | null
    readonly monitor_identifier: Readonly<Record<string, unknown>>
    readonly [member: string]: unknown
  }
  readonly [member: string]: unknown
}

const ROOT = '/api/v2/downtime'

export class Downtimes<M extends ApiModes> extends Resource<M> {
  /**
   * Plans a downtime.
   *
   * Endpoint: `POST /api/v2/downtime`, with API key and application key, permission `monitors_downtime`.
   * @example const id = await api.scheduleDowntime('env:staging', { end: new Date('2030-01-01'), message: 'Moving house' })
   * @param scope what it is about, `key:value` or `*`; of several all must hold
   * @returns its id, a UUID
   */
  async scheduleDowntime(scope: OneOrMore, options: ScheduleDowntimeOptions = {}): Promise<Result<string, M>> {
    const known = ['start', 'end', 'message', 'monitorId', 'monitorTags'] as const
    const { monitorId, monitorTags = '*', ...rest } = checked(options, known)
    const attributes = {
      scope: scopeOf(scope),
      monitor_identifier:
        monitorId === undefined ? { monitor_tags: list('monitorTags', monitorTags) } : { monitor_id: monitorId },
      ...attributesOf(rest),
    }
    const body = { data: { type: 'downtime', attributes } }
    return this.ask(post(ROOT, body), idOfData)
  }

  /**
   * Changes a downtime. What is left out stays.
   *
   * Endpoint: `PATCH /api/v2/downtime/{downtimeId}`, or `PUT /api/v1/downtime/{downtimeId}` for a number, with API key and application key,
   * permission `monitors_downtime`.
   * @example await api.updateDowntime('83718756-0187-11ee-8c18-da7ad0900002', { message: 'Nearly there' })
   * @returns its id
   */
  async updateDowntime(downtimeId: Id, options: UpdateDowntimeOptions = {}): Promise<Result<string | number, M>> {
    const { scope, ...rest } = checked(options, ['scope', 'start', 'end', 'message'])
    const path = pathOf(downtimeId)
    if (isNumeric(downtimeId)) {
      return this.ask(put(path, named(options)), member('id'))
    }
    const attributes = { scope: scope === undefined ? undefined : scopeOf(scope), ...attributesOf(rest) }
    const body = { data: { type: 'downtime', id: downtimeId, attributes } }
    return this.ask<string | number>({ verb: 'PATCH', path, body }, idOfData)
  }

  /**
   * Gives a downtime.
   *
   * Endpoint: `GET /api/v2/downtime/{downtimeId}`, or `GET /api/v1/downtime/{downtimeId}` for a number, with API key and application key,
   * permission `monitors_read`.
   * @example const { attributes } = await api.getDowntime('83718756-0187-11ee-8c18-da7ad0900002')
   */
  async getDowntime(downtimeId: Id): Promise<Result<Downtime, M>> {
    const call = get(pathOf(downtimeId))
    return isNumeric(downtimeId) ? this.ask(call) : this.ask(call, member('data'))
  }

  /**
   * Ends a downtime, or takes it from the plan.
   *
   * Endpoint: `DELETE /api/v2/downtime/{downtimeId}`, or `DELETE /api/v1/downtime/{downtimeId}` for a number, with API key and application
   * key, permission `monitors_downtime`.
   * @example await api.cancelDowntime('83718756-0187-11ee-8c18-da7ad0900002')
   */
  async cancelDowntime(downtimeId: Id): Promise<Result<null, M>> {
    return this.ask(remove(pathOf(downtimeId)))
  }

  /**
   * Lists the downtimes, by as many requests as they have pages.
   *
   * Endpoint: `GET /api/v2/downtime`, with API key and application key, permission `monitors_read`.
   * @example const now = await api.getAllDowntimes({ currentOnly: true })
   * @param options.currentOnly only those that hold at the moment; default: false
   */
  async getAllDowntimes(options: { readonly currentOnly?: boolean | undefined } = {}): Promise<Result<Downtime[], M>> {
    const { currentOnly } = checked(options, ['currentOnly'])
    const callAt = (offset: number) =>
      get(ROOT, { current_only: currentOnly || undefined, 'page[offset]': offset || undefined })
    const isLast = (_length: number, read: number, body: unknown) =>
      read >= ((body as DowntimePage).meta?.page?.total_filtered_count ?? 0)
    return this.run(async (send, isWhole) => {
      const { found, body } = await allPages<Downtime>(send, 'data', callAt, isLast)
      return (isWhole ? { ...(body as object), data: found } : found) as Downtime[]
    })
  }
}

interface DowntimePage {
  readonly meta?: { readonly page?: { readonly total_filtered_count?: number } }
}

function pathOf(downtimeId: Id): string {
  return `/api/${isNumeric(downtimeId) ? 'v1' : 'v2'}/downtime/${segment('downtimeId', downtimeId)}`
}

function scopeOf(scope: OneOrMore): string {
  const terms = list('scope', scope)
  if (terms.length === 0 || terms.includes('')) throw new TypeError('scope is key:value or *, and not empty')
  return terms.join(' AND ')
}

function attributesOf({ start, end, message }: DowntimeOptions) {
  const isPlanned = start !== undefined || end !== undefined
  return { schedule: isPlanned ? { start: isoTime('start', start), end: isoTime('end', end) } : undefined, message }
}

/** UTC, without fractions. */
function isoTime(name: string, time: Time | undefined): string | undefined {
  const seconds = maybeSeconds(name, time)
  return seconds === undefined ? undefined : new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
}

const idOfData: Take<string> = (body, answer) => member<string>('id')(member('data')(body, answer), answer)
