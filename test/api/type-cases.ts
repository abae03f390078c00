// Lines of TypeScript about the API client: what is meant and must compile, and what is not meant and must not.

import type { MethodName } from '../../src/api/api-methods'

/** Of every program: clients in each mode, and what the examples of the doc comments have from elsewhere. */
export const HEAD = `
import { setTimeout } from 'node:timers/promises'
import {
  ApiError, type ApiEvent, type ApiFailure, ClientError, type Dashboard, DatadogError, type DashboardSummary, DogHttpApi,
  type DogHttpApiOptions, type Downtime, type Found, HttpBackoff, HttpTimeout, isError, type Monitor, type Series, type Snapshot, type Taken,
} from 'dd/api'
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A>(): <B>(value: B, isSame: Same<Awaited<B>, A>) => void { return () => {} }
const careful = new DogHttpApi()
const api = new DogHttpApi({ swallow: false })
const whole = new DogHttpApi({ swallow: false, jsonResponses: true })
declare const start: number, end: Date, apiKey: string, applicationKey: string, snapshot_url: string, load: object, options: DogHttpApiOptions
`

/** Each stands in a line of its own. */
export const RIGHT: readonly string[] = [
  // Without `swallow` calls give what they promise.
  "same<string[]>()(api.addTags('h', 'a'), true); same<string[]>()(api.changeTags(7n, ['a'] as const, { source: 'chef' }), true)",
  "same<Record<string, string[]>>()(api.allTags(), true); same<null>()(api.detachTags('h'), true)",
  "same<string[]>()(api.hostTags('h'), true); same<Record<string, string[]>>()(api.hostTags('h', { bySource: true }), true)",
  "same<Taken>()(api.metric('a', 1), true); same<Taken>()(api.metric('a', [start, 1]), true); same<Taken>()(api.metric('a', [[end, 1]], { tags: 'a' }), true)",
  "const series: Series[] = [{ metric: 'a', points: [[1, 2]], type: 'rate' }]; same<Taken>()(api.metrics(series), true)",
  "same<Taken>()(api.metrics([{ metric: 'a', points: [{ timestamp: 1, value: 2 }], type: 3, unit: 'byte' }], { api: 'v2' }), true)",
  "same<Taken>()(api.distribution('a', [[start, [1, 2]]], { host: 'h' }), true); same<Taken>()(api.distributions([{ metric: 'a', points: [[1, [2]]] }]), true)",
  "same<Taken>()(api.serviceCheck('a', 'h', 3, { timestamp: end }), true); same<Taken>()(api.serviceChecks([{ check: 'a', host_name: 'h', status: 0, tags: [] }]), true)",
  'same<{ readonly valid: boolean }>()(api.validate(), true)',
  "same<string>()(api.event('a', 'b', { relatedEventId: 7n, dateHappened: end, event_object: 'mine' }), true)",
  'same<ApiEvent[]>()(api.stream(start, end), true); same<ApiEvent>()(api.getEvent(7n), true)',
  "same<string>()(api.comment(null, 'a'), true); same<string>()(api.updateComment('a', 'b', '7'), true); same<Record<string, unknown> | null>()(api.deleteComment('7'), true)",
  "same<number>()(api.monitor('slo alert', 'q'), true); same<number>()(api.monitor('a type to come', 'q'), true); same<number>()(api.updateMonitor('1', 'q'), true)",
  "same<Monitor>()(api.getMonitor(1, { groupStates: 'no data' }), true); same<Monitor[]>()(api.getAllMonitors({ groupStates: ['alert'] }), true)",
  'same<{ readonly deleted_monitor_id: number }>()(api.deleteMonitor(1), true); same<Monitor>()(api.muteMonitor(1, { end }), true); same<null>()(api.unmuteMonitors(), true)',
  "same<number>()(api.alert('q'), true); same<number>()(api.updateAlert(1, 'q', { silencedTimeoutTs: end }), true); same<Monitor[]>()(api.getAllAlerts(), true)",
  "same<string>()(api.scheduleDowntime(['a:b', 'c:d'], { end }), true); same<string | number>()(api.updateDowntime(1, { scope: '*' }), true)",
  "same<Downtime>()(api.getDowntime('u'), true); same<Downtime[]>()(api.getAllDowntimes(), true); same<null>()(api.cancelDowntime(1), true)",
  "same<string>()(api.createDashboard('a', 'b', '[]'), true); same<string | number>()(api.updateDashboard(1, 'a', 'b', [{}], { templateVariables: ['a', { name: 'b', default: '*' }] }), true)",
  "same<Dashboard>()(api.dashboard('a'), true); same<DashboardSummary[]>()(api.dashboards(), true); same<Dashboard>()(api.createScreenboard({ widgets: [] }), true)",
  "same<DashboardSummary[]>()(api.getAllScreenboards(), true); same<Snapshot>()(api.graphSnapshot('q', start, end, { width: 5 }), true)",
  "same<number>()(api.snapshotStatus(snapshot_url), true); same<Found>()(api.search('a'), true); same<string[]>()(api.invite(['a@b']), true)",
  "same<unknown>()(api.request('PATCH', '/a', { query: { a: 1, b: undefined }, body: {} }), true)",
  // With it, what they promise or a failure, which `isError` tells apart.
  "same<string[] | ApiFailure>()(careful.hostTags('h'), true); same<string[] | ApiFailure>()(new DogHttpApi(options).hostTags('h'), true)",
  "async function narrow() { const tags = await careful.hostTags('h'); if (isError(tags)) return tags.errors.join(); return tags.map((tag) => tag.length) }",
  'async function early() { const id = await careful.event("a", "b"); if (isError(id)) throw new Error(id.errors[0]); same<string>()(id, true) }',
  "same<number | ApiFailure>()(new DogHttpApi({ swallow: true, apiKey }).monitor('a', 'q'), true)",
  // The whole answer may be anything.
  "same<unknown>()(whole.hostTags('h'), true); same<unknown>()(new DogHttpApi({ jsonResponses: true }).hostTags('h'), true)",
  // `with` changes what it is given, and nothing else.
  "same<string[]>()(careful.with({ swallow: false }).hostTags('h'), true); same<string[] | ApiFailure>()(api.with({ swallow: true }).hostTags('h'), true)",
  "same<string[]>()(api.with({ timeout: 60 }).hostTags('h'), true); same<string[] | ApiFailure>()(careful.with({ timeout: 60, maxRetries: 0 }).hostTags('h'), true)",
  "same<unknown>()(api.with({ jsonResponses: true }).hostTags('h'), true); same<string[]>()(whole.with({ jsonResponses: false }).hostTags('h'), true)",
  // Errors have what there is to know of them.
  'const told = (error: unknown) => error instanceof ApiError ? [error.status, error.errors, error.rateLimit?.remaining, error.advice] : error instanceof ClientError ? error.code : error instanceof HttpTimeout || error instanceof HttpBackoff || error instanceof DatadogError',
  // Clients are handed to functions that ask for less.
  'const [a, b, c, d]: DogHttpApi[] = [new DogHttpApi({ apiKey }), api, careful.with({ timeout: 5 }), new DogHttpApi(options)]; const e: DogHttpApi<{ swallow: false }> = careful.with({ swallow: false })',
  "new DogHttpApi({ apiKey, applicationKey, site: 'datadoghq.eu', proxy: '', fetch, hostname: 'h', signal: AbortSignal.timeout(5), useEc2InstanceId: true })",
]

