// Monitors, and muting them.
// Source: API reference, "Monitors" (v1). The endpoints for muting are in the reference but not in the specification.

import { type Id, named, type OneOrMore, object, segment, type Time, text } from '../call-checks'
import { get, post, put, remove } from '../requests'
import { type ApiModes, member, Resource, type Result } from '../resource'

/** Source: specification of the API, `MonitorType`. It grows; any text is sent. */
export type MonitorType =
  | 'composite'
  | 'event alert'
  | 'log alert'
  | 'metric alert'
  | 'process alert'
  | 'query alert'
  | 'rum alert'
  | 'service check'
  | 'synthetics alert'
  | 'trace-analytics alert'
  | 'slo alert'
  | 'event-v2 alert'
  | 'audit alert'
  | 'ci-pipelines alert'
  | 'ci-tests alert'
  | 'error-tracking alert'
  | 'database-monitoring alert'
  | 'network-performance alert'
  | 'cost alert'
  | 'data-quality alert'
  | 'network-path alert'
  | 'data-jobs alert'
  | 'llm-observability alert'
  | (string & {})

export interface MonitorOptions {
  readonly name?: string | undefined
  /** What those who are notified read, with `@handles`. */
  readonly message?: string | undefined
  /** Thresholds and the like, by the names of the API. In an update they replace all that there were. */
  readonly options?: Readonly<Record<string, unknown>> | undefined
  readonly tags?: readonly string[] | undefined
}

/** As Datadog has it. */
export interface Monitor {
  readonly id: number
  readonly type: string
  readonly query: string
  readonly name: string
  readonly message: string
  readonly tags: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  readonly overall_state?: string
  readonly [member: string]: unknown
}

/** Of all monitors, as `muteMonitors` makes it. */
export interface GlobalDowntime {
  readonly id: number
  readonly scope: readonly string[]
  readonly active: boolean
  readonly [member: string]: unknown
}

export type GroupState = 'all' | 'ok' | 'warn' | 'alert' | 'no data'

export interface GetMonitorOptions {
  /** Of which groups the state is told. */
  readonly groupStates?: GroupState | readonly GroupState[] | undefined
  readonly withDowntimes?: boolean | undefined
}

export interface AllMonitorsOptions extends GetMonitorOptions {
  /** Those whose **scope** has the tags. */
  readonly tags?: OneOrMore | undefined
  /** Those that have the tags themselves. */
  readonly monitorTags?: OneOrMore | undefined
  /** Those with it in their name. */
  readonly name?: string | undefined
  /** Those after the last one that was seen, for large organisations. */
  readonly idOffset?: number | undefined
  /** From 0. Default: all in one answer. */
  readonly page?: number | undefined
  /** Default: 100; at most 1000. */
  readonly pageSize?: number | undefined
}

const ROOT = '/api/v1/monitor'

export class Monitors<M extends ApiModes> extends Resource<M> {
  /**
   * Makes a monitor.
   *
   * Endpoint: `POST /api/v1/monitor`, with API key and application key, permission `monitors_write`.
   * @example
   * const id = await api.monitor('metric alert', 'avg(last_5m):avg:system.load.1{host:web-1} > 4', {
   *   name: 'Load of web-1',
   *   message: 'Too much to do @ops',
   *   options: { notify_no_data: true, no_data_timeframe: 20 },
   * })
   * @param type what it watches; Datadog may give it back by another name
   * @returns its id
   */
  async monitor(type: MonitorType, query: string, options: MonitorOptions = {}): Promise<Result<number, M>> {
    const body = { type: text('type', type).toLowerCase(), query: text('query', query), ...monitorBody(options) }
    return this.ask(post(ROOT, body), member('id'))
  }

  /**
   * Changes a monitor. What is left out stays, but `options` are replaced as a whole.
   *
   * Endpoint: `PUT /api/v1/monitor/{monitorId}`, with API key and application key, permission `monitors_write`.
   * @example await api.updateMonitor(1234, 'avg(last_5m):avg:system.load.1{host:web-1} > 8', { name: 'Load' })
   * @returns its id
   */
  async updateMonitor(monitorId: Id, query: string, options: MonitorOptions = {}): Promise<Result<number, M>> {
    const body = { query: text('query', query), ...monitorBody(options) }
    return this.ask(put(pathOf(monitorId), body), member('id'))
  }

