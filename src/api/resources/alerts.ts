// Alerts, as they were before there were monitors: each is now a monitor of the type `metric alert`, and is treated as one.

import type { Call } from '../api-caller'
import { checked, type Id, maybeSeconds, type Time, text } from '../call-checks'
import { get, post, put, remove } from '../requests'
import { type ApiModes, member, objects, Resource, type Result, type Send } from '../resource'
import { type GlobalDowntime, type Monitor, MUTE_ALL, muteCall, pathOf, UNMUTE_ALL, unmuteCall } from './monitors'

export interface AlertOptions {
  readonly name?: string | undefined
  readonly message?: string | undefined
  /** Mutes it; `false` ends that. Left out it stays as it is. */
  readonly silenced?: boolean | undefined
  readonly notifyNoData?: boolean | undefined
  /** Hours without data after which it recovers by itself. */
  readonly timeoutH?: number | undefined
}

export interface UpdateAlertOptions extends AlertOptions {
  /** When muting ends: seconds since the epoch, or a Date. */
  readonly silencedTimeoutTs?: Time | undefined
}

const KNOWN = ['name', 'message', 'silenced', 'notifyNoData', 'timeoutH'] as const
const TYPES = new Set(['metric alert', 'query alert'])

export class Alerts<M extends ApiModes> extends Resource<M> {
  /**
   * Makes a monitor for a metric.
   *
   * Endpoint: `POST /api/v1/monitor`, and `POST /api/v1/monitor/{monitorId}/mute` where it is silenced, with API key and application key,
   * permission `monitors_write`.
   * @deprecated `monitor('metric alert', query)` can do more
   * @example const id = await api.alert('avg(last_5m):avg:system.load.1{*} > 4', { name: 'Load', notifyNoData: true })
   * @returns its id
   */
  async alert(query: string, options: AlertOptions = {}): Promise<Result<number, M>> {
    const { silenced, ...rest } = checked(options, KNOWN)
    const body = { type: 'metric alert', query: text('query', query), ...alertBody(rest) }
    return this.run(async (send, isWhole) => {
      const { made, id } = await saved(send, post('/api/v1/monitor', body))
      if (silenced) await send(muteCall(id, {}))
      return (isWhole ? made : id) as number
    })
  }

  /**
   * Changes it. Unless both are left out, `notifyNoData` and `timeoutH` replace all options of the monitor.
   *
   * Endpoint: `PUT /api/v1/monitor/{alertId}`, and `POST /api/v1/monitor/{alertId}/mute` or `/unmute` where `silenced` is given, with API
   * key and application key, permission `monitors_write`.
   * @deprecated `updateMonitor()` can do more
   * @example await api.updateAlert(1234, 'avg(last_5m):avg:system.load.1{*} > 8', { silenced: false })
   * @returns its id
   */
  async updateAlert(alertId: Id, query: string, options: UpdateAlertOptions = {}): Promise<Result<number, M>> {
    const { silenced, silencedTimeoutTs, ...rest } = checked(options, [...KNOWN, 'silencedTimeoutTs'])
    const end = maybeSeconds('silencedTimeoutTs', silencedTimeoutTs)
    const body = { query: text('query', query), ...alertBody(rest) }
    const path = pathOf(alertId)
    return this.run(async (send, isWhole) => {
      const { made, id } = await saved(send, put(path, body))
      if (silenced) await send(muteCall(alertId, { end }))
      else if (silenced === false) await send(unmuteCall(alertId, {}))
      return (isWhole ? made : id) as number
    })
  }

  /**
   * Gives the monitor.
   *
   * Endpoint: `GET /api/v1/monitor/{alertId}`, with API key and application key, permission `monitors_read`.
   * @deprecated the same as `getMonitor()`
   * @example const { query } = await api.getAlert(1234)
   */
  async getAlert(alertId: Id): Promise<Result<Monitor, M>> {
    return this.ask(get(pathOf(alertId)))
  }

  /**
   * Deletes the monitor.
   *
   * Endpoint: `DELETE /api/v1/monitor/{alertId}`, with API key and application key, permission `monitors_write`.
   * @deprecated the same as `deleteMonitor()`
   * @example await api.deleteAlert(1234)
   */
  async deleteAlert(alertId: Id): Promise<Result<{ readonly deleted_monitor_id: number }, M>> {
    return this.ask(remove(pathOf(alertId)))
  }

  /**
   * Lists the monitors of metrics.
   *
   * Endpoint: `GET /api/v1/monitor`, with API key and application key, permission `monitors_read`.
   * @deprecated `getAllMonitors()` lists those of all types
   * @example const alerts = await api.getAllAlerts()
   */
  async getAllAlerts(): Promise<Result<Monitor[], M>> {
    return this.ask(get('/api/v1/monitor'), (body, answer) =>
      objects<Monitor>(body, answer, 'monitors').filter(({ type }) => TYPES.has(type)),
    )
  }

  /**
   * Mutes all monitors.
   *
   * Endpoint: `POST /api/v1/monitor/mute_all`, with API key and application key, permission `monitors_write`.
   * @deprecated the same as `muteMonitors()`
   * @example await api.muteAlerts()
   */
  async muteAlerts(): Promise<Result<GlobalDowntime, M>> {
    return this.ask(MUTE_ALL)
  }

  /**
   * Ends what `muteAlerts` began.
   *
   * Endpoint: `POST /api/v1/monitor/unmute_all`, with API key and application key, permission `monitors_write`.
   * @deprecated the same as `unmuteMonitors()`
   * @example await api.unmuteAlerts()
   */
  async unmuteAlerts(): Promise<Result<null, M>> {
    return this.ask(UNMUTE_ALL)
  }
}

function alertBody({ name, message, notifyNoData, timeoutH }: AlertOptions) {
  const hasOptions = notifyNoData !== undefined || timeoutH !== undefined
  return { name, message, options: hasOptions ? { notify_no_data: notifyNoData, timeout_h: timeoutH } : undefined }
}

async function saved(send: Send, call: Call): Promise<{ made: unknown; id: number }> {
  const answer = await send(call)
  return { made: answer.body, id: member<number>('id')(answer.body, answer) }
}
