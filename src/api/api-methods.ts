// What people want to know of each method: what it is called with, where it goes, and what it is about. `dog api` and the README tell it.
// Nothing else loads it.

import { type EndpointRule, ruleOf } from './endpoint-rules'

interface MethodForms {
  /** What it is called with: names of arguments in their order, the options at the end in braces. */
  readonly usage: string
  /** Where it goes; several where it needs more than one request. */
  readonly endpoint: string
}

interface ApiMethod extends MethodForms, EndpointRule {}

/** By what they are about. */
const GROUPS = {
  'tags of hosts': {
    addTags: { usage: 'hostId tags {source}', endpoint: 'POST /api/v1/tags/hosts/{hostId}' },
    changeTags: { usage: 'hostId tags {source}', endpoint: 'PUT /api/v1/tags/hosts/{hostId}' },
    allTags: { usage: '{source}', endpoint: 'GET /api/v1/tags/hosts' },
    hostTags: { usage: 'hostId {source, bySource}', endpoint: 'GET /api/v1/tags/hosts/{hostId}' },
    detachTags: { usage: 'hostId {source}', endpoint: 'DELETE /api/v1/tags/hosts/{hostId}' },
  },
  metrics: {
    metric: { usage: 'name points {host, device, tags, metricType, interval}', endpoint: 'POST /api/v1/series' },
    metrics: { usage: 'series {api}', endpoint: 'POST /api/v1/series or /api/v2/series' },
    distribution: { usage: 'name points {host, tags}', endpoint: 'POST /api/v1/distribution_points' },
    distributions: { usage: 'series', endpoint: 'POST /api/v1/distribution_points' },
    serviceCheck: { usage: 'check host status {timestamp, message, tags}', endpoint: 'POST /api/v1/check_run' },
    serviceChecks: { usage: 'checks', endpoint: 'POST /api/v1/check_run' },
    validate: { usage: '', endpoint: 'GET /api/v1/validate' },
  },
  events: {
    event: {
      usage:
        'title text {dateHappened, handle, priority, relatedEventId, tags, host, deviceName, aggregationKey, sourceTypeName, alertType}',
      endpoint: 'POST /api/v1/events',
    },
    stream: {
      usage: 'start end {priority, sources, tags, unaggregated, excludeAggregate, page}',
      endpoint: 'GET /api/v1/events',
    },
    getEvent: { usage: 'id', endpoint: 'GET /api/v1/events/{id}' },
    comment: {
      usage: 'handle message {commentId, relatedEventId}',
      endpoint: 'POST /api/v1/comments or PUT /api/v1/comments/{commentId}',
    },
    updateComment: { usage: 'handle message commentId', endpoint: 'PUT /api/v1/comments/{commentId}' },
    deleteComment: { usage: 'commentId', endpoint: 'DELETE /api/v1/comments/{commentId}' },
  },
  monitors: {
    monitor: { usage: 'type query {name, message, options, tags}', endpoint: 'POST /api/v1/monitor' },
    updateMonitor: {
      usage: 'monitorId query {name, message, options, tags}',
      endpoint: 'PUT /api/v1/monitor/{monitorId}',
    },
    getMonitor: { usage: 'monitorId {groupStates, withDowntimes}', endpoint: 'GET /api/v1/monitor/{monitorId}' },
    deleteMonitor: { usage: 'monitorId {force}', endpoint: 'DELETE /api/v1/monitor/{monitorId}' },
    getAllMonitors: {
      usage: '{groupStates, withDowntimes, tags, monitorTags, name, idOffset, page, pageSize}',
      endpoint: 'GET /api/v1/monitor',
    },
    muteMonitors: { usage: '', endpoint: 'POST /api/v1/monitor/mute_all' },
    unmuteMonitors: { usage: '', endpoint: 'POST /api/v1/monitor/unmute_all' },
    muteMonitor: { usage: 'monitorId {scope, end}', endpoint: 'POST /api/v1/monitor/{monitorId}/mute' },
    unmuteMonitor: { usage: 'monitorId {scope, allScopes}', endpoint: 'POST /api/v1/monitor/{monitorId}/unmute' },
  },
  alerts: {
    alert: {
      usage: 'query {name, message, silenced, notifyNoData, timeoutH}',
      endpoint: 'POST /api/v1/monitor, POST /api/v1/monitor/{monitorId}/mute',
    },
    updateAlert: {
      usage: 'alertId query {name, message, silenced, notifyNoData, timeoutH, silencedTimeoutTs}',
      endpoint: 'PUT /api/v1/monitor/{alertId}, POST /api/v1/monitor/{alertId}/mute or /unmute',
    },
    getAlert: { usage: 'alertId', endpoint: 'GET /api/v1/monitor/{alertId}' },
    deleteAlert: { usage: 'alertId', endpoint: 'DELETE /api/v1/monitor/{alertId}' },
    getAllAlerts: { usage: '', endpoint: 'GET /api/v1/monitor' },
    muteAlerts: { usage: '', endpoint: 'POST /api/v1/monitor/mute_all' },
    unmuteAlerts: { usage: '', endpoint: 'POST /api/v1/monitor/unmute_all' },
  },
  downtimes: {
    scheduleDowntime: {
      usage: 'scope {start, end, message, monitorId, monitorTags}',
      endpoint: 'POST /api/v2/downtime',
    },
    updateDowntime: {
      usage: 'downtimeId {scope, start, end, message}',
      endpoint: 'PATCH /api/v2/downtime/{downtimeId}',
    },
    getDowntime: { usage: 'downtimeId', endpoint: 'GET /api/v2/downtime/{downtimeId}' },
    cancelDowntime: { usage: 'downtimeId', endpoint: 'DELETE /api/v2/downtime/{downtimeId}' },
    getAllDowntimes: { usage: '{currentOnly}', endpoint: 'GET /api/v2/downtime' },
  },
  dashboards: {
    createDashboard: { usage: 'title description graphs {templateVariables}', endpoint: 'POST /api/v1/dashboard' },
    updateDashboard: {
      usage: 'dashId title description graphs {templateVariables}',
      endpoint: 'PUT /api/v1/dashboard/{dashId}',
    },
    dashboard: { usage: 'dashId', endpoint: 'GET /api/v1/dashboard/{dashId}' },
    dashboards: { usage: '', endpoint: 'GET /api/v1/dashboard' },
    deleteDashboard: { usage: 'dashId', endpoint: 'DELETE /api/v1/dashboard/{dashId}' },
  },
  screenboards: {
    createScreenboard: { usage: 'description', endpoint: 'POST /api/v1/dashboard' },
    updateScreenboard: { usage: 'boardId description', endpoint: 'PUT /api/v1/dashboard/{boardId}' },
    getScreenboard: { usage: 'boardId', endpoint: 'GET /api/v1/dashboard/{boardId}' },
    getAllScreenboards: { usage: '', endpoint: 'GET /api/v1/dashboard' },
    deleteScreenboard: { usage: 'boardId', endpoint: 'DELETE /api/v1/dashboard/{boardId}' },
    shareScreenboard: { usage: 'boardId', endpoint: 'POST /api/v1/dashboard/public' },
  },
  snapshots: {
    graphSnapshot: {
      usage: 'metricQuery start end {eventQuery, title, width, height}',
      endpoint: 'GET /api/v1/graph/snapshot',
    },
    graphSnapshotFromDef: { usage: 'graphDef start end', endpoint: 'GET /api/v1/graph/snapshot' },
    snapshotStatus: { usage: 'snapshotUrl', endpoint: 'GET /api/v1/graph/snapshot_status/{snapshot}' },
  },
  'search, people, and all else': {
    search: { usage: 'query', endpoint: 'GET /api/v1/search, GET /api/v1/hosts' },
    invite: { usage: 'emails', endpoint: 'POST /api/v2/users, POST /api/v2/user_invitations' },
    request: { usage: 'verb path {query, body}', endpoint: 'any' },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, MethodForms>>>>

type NamesIn<G> = G extends unknown ? keyof G & string : never
export type MethodName = NamesIn<(typeof GROUPS)[keyof typeof GROUPS]>

/** The names of the methods by what they are about. */
export const METHOD_GROUPS: ReadonlyMap<string, readonly MethodName[]> = new Map(
  Object.entries(GROUPS).map(([about, methods]) => [about, Object.keys(methods) as MethodName[]]),
)

export const METHODS = Object.fromEntries(
  Object.values(GROUPS)
    .flatMap((methods) => Object.entries<MethodForms>(methods))
    .map(([name, forms]) => [name, { ...forms, ...rulesOf(forms.endpoint) }]),
) as Readonly<Record<MethodName, ApiMethod>>

/** Of several endpoints all permissions are needed; what there is in the place of a method is in that of its first. */
function rulesOf(endpoint: string): EndpointRule {
  const rules = [...endpoint.matchAll(/([A-Z]+) (\/[^\s,]+)/g)].map(([, verb = '', path = '']) => ruleOf(verb, path))
  const permissions = new Set(rules.flatMap(({ permission }) => permission ?? []))
  const { isIntake = false, instead } = rules[0] ?? {}
  return { isIntake, permission: [...permissions].join(' and ') || undefined, instead }
}