  /**
   * Gives a monitor.
   *
   * Endpoint: `GET /api/v1/monitor/{monitorId}`, with API key and application key, permission `monitors_read`.
   * @example const monitor = await api.getMonitor(1234, { groupStates: ['alert', 'no data'] })
   */
  async getMonitor(monitorId: Id, options: GetMonitorOptions = {}): Promise<Result<Monitor, M>> {
    return this.ask(get(pathOf(monitorId), named(options, ['groupStates', 'withDowntimes'])))
  }

  /**
   * Deletes a monitor. Datadog refuses it for one that a composite monitor or an objective is made of, unless it is forced.
   *
   * Endpoint: `DELETE /api/v1/monitor/{monitorId}`, with API key and application key, permission `monitors_write`.
   * @example await api.deleteMonitor(1234)
   */
  async deleteMonitor(
    monitorId: Id,
    options: { readonly force?: boolean | undefined } = {},
  ): Promise<Result<{ readonly deleted_monitor_id: number }, M>> {
    return this.ask(remove(pathOf(monitorId), named(options, ['force'])))
  }

  /**
   * Lists the monitors.
   *
   * Endpoint: `GET /api/v1/monitor`, with API key and application key, permission `monitors_read`.
   * @example const noisy = await api.getAllMonitors({ groupStates: 'alert', tags: 'env:prod' })
   */
  async getAllMonitors(options: AllMonitorsOptions = {}): Promise<Result<Monitor[], M>> {
    const known = [
      'groupStates',
      'withDowntimes',
      'tags',
      'monitorTags',
      'name',
      'idOffset',
      'page',
      'pageSize',
    ] as const
    return this.ask(get(ROOT, named(options, known)))
  }

  /**
   * Mutes all monitors.
   *
   * Endpoint: `POST /api/v1/monitor/mute_all`, with API key and application key, permission `monitors_write`.
   * @deprecated Datadog's specification has it no more: `scheduleDowntime('*')`
   * @example await api.muteMonitors()
   */
  async muteMonitors(): Promise<Result<GlobalDowntime, M>> {
    return this.ask(MUTE_ALL)
  }

  /**
   * Ends what `muteMonitors` began; fails where that was not.
   *
   * Endpoint: `POST /api/v1/monitor/unmute_all`, with API key and application key, permission `monitors_write`.
   * @deprecated Datadog's specification has it no more: `cancelDowntime()`
   * @example await api.unmuteMonitors()
   */
  async unmuteMonitors(): Promise<Result<null, M>> {
    return this.ask(UNMUTE_ALL)
  }

  /**
   * Mutes a monitor.
   *
   * Endpoint: `POST /api/v1/monitor/{monitorId}/mute`, with API key and application key, permission `monitors_write`.
   * @deprecated Datadog's specification has it no more: `scheduleDowntime(scope, { monitorId })`
   * @example await api.muteMonitor(1234, { scope: 'env:staging', end: new Date('2030-01-01') })
   * @param options.scope the groups that it mutes; default: all
   * @param options.end seconds since the epoch, or a Date; default: never
   */
  async muteMonitor(
    monitorId: Id,
    options: { readonly scope?: string | undefined; readonly end?: Time | undefined } = {},
  ): Promise<Result<Monitor, M>> {
    return this.ask(muteCall(monitorId, named(options, ['scope', 'end'])))
  }

  /**
   * Ends the muting of a monitor.
   *
   * Endpoint: `POST /api/v1/monitor/{monitorId}/unmute`, with API key and application key, permission `monitors_write`.
   * @deprecated Datadog's specification has it no more: `cancelDowntime()`
   * @example await api.unmuteMonitor(1234, { scope: 'env:staging' })
   * @param options.scope the groups; default: that of the monitor as a whole
   * @param options.allScopes all of them
   */
  async unmuteMonitor(
    monitorId: Id,
    options: { readonly scope?: string | undefined; readonly allScopes?: boolean | undefined } = {},
  ): Promise<Result<Monitor, M>> {
    return this.ask(unmuteCall(monitorId, named(options, ['scope', 'allScopes'])))
  }
}

export const MUTE_ALL = post(`${ROOT}/mute_all`)
export const UNMUTE_ALL = post(`${ROOT}/unmute_all`)

export function muteCall(monitorId: Id, body: object) {
  return post(`${pathOf(monitorId)}/mute`, body)
}

export function unmuteCall(monitorId: Id, body: object) {
  return post(`${pathOf(monitorId)}/unmute`, body)
}

export function pathOf(monitorId: Id): string {
  return `${ROOT}/${segment('monitorId', monitorId)}`
}

function monitorBody(given: MonitorOptions) {
  if (given?.options !== undefined) object('options.options', given.options)
  return named(given, ['name', 'message', 'options', 'tags'])
}
