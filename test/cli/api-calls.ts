// A call of each method of the API client as it is typed in a shell, with the requests that it makes, what they are answered, and what is
// printed. The type holds the table complete.

import type { MethodName } from '../../src/api/api-methods'

interface ShellCall {
  readonly args: readonly string[]
  /** `GET /path?query`, with the body of those that have one. */
  readonly requests: readonly (readonly [line: string, body?: unknown])[]
  /** Of each request; null for an empty body. A text is sent as it is, for numbers that JavaScript would round. */
  readonly answers: readonly unknown[]
  /** A text as it is printed; anything else as JSON. */
  readonly prints: unknown
}

const EVENT = '6327818702635911562'
const DOWNTIME = '83718756-0187-11ee-8c18-da7ad0900002'
const MONITOR = { id: 1234, type: 'query alert', query: 'q', name: 'n', message: '', tags: [], options: {} }
const BOARD = { id: 'abc-def-ghi', title: 'Hosts', layout_type: 'ordered', widgets: [] }
const SCREEN = { id: 'xyz-xyz-xyz', title: 'Map', layout_type: 'free', widgets: [] }
const TAKEN = { status: 'ok' }
const SNAPSHOT = { snapshot_url: 'https://p.datadoghq.com/snapshot/view/dd-snapshots-prod/org_1/2030-01-01/abc.png' }
const [DAY, NEXT_DAY] = [1_893_456_000, 1_893_542_400]
/** Points of other times are warned of. */
const NOW = Math.floor(Date.now() / 1000)
const SERIES = [{ metric: 'jobs.done', type: 'count', interval: 60, points: [[NOW, 7]] }]
const DISTRIBUTION = [{ metric: 'job.seconds', points: [[NOW, [1.2, 0.7]]] }]
const CHECK = { check: 'mail.can_connect', host_name: 'web-1', status: 0, tags: [] }
const GRAPH = { definition: { type: 'timeseries', requests: [{ q: 'avg:system.load.1{*}' }] } }
const board = (title: string) => ({ title, layout_type: 'ordered', widgets: [GRAPH], template_variables: [] })
const screen = { title: 'Map', layout_type: 'free', widgets: [] }