type Wrong = readonly [code: string, error: string]

/** One or more for each method: an argument of another type, one too few, one too many, or an option that there is not. */
export const WRONG: Readonly<Record<MethodName, readonly Wrong[]>> = {
  addTags: [
    ["api.addTags('h')", 'arguments'],
    ["api.addTags('h', 5)", 'number'],
    ["api.addTags('h', 'a', 'b')", 'in common'],
  ],
  changeTags: [["api.changeTags('h', 'a', { sauce: 'chef' })", 'sauce']],
  allTags: [["api.allTags('chef')", 'chef|string']],
  hostTags: [
    ['api.hostTags()', 'overload|arguments'],
    ['api.hostTags(null)', 'overload|null'],
    ["const list: string[] = await careful.hostTags('h')", 'Result'],
    ["const list: string[] = await api.hostTags('h', { bySource: true })", 'Record'],
  ],
  detachTags: [['api.detachTags(undefined)', 'undefined']],
  metric: [
    ["api.metric('a')", 'arguments'],
    ["api.metric('a', '1')", 'string'],
    ["api.metric('a', [1])", 'number'],
    ["api.metric('a', 1, { metricType: 'histogram' })", 'histogram'],
  ],
  metrics: [
    ["api.metrics({ metric: 'a', points: [[1, 2]] })", 'overload|metric'],
    ["api.metrics([{ metric: 'a', points: [[1, '2']] }])", 'overload|string'],
    ["api.metrics([{ metric: 'a', points: [[1, 2]] }], { api: 'v2' })", 'overload|v2'],
    ["api.metrics([{ metric: 'a', points: [[1, 2]] }], { api: 'v3' })", 'overload|v3'],
  ],
  distribution: [["api.distribution('a', [[1, 2]])", 'number']],
  distributions: [["api.distributions([{ metric: 'a', points: [[1, 2]] }])", 'number']],
  serviceCheck: [
    ["api.serviceCheck('a', 'h', 4)", '4'],
    ["api.serviceCheck('a', 0)", 'arguments'],
    ["api.serviceCheck('a', 'h', 0, { time: 5 })", 'time'],
  ],
  serviceChecks: [["api.serviceChecks([{ check: 'a', status: 0, tags: [] }])", 'host_name']],
  validate: [["api.validate('key')", 'arguments']],
  event: [
    ["api.event('a')", 'arguments'],
    ["api.event('a', 'b', { alertType: 'fatal' })", 'fatal'],
    ["api.event('a', 'b', { tags: 5 })", 'number'],
    ["api.event('a', 'b', ['env:prod'])", 'EventOptions|string'],
    ["const id: number = await api.event('a', 'b')", 'string'],
  ],
  stream: [
    ['api.stream(1)', 'arguments'],
    ["api.stream('yesterday', 5)", 'string'],
    ["api.stream(1, 2, { priority: 'high' })", 'high'],
  ],
  getEvent: [['api.getEvent({})', 'Id|assignable']],
  comment: [["api.comment(undefined, 'a')", 'undefined']],
  updateComment: [["api.updateComment('a', 'b')", 'arguments']],
  deleteComment: [['api.deleteComment(true)', 'boolean']],
  monitor: [
    ["api.monitor('metric alert')", 'arguments'],
    ["api.monitor('metric alert', 'q', { tag: ['a'] })", 'tag'],
    ["api.monitor('metric alert', 'q', { options: 'none' })", 'string'],
  ],
  updateMonitor: [["api.updateMonitor(1, { name: 'a' })", 'name|string']],
  getMonitor: [["api.getMonitor(1, { groupStates: 'bad' })", 'bad']],
  deleteMonitor: [["api.deleteMonitor(1, { force: 'yes' })", 'string']],
  getAllMonitors: [['api.getAllMonitors({ pageSise: 5 })', 'pageSise']],
  muteMonitors: [['api.muteMonitors(1)', 'arguments']],
  unmuteMonitors: [['api.unmuteMonitors(1)', 'arguments']],
  muteMonitor: [["api.muteMonitor(1, { end: 'tomorrow' })", 'string']],
  unmuteMonitor: [['api.unmuteMonitor(1, { end: 5 })', 'end']],
  alert: [["api.alert('q', { silencedTimeoutTs: 5 })", 'silencedTimeoutTs']],
  updateAlert: [["api.updateAlert('q')", 'arguments']],
  getAlert: [['api.getAlert()', 'arguments']],
  deleteAlert: [['api.deleteAlert(null)', 'null']],
  getAllAlerts: [["api.getAllAlerts({ tags: 'a' })", 'arguments']],
  muteAlerts: [['api.muteAlerts(1)', 'arguments']],
  unmuteAlerts: [['api.unmuteAlerts(1)', 'arguments']],
  scheduleDowntime: [
    ['api.scheduleDowntime()', 'arguments'],
    ["api.scheduleDowntime('*', { monitorId: '1' })", 'string'],
  ],
  updateDowntime: [['api.updateDowntime(1, { monitorId: 1 })', 'monitorId']],
  getDowntime: [['api.getDowntime([1])', 'number|assignable']],
  cancelDowntime: [['api.cancelDowntime()', 'arguments']],
  getAllDowntimes: [['api.getAllDowntimes(true)', 'true|boolean|common']],
  createDashboard: [
    ["api.createDashboard('a', [])", 'arguments'],
    ["api.createDashboard('a', 'b', {})", 'assignable|missing'],
    ["api.createDashboard('a', 'b', [], { template_variables: [] })", 'template_variables'],
  ],
  updateDashboard: [["api.updateDashboard('a', 'b', 'c')", 'arguments']],
  dashboard: [['api.dashboard()', 'arguments']],
  dashboards: [['const titles: string[] = await api.dashboards()', 'DashboardSummary']],
  deleteDashboard: [['api.deleteDashboard(undefined)', 'undefined']],
  createScreenboard: [["api.createScreenboard('a')", 'string']],
  updateScreenboard: [['api.updateScreenboard({})', 'arguments']],
  getScreenboard: [['api.getScreenboard({})', 'assignable']],
  getAllScreenboards: [['api.getAllScreenboards(1)', 'arguments']],
  deleteScreenboard: [['api.deleteScreenboard()', 'arguments']],
  shareScreenboard: [['api.shareScreenboard(null)', 'null']],
  graphSnapshot: [["api.graphSnapshot('q', 1)", 'arguments']],
  graphSnapshotFromDef: [['api.graphSnapshotFromDef(5, 1, 2)', 'number']],
  snapshotStatus: [['api.snapshotStatus({ snapshot_url })', 'string']],
  search: [['api.search()', 'arguments']],
  invite: [['api.invite({})', 'assignable|missing']],
  request: [
    ["api.request('HEAD', '/a')", 'HEAD'],
    ["api.request('GET', '/a', { query: { a: {} } })", 'assignable'],
    ["api.request('GET', '/a', { params: {} })", 'params'],
  ],
}

/** Of the client itself. */
export const WRONG_CLIENT: readonly Wrong[] = [
  ['new DogHttpApi({ apikey: applicationKey })', 'apikey'],
  ["new DogHttpApi({ timeout: '5' })", 'string'],
  ["new DogHttpApi({ swallow: 'no' })", 'string'],
  ["api.with({ apiKey: 'a' })", 'apiKey|Type'],
  ["api.ask('metric', { verb: 'GET', path: '/' })", 'ask|Property'],
  ['api.parts', 'parts|Property'],
  ['const strict: DogHttpApi<{ swallow: false }> = careful', 'not assignable'],
  ["if (await careful.hostTags('h')) (await careful.hostTags('h')).join()", 'join'],
]
