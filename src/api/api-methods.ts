// What is to be known of each method besides its code: where it goes, which keys and which permission it needs, and what there is in the
// place of what Datadog no longer documents. Errors and `dog api` tell it.
// Source of permissions: the specification of the API, version 1 and 2, where it names them.

export interface ApiMethod {
  /** What it is called with. */
  readonly usage: string
  /** Where it goes; several where it needs more than one request. */
  readonly endpoint: string
  /** `api`: the API key is enough. Default: the application key as well. */
  readonly key?: 'api' | undefined
  readonly permission?: string | undefined
  /** Of what Datadog has withdrawn from its documentation. */
  readonly instead?: string | undefined
}

const WRITE = { permission: 'monitors_write' }
const READ = { permission: 'monitors_read' }
const DOWNTIME = 'schedule a downtime instead, scheduleDowntime(), with a tag that the monitors have'
const MUTE = { permission: 'monitors_write', instead: DOWNTIME }
const COMMENTS = { instead: 'send an event with the same aggregationKey instead, event()' }
const BOARDS = {
  permission: 'dashboards_write',
  instead: 'the id of the dashboard that it has become is text such as abc-def-ghi',
}
const BOARDS_READ = { permission: 'dashboards_read', instead: BOARDS.instead }

export const METHODS = {
  addTags: { usage: 'hostId tags {source}', endpoint: 'POST /api/v1/tags/hosts/{hostId}' },
  changeTags: { usage: 'hostId tags {source}', endpoint: 'PUT /api/v1/tags/hosts/{hostId}' },
  allTags: { usage: '{source}', endpoint: 'GET /api/v1/tags/hosts' },
  hostTags: { usage: 'hostId {source, bySource}', endpoint: 'GET /api/v1/tags/hosts/{hostId}' },
  detachTags: { usage: 'hostId {source}', endpoint: 'DELETE /api/v1/tags/hosts/{hostId}' },

  metric: {
    usage: 'name points {host, device, tags, metricType, interval}',
    endpoint: 'POST /api/v1/series',
    key: 'api',
  },
  metrics: { usage: 'series {api}', endpoint: 'POST /api/v1/series', key: 'api' },
  distribution: { usage: 'name points {host, tags}', endpoint: 'POST /api/v1/distribution_points', key: 'api' },
  distributions: { usage: 'series', endpoint: 'POST /api/v1/distribution_points', key: 'api' },
  serviceCheck: {
    usage: 'check host status {timestamp, message, tags}',
    endpoint: 'POST /api/v1/check_run',
    key: 'api',
  },
  serviceChecks: { usage: 'checks', endpoint: 'POST /api/v1/check_run', key: 'api' },
  validate: { usage: '', endpoint: 'GET /api/v1/validate', key: 'api' },

  event: {
    usage:
      'title text {dateHappened, handle, priority, relatedEventId, tags, host, deviceName, aggregationKey, sourceTypeName, alertType}',
    endpoint: 'POST /api/v1/events',
    key: 'api',
  },
  stream: {
    usage: 'start end {priority, sources, tags, unaggregated, excludeAggregate, page}',
    endpoint: 'GET /api/v1/events',
    permission: 'events_read',
  },
  getEvent: { usage: 'id', endpoint: 'GET /api/v1/events/{id}', permission: 'events_read' },
  comment: { usage: 'handle message {commentId, relatedEventId}', endpoint: 'POST /api/v1/comments', ...COMMENTS },
  updateComment: { usage: 'handle message commentId', endpoint: 'PUT /api/v1/comments/{commentId}', ...COMMENTS },
  deleteComment: { usage: 'commentId', endpoint: 'DELETE /api/v1/comments/{commentId}', ...COMMENTS },

  monitor: { usage: 'type query {name, message, options, tags}', endpoint: 'POST /api/v1/monitor', ...WRITE },
  updateMonitor: {
    usage: 'monitorId query {name, message, options, tags}',
    endpoint: 'PUT /api/v1/monitor/{monitorId}',
    ...WRITE,
  },
  getMonitor: { usage: 'monitorId {groupStates, withDowntimes}', endpoint: 'GET /api/v1/monitor/{monitorId}', ...READ },
  deleteMonitor: { usage: 'monitorId {force}', endpoint: 'DELETE /api/v1/monitor/{monitorId}', ...WRITE },
  getAllMonitors: {
    usage: '{groupStates, tags, monitorTags, name, withDowntimes, idOffset, page, pageSize}',
    endpoint: 'GET /api/v1/monitor',
    ...READ,
  },
  muteMonitors: { usage: '', endpoint: 'POST /api/v1/monitor/mute_all', ...MUTE },
  unmuteMonitors: { usage: '', endpoint: 'POST /api/v1/monitor/unmute_all', ...MUTE },
  muteMonitor: { usage: 'monitorId {scope, end}', endpoint: 'POST /api/v1/monitor/{monitorId}/mute', ...MUTE },
  unmuteMonitor: {
    usage: 'monitorId {scope, allScopes}',
    endpoint: 'POST /api/v1/monitor/{monitorId}/unmute',
    ...MUTE,
  },

  alert: {
    usage: 'query {name, message, silenced, notifyNoData, timeoutH}',
    endpoint: 'POST /api/v1/monitor, POST /api/v1/monitor/{monitorId}/mute',
    ...WRITE,
  },
  updateAlert: {
    usage: 'alertId query {name, message, silenced, notifyNoData, timeoutH, silencedTimeoutTs}',
    endpoint: 'PUT /api/v1/monitor/{alertId}, POST /api/v1/monitor/{alertId}/mute or /unmute',
    ...WRITE,
  },
  getAlert: { usage: 'alertId', endpoint: 'GET /api/v1/monitor/{alertId}', ...READ },
  deleteAlert: { usage: 'alertId', endpoint: 'DELETE /api/v1/monitor/{alertId}', ...WRITE },
  getAllAlerts: { usage: '', endpoint: 'GET /api/v1/monitor', ...READ },
  muteAlerts: { usage: '', endpoint: 'POST /api/v1/monitor/mute_all', ...MUTE },
  unmuteAlerts: { usage: '', endpoint: 'POST /api/v1/monitor/unmute_all', ...MUTE },

  scheduleDowntime: {
    usage: 'scope {start, end, message, monitorId, monitorTags}',
    endpoint: 'POST /api/v2/downtime',
    permission: 'monitors_downtime',
  },
  updateDowntime: {
    usage: 'downtimeId {scope, start, end, message}',
    endpoint: 'PATCH /api/v2/downtime/{downtimeId}',
    permission: 'monitors_downtime',
  },
  getDowntime: { usage: 'downtimeId', endpoint: 'GET /api/v2/downtime/{downtimeId}', ...READ },
  cancelDowntime: {
    usage: 'downtimeId',
    endpoint: 'DELETE /api/v2/downtime/{downtimeId}',
    permission: 'monitors_downtime',
  },
  getAllDowntimes: { usage: '{currentOnly}', endpoint: 'GET /api/v2/downtime', ...READ },

  createDashboard: {
    usage: 'title description graphs {templateVariables}',
    endpoint: 'POST /api/v1/dashboard',
    permission: 'dashboards_write',
  },
  updateDashboard: {
    usage: 'dashId title description graphs {templateVariables}',
    endpoint: 'PUT /api/v1/dashboard/{dashId}',
    ...BOARDS,
  },
  dashboard: { usage: 'dashId', endpoint: 'GET /api/v1/dashboard/{dashId}', ...BOARDS_READ },
  dashboards: { usage: '', endpoint: 'GET /api/v1/dashboard', permission: 'dashboards_read' },
  deleteDashboard: { usage: 'dashId', endpoint: 'DELETE /api/v1/dashboard/{dashId}', ...BOARDS },
  createScreenboard: { usage: 'description', endpoint: 'POST /api/v1/dashboard', permission: 'dashboards_write' },
  updateScreenboard: { usage: 'boardId description', endpoint: 'PUT /api/v1/dashboard/{boardId}', ...BOARDS },
  getScreenboard: { usage: 'boardId', endpoint: 'GET /api/v1/dashboard/{boardId}', ...BOARDS_READ },
  getAllScreenboards: { usage: '', endpoint: 'GET /api/v1/dashboard', permission: 'dashboards_read' },
  deleteScreenboard: { usage: 'boardId', endpoint: 'DELETE /api/v1/dashboard/{boardId}', ...BOARDS },
  shareScreenboard: {
    usage: 'boardId',
    endpoint: 'POST /api/v1/dashboard/public',
    permission: 'dashboards_public_share',
    instead: BOARDS.instead,
  },

  graphSnapshot: {
    usage: 'metricQuery start end {eventQuery, title, width, height}',
    endpoint: 'GET /api/v1/graph/snapshot',
  },
  graphSnapshotFromDef: { usage: 'graphDef start end', endpoint: 'GET /api/v1/graph/snapshot' },
  snapshotStatus: {
    usage: 'snapshotUrl',
    endpoint: 'GET /api/v1/graph/snapshot_status/{snapshot}',
    instead: 'ask for the picture itself: until it is ready it has fewer than 200 bytes',
  },

  search: {
    usage: 'query',
    endpoint: 'GET /api/v1/search, GET /api/v1/hosts',
    permission: 'metrics_read and hosts_read',
  },
  invite: {
    usage: 'emails',
    endpoint: 'POST /api/v2/users, POST /api/v2/user_invitations',
    permission: 'user_access_invite',
  },
  request: { usage: 'verb path {query, body}', endpoint: 'any' },
} as const satisfies Readonly<Record<string, ApiMethod>>

export type MethodName = keyof typeof METHODS