export const SHELL_CALLS: Readonly<Record<MethodName, ShellCall>> = {
  addTags: {
    args: ['web-1', '["env:test","role:db"]', '{"source":"chef"}'],
    requests: [['POST /api/v1/tags/hosts/web-1?source=chef', { tags: ['env:test', 'role:db'] }]],
    answers: [{ host: 'web-1', tags: ['env:test', 'role:db'] }],
    prints: ['env:test', 'role:db'],
  },
  changeTags: {
    args: ['web-1', 'env:prod'],
    requests: [['PUT /api/v1/tags/hosts/web-1', { tags: ['env:prod'] }]],
    answers: [{ host: 'web-1', tags: ['env:prod'] }],
    prints: ['env:prod'],
  },
  allTags: {
    args: [],
    requests: [['GET /api/v1/tags/hosts']],
    answers: [{ tags: { 'env:test': ['web-1'] } }],
    prints: { 'env:test': ['web-1'] },
  },
  hostTags: {
    args: ['web-1', '{"bySource":true}'],
    requests: [['GET /api/v1/tags/hosts/web-1?by_source=true']],
    answers: [{ tags: { chef: ['role:db'] } }],
    prints: { chef: ['role:db'] },
  },
  detachTags: { args: ['web-1'], requests: [['DELETE /api/v1/tags/hosts/web-1']], answers: [null], prints: '' },

  metric: {
    args: ['jobs.waiting', `[${NOW},42]`, '{"tags":["queue:mail"],"host":"web-1"}'],
    requests: [
      [
        'POST /api/v1/series',
        {
          series: [{ metric: 'jobs.waiting', points: [[NOW, 42]], type: 'gauge', host: 'web-1', tags: ['queue:mail'] }],
        },
      ],
    ],
    answers: [TAKEN],
    prints: TAKEN,
  },
  metrics: {
    args: [JSON.stringify(SERIES)],
    requests: [['POST /api/v1/series', { series: SERIES }]],
    answers: [TAKEN],
    prints: TAKEN,
  },
  distribution: {
    args: ['job.seconds', `[[${NOW},[1.2,0.7]]]`, '{"host":"web-1"}'],
    requests: [
      ['POST /api/v1/distribution_points', { series: [{ ...DISTRIBUTION[0], type: 'distribution', host: 'web-1' }] }],
    ],
    answers: [TAKEN],
    prints: TAKEN,
  },
  distributions: {
    args: [JSON.stringify(DISTRIBUTION)],
    requests: [['POST /api/v1/distribution_points', { series: DISTRIBUTION }]],
    answers: [TAKEN],
    prints: TAKEN,
  },
  serviceCheck: {
    args: ['mail.can_connect', 'web-1', '0', '{"timestamp":"2030-01-01T00:00:00Z","tags":"queue:mail"}'],
    requests: [['POST /api/v1/check_run', { ...CHECK, tags: ['queue:mail'], timestamp: DAY }]],
    answers: [TAKEN],
    prints: TAKEN,
  },
  serviceChecks: {
    args: [JSON.stringify([CHECK])],
    requests: [['POST /api/v1/check_run', [CHECK]]],
    answers: [TAKEN],
    prints: TAKEN,
  },
  validate: { args: [], requests: [['GET /api/v1/validate']], answers: [{ valid: true }], prints: { valid: true } },

  event: {
    args: ['Deployed', '1.2.3', `{"tags":["env:prod"],"relatedEventId":${EVENT},"dateHappened":"2030-01-01"}`],
    requests: [
      [
        'POST /api/v1/events',
        `{"title":"Deployed","text":"1.2.3","tags":["env:prod"],"related_event_id":${EVENT},"date_happened":${DAY}}`,
      ],
    ],
    answers: [`{"status":"ok","event":{"id":${EVENT}}}`],
    prints: `${EVENT}\n`,
  },
  stream: {
    args: ['2030-01-01', String(NEXT_DAY), '{"tags":"env:prod"}'],
    requests: [[`GET /api/v1/events?start=${DAY}&end=${NEXT_DAY}&tags=env%3Aprod`]],
    answers: [`{"events":[{"id":${EVENT},"title":"Deployed"}]}`],
    prints: [{ id: EVENT, title: 'Deployed' }],
  },
  getEvent: {
    args: [EVENT],
    requests: [[`GET /api/v1/events/${EVENT}`]],
    answers: [`{"event":{"id":${EVENT},"title":"Deployed"}}`],
    prints: { id: EVENT, title: 'Deployed' },
  },
  comment: {
    args: ['null', 'On it', `{"relatedEventId":"${EVENT}"}`],
    requests: [['POST /api/v1/comments', `{"message":"On it","related_event_id":${EVENT}}`]],
    answers: [`{"comment":{"id":${EVENT}}}`],
    prints: `${EVENT}\n`,
  },
  updateComment: {
    args: ['ops@example.com', 'Solved', EVENT],
    requests: [[`PUT /api/v1/comments/${EVENT}`, { handle: 'ops@example.com', message: 'Solved' }]],
    answers: [`{"comment":{"id":${EVENT}}}`],
    prints: `${EVENT}\n`,
  },
  deleteComment: { args: [EVENT], requests: [[`DELETE /api/v1/comments/${EVENT}`]], answers: [null], prints: '' },

  monitor: {
    args: ['metric alert', 'avg(last_5m):avg:load{*} > 4', '{"name":"Load","options":{"notify_no_data":false}}'],
    requests: [
      [
        'POST /api/v1/monitor',
        {
          type: 'metric alert',
          query: 'avg(last_5m):avg:load{*} > 4',
          name: 'Load',
          options: { notify_no_data: false },
        },
      ],
    ],
    answers: [MONITOR],
    prints: 1234,
  },
  updateMonitor: {
    args: ['1234', 'q', '{"message":"@ops"}'],
    requests: [['PUT /api/v1/monitor/1234', { query: 'q', message: '@ops' }]],
    answers: [MONITOR],
    prints: 1234,
  },
  getMonitor: {
    args: ['1234', '{"groupStates":["alert","no data"]}'],
    requests: [['GET /api/v1/monitor/1234?group_states=alert%2Cno+data']],
    answers: [MONITOR],
    prints: MONITOR,
  },
  deleteMonitor: {
    args: ['1234', '{"force":true}'],
    requests: [['DELETE /api/v1/monitor/1234?force=true']],
    answers: [{ deleted_monitor_id: 1234 }],
    prints: { deleted_monitor_id: 1234 },
  },
  getAllMonitors: {
    args: ['{"monitorTags":["team:a","b"],"page":0,"pageSize":5}'],
    requests: [['GET /api/v1/monitor?monitor_tags=team%3Aa%2Cb&page=0&page_size=5']],
    answers: [[MONITOR]],
    prints: [MONITOR],
  },
  muteMonitors: {
    args: [],
    requests: [['POST /api/v1/monitor/mute_all']],
    answers: [{ id: 5, scope: ['*'], active: true }],
    prints: { id: 5, scope: ['*'], active: true },
  },
  unmuteMonitors: { args: [], requests: [['POST /api/v1/monitor/unmute_all']], answers: [null], prints: '' },
  muteMonitor: {
    args: ['1234', '{"scope":"env:staging","end":"2030-01-01T00:00:00Z"}'],
    requests: [['POST /api/v1/monitor/1234/mute', { scope: 'env:staging', end: DAY }]],
    answers: [MONITOR],
    prints: MONITOR,
  },
  unmuteMonitor: {
    args: ['1234', '{"allScopes":true}'],
    requests: [['POST /api/v1/monitor/1234/unmute', { all_scopes: true }]],
    answers: [MONITOR],
    prints: MONITOR,
  },

  alert: {
    args: ['q', '{"silenced":true}'],
    requests: [
      ['POST /api/v1/monitor', { type: 'metric alert', query: 'q' }],
      ['POST /api/v1/monitor/1234/mute', {}],
    ],
    answers: [MONITOR, MONITOR],
    prints: 1234,
  },
  updateAlert: {
    args: ['1234', 'q', '{"silenced":false,"notifyNoData":true}'],
    requests: [
      ['PUT /api/v1/monitor/1234', { query: 'q', options: { notify_no_data: true } }],
      ['POST /api/v1/monitor/1234/unmute', {}],
    ],
    answers: [MONITOR, MONITOR],
    prints: 1234,
  },
  getAlert: { args: ['1234'], requests: [['GET /api/v1/monitor/1234']], answers: [MONITOR], prints: MONITOR },
  deleteAlert: {
    args: ['1234'],
    requests: [['DELETE /api/v1/monitor/1234']],
    answers: [{ deleted_monitor_id: 1234 }],
    prints: { deleted_monitor_id: 1234 },
  },
  getAllAlerts: {
    args: [],
    requests: [['GET /api/v1/monitor']],
    answers: [[MONITOR, { ...MONITOR, type: 'service check' }]],
    prints: [MONITOR],
  },
  muteAlerts: { args: [], requests: [['POST /api/v1/monitor/mute_all']], answers: [{ id: 5 }], prints: { id: 5 } },
  unmuteAlerts: { args: [], requests: [['POST /api/v1/monitor/unmute_all']], answers: [null], prints: '' },

  scheduleDowntime: {
    args: ['["env:staging","role:db"]', '{"end":"2030-01-02","message":"Moving house"}'],
    requests: [
      [
        'POST /api/v2/downtime',
        {
          data: {
            type: 'downtime',
            attributes: {
              scope: 'env:staging AND role:db',
              monitor_identifier: { monitor_tags: ['*'] },
              schedule: { end: '2030-01-02T00:00:00Z' },
              message: 'Moving house',
            },
          },
        },
      ],
    ],
    answers: [{ data: { id: DOWNTIME } }],
    prints: `${DOWNTIME}\n`,
  },
  updateDowntime: {
    args: [DOWNTIME, '{"message":"Nearly there"}'],
    requests: [
      [
        `PATCH /api/v2/downtime/${DOWNTIME}`,
        { data: { type: 'downtime', id: DOWNTIME, attributes: { message: 'Nearly there' } } },
      ],
    ],
    answers: [{ data: { id: DOWNTIME } }],
    prints: `${DOWNTIME}\n`,
  },
  getDowntime: {
    args: ['5678'],
    requests: [['GET /api/v1/downtime/5678']],
    answers: [{ id: 5678 }],
    prints: { id: 5678 },
  },
  cancelDowntime: {
    args: [DOWNTIME],
    requests: [[`DELETE /api/v2/downtime/${DOWNTIME}`]],
    answers: [null],
    prints: '',
  },
  getAllDowntimes: {
    args: ['{"currentOnly":true}'],
    requests: [['GET /api/v2/downtime?current_only=true']],
    answers: [{ data: [{ id: DOWNTIME }] }],
    prints: [{ id: DOWNTIME }],
  },

  createDashboard: {
    args: ['Hosts', '', JSON.stringify([GRAPH])],
    requests: [['POST /api/v1/dashboard', { ...board('Hosts'), description: '' }]],
    answers: [BOARD],
    prints: 'abc-def-ghi\n',
  },
  updateDashboard: {
    args: ['abc-def-ghi', 'true', '1234', JSON.stringify([GRAPH]), '{"templateVariables":["host"]}'],
    requests: [
      [
        'PUT /api/v1/dashboard/abc-def-ghi',
        { ...board('true'), description: '1234', template_variables: [{ name: 'host' }] },
      ],
    ],
    answers: [BOARD],
    prints: 'abc-def-ghi\n',
  },
  dashboard: {
    args: ['abc-def-ghi'],
    requests: [['GET /api/v1/dashboard/abc-def-ghi']],
    answers: [BOARD],
    prints: BOARD,
  },
  dashboards: {
    args: [],
    requests: [['GET /api/v1/dashboard?count=100&start=0']],
    answers: [{ dashboards: [BOARD, SCREEN] }],
    prints: [BOARD],
  },
  deleteDashboard: {
    args: ['abc-def-ghi'],
    requests: [['DELETE /api/v1/dashboard/abc-def-ghi']],
    answers: [{ deleted_dashboard_id: 'abc-def-ghi' }],
    prints: { deleted_dashboard_id: 'abc-def-ghi' },
  },
  createScreenboard: {
    args: ['{"board_title":"Map","widgets":[]}'],
    requests: [['POST /api/v1/dashboard', screen]],
    answers: [SCREEN],
    prints: SCREEN,
  },
  updateScreenboard: {
    args: ['xyz-xyz-xyz', '{"board_title":"Map","widgets":[]}'],
    requests: [['PUT /api/v1/dashboard/xyz-xyz-xyz', screen]],
    answers: [SCREEN],
    prints: SCREEN,
  },
  getScreenboard: {
    args: ['99'],
    requests: [['GET /api/v1/screen/99']],
    answers: [{ id: 99 }],
    prints: { id: 99 },
  },
  getAllScreenboards: {
    args: [],
    requests: [['GET /api/v1/dashboard?count=100&start=0']],
    answers: [{ dashboards: [BOARD, SCREEN] }],
    prints: [SCREEN],
  },
  deleteScreenboard: {
    args: ['xyz-xyz-xyz'],
    requests: [['DELETE /api/v1/dashboard/xyz-xyz-xyz']],
    answers: [{ deleted_dashboard_id: 'xyz-xyz-xyz' }],
    prints: { deleted_dashboard_id: 'xyz-xyz-xyz' },
  },
  shareScreenboard: {
    args: ['xyz-xyz-xyz'],
    requests: [
      [
        'POST /api/v1/dashboard/public',
        { dashboard_id: 'xyz-xyz-xyz', dashboard_type: 'custom_screenboard', share_type: 'open' },
      ],
    ],
    answers: [{ dashboard_id: 'xyz-xyz-xyz', public_url: 'https://p.datadoghq.com/sb/1', token: 't' }],
    prints: { board_id: 'xyz-xyz-xyz', public_url: 'https://p.datadoghq.com/sb/1' },
  },

  graphSnapshot: {
    args: ['system.load.1{*}', '2030-01-01', '2030-01-02', '{"title":"Load"}'],
    requests: [
      [`GET /api/v1/graph/snapshot?metric_query=system.load.1%7B*%7D&start=${DAY}&end=${NEXT_DAY}&title=Load`],
    ],
    answers: [SNAPSHOT],
    prints: SNAPSHOT,
  },
  graphSnapshotFromDef: {
    args: ['{"viz":"timeseries"}', String(DAY), String(NEXT_DAY)],
    requests: [
      [`GET /api/v1/graph/snapshot?graph_def=%7B%22viz%22%3A%22timeseries%22%7D&start=${DAY}&end=${NEXT_DAY}`],
    ],
    answers: [SNAPSHOT],
    prints: SNAPSHOT,
  },
  snapshotStatus: {
    args: [SNAPSHOT.snapshot_url],
    requests: [['GET /api/v1/graph/snapshot_status/dd-snapshots-prod/org_1/2030-01-01/abc']],
    answers: [{ status_code: 200 }],
    prints: 200,
  },

  search: {
    args: ['metrics:cassandra'],
    requests: [['GET /api/v1/search?q=metrics%3Acassandra']],
    answers: [{ results: { metrics: ['cassandra.db'] } }],
    prints: { metrics: ['cassandra.db'] },
  },
  invite: {
    args: ['ada@example.com'],
    requests: [
      ['POST /api/v2/users', { data: { type: 'users', attributes: { email: 'ada@example.com' } } }],
      [
        'POST /api/v2/user_invitations',
        { data: [{ type: 'user_invitations', relationships: { user: { data: { type: 'users', id: 'u1' } } } }] },
      ],
    ],
    answers: [{ data: { id: 'u1' } }, { data: [{ relationships: { user: { data: { id: 'u1' } } } }] }],
    prints: ['ada@example.com'],
  },
  request: {
    args: ['GET', '/api/v1/slo', '{"query":{"limit":10}}'],
    requests: [['GET /api/v1/slo?limit=10']],
    answers: [{ data: [] }],
    prints: { data: [] },
  },
}
