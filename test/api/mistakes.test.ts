// What a call cannot mean is refused before anything is sent, by a TypeError that says what would be right, also where failures are
// swallowed: it is a mistake of the program, and nothing of Datadog's.

import { strict as assert } from 'node:assert'
import { inspect } from 'node:util'
import { DogHttpApi } from '../../src/api'
import type { MethodName } from '../../src/api/api-methods'
import { METHODS } from '../../src/api/api-methods'
import { apiSuite } from '../support/api-suite'

type AnyCall = (...args: unknown[]) => Promise<unknown>

/** Arguments of a call that is right, by method; those that begin with an id have it first. */
const RIGHT: Readonly<Record<MethodName, unknown[]>> = {
  addTags: ['web-1', 'a:b'],
  changeTags: ['web-1', ['a:b']],
  allTags: [],
  hostTags: ['web-1'],
  detachTags: ['web-1'],
  metric: ['m', 1],
  metrics: [[{ metric: 'm', points: [[1, 1]] }]],
  distribution: ['m', 1],
  distributions: [[{ metric: 'm', points: [[1, [1]]] }]],
  serviceCheck: ['c', 'h', 0],
  serviceChecks: [[{ check: 'c', host_name: 'h', status: 0, tags: [] }]],
  validate: [],
  event: ['t', 'x'],
  stream: [1, 2],
  getEvent: ['1'],
  comment: ['h', 'm'],
  updateComment: ['h', 'm', '1'],
  deleteComment: ['1'],
  monitor: ['metric alert', 'q'],
  updateMonitor: [1, 'q'],
  getMonitor: [1],
  deleteMonitor: [1],
  getAllMonitors: [],
  muteMonitors: [],
  unmuteMonitors: [],
  muteMonitor: [1],
  unmuteMonitor: [1],
  alert: ['q'],
  updateAlert: [1, 'q'],
  getAlert: [1],
  deleteAlert: [1],
  getAllAlerts: [],
  muteAlerts: [],
  unmuteAlerts: [],
  scheduleDowntime: ['a:b'],
  updateDowntime: ['abc'],
  getDowntime: ['abc'],
  cancelDowntime: ['abc'],
  getAllDowntimes: [],
  createDashboard: ['t', 'd', []],
  updateDashboard: ['abc', 't', 'd', []],
  dashboard: ['abc'],
  dashboards: [],
  deleteDashboard: ['abc'],
  createScreenboard: [{}],
  updateScreenboard: ['abc', {}],
  getScreenboard: ['abc'],
  getAllScreenboards: [],
  deleteScreenboard: ['abc'],
  shareScreenboard: ['abc'],
  graphSnapshot: ['q', 1, 2],
  graphSnapshotFromDef: ['{}', 1, 2],
  snapshotStatus: ['https://p.datadoghq.com/snapshot/view/a/b.png'],
  search: ['q'],
  invite: ['a@example.com'],
  request: ['GET', '/api/v1/slo'],
}

/** The options come last; where there are fewer arguments, those before them are given. */
const WITH_OPTIONS = (Object.keys(METHODS) as MethodName[]).filter((name) =>
  METHODS[name].usage.trimEnd().endsWith('}'),
)

const WITH_ID = (Object.keys(METHODS) as MethodName[]).filter((name) => /^(?:\w+Id|id)\b/.test(METHODS[name].usage))

describe('a mistake in a call of the API', () => {
  const suite = apiSuite()

  const call = (name: MethodName, args: readonly unknown[], isSwallowing = true) =>
    (suite.client({ swallow: isSwallowing })[name] as unknown as AnyCall).apply(
      suite.client({ swallow: isSwallowing }),
      [...args],
    )

  afterEach(() => {
    assert.deepEqual(suite.server.lines, [])
    assert.deepEqual(suite.lines, [])
  })

  async function isRefused(name: MethodName, args: readonly unknown[], message?: RegExp): Promise<void> {
    for (const isSwallowing of [true, false]) {
      const error = await call(name, args, isSwallowing).then(
        (value) => assert.fail(`${name} resolved with ${JSON.stringify(value)}`),
        (reason: unknown) => reason as Error,
      )
      assert.equal(error.constructor, TypeError, `${name}: ${error}`)
      if (message !== undefined) assert.match(error.message, message)
    }
  }

  it('is told by a rejection, never by an exception', async () => {
    const api = suite.client() as unknown as Record<string, AnyCall>
    for (const [name, { usage }] of Object.entries(METHODS)) {
      if (usage === '') continue
      const promise = api[name]?.(Symbol('what is this'), Symbol('and this'), Symbol('and that'))
      assert.ok(promise instanceof Promise, name)
      await assert.rejects(promise, TypeError)
    }
  })

  assert.ok(WITH_ID.length > 20 && WITH_OPTIONS.length > 20)
  for (const name of WITH_ID) {
    it(`is an id that is none: ${name}`, async () => {
      const none = ['', '.', '..', null, undefined, Number.NaN, Number.POSITIVE_INFINITY, 1.5, {}, [], ['1'], true]
      for (const id of [...none, 2 ** 53, Number('6327818702635911562'), '\ud800', Symbol('id')]) {
        await isRefused(name, [id, ...RIGHT[name].slice(1)], /(?:\w+Id|id) is a (?:text|whole number)/)
      }
    })
  }

  for (const name of WITH_OPTIONS) {
    it(`is an option that there is not: ${name}`, async () => {
      const args = [...RIGHT[name]]
      for (const options of [null, 'text', 5, [], true])
        await isRefused(name, [...args, options], /^options is an object/)
      if (name === 'event') return
      await isRefused(name, [...args, { no_such: 1 }], /^there is no option no_such; there is \w+/)
    })
  }

  const others: [name: MethodName, args: unknown[], message: RegExp][] = [
    ['addTags', ['h', 5], /^tags is a text or a list of texts, not 5/],
    ['addTags', ['h', ['a', 5]], /^tags is a text or a list/],
    ['changeTags', ['h', { a: 1 }], /^tags is a text or a list of texts, not an object/],
    ['changeTags', ['h', undefined], /not undefined/],
    ['monitor', [5, 'q'], /^type is a text, not 5/],
    ['monitor', ['metric alert', null], /^query is a text/],
    ['monitor', ['metric alert', 'q', { options: [1] }], /^options\.options is an object, not a list/],
    ['updateMonitor', [1, 'q', { options: 'x' }], /^options\.options is an object/],
    ['getMonitor', [1, { groupStates: 5 }], /^groupStates is a text or a list/],
    ['getAllMonitors', [{ tags: 5 }], /^tags is a text or a list/],
    ['getAllMonitors', [{ monitorTags: [1] }], /^monitorTags is/],
    ['muteMonitor', [1, { end: 'tomorrow' }], /^end is seconds since the epoch, or a Date/],
    ['muteMonitor', [1, { end: 1893456000000 }], /^end is seconds since the epoch, or a Date, not milliseconds/],
    ['alert', [undefined], /^query is a text/],
    ['updateAlert', [1, 'q', { silencedTimeoutTs: new Date(Number.NaN) }], /^silencedTimeoutTs is seconds/],
    ['scheduleDowntime', [''], /^scope is key:value or \*, and not empty/],
    ['scheduleDowntime', [[]], /^scope is key:value/],
    ['scheduleDowntime', [['a:b', '']], /^scope is key:value/],
    ['scheduleDowntime', [5], /^scope is a text or a list/],
    ['scheduleDowntime', ['*', { start: 1893456000000 }], /^start is .* not milliseconds/],
    ['scheduleDowntime', ['*', { monitorTags: 5 }], /^monitorTags is/],
    ['updateDowntime', ['abc', { end: Number.NaN }], /^end is seconds/],
    ['updateDowntime', [123, { start: '1' }], /^start is seconds/],
    ['event', [1, 'x'], /^title is a text, not 1/],
    ['event', ['t', undefined], /^text is a text, not undefined/],
    ['event', ['t', 'x', { dateHappened: 'now' }], /^dateHappened is seconds/],
    ['event', ['t', 'x', { tags: { a: 1 } }], /^tags is/],
    ['event', ['t', 'x', { relatedEventId: 2 ** 53 }], /^relatedEventId is a whole number, as text/],
    ['event', ['t', 'x', { relatedEventId: 'abc' }], /^relatedEventId is a whole number/],
    ['event', ['t', 'x', { relatedEventId: -1n }], /^relatedEventId is a whole number/],
    ['event', ['t', 'x', { relatedEventId: ['1'] }], /^relatedEventId is a whole number/],
    ['comment', [5, 'm'], /^handle is a text/],
    ['comment', ['h', 5], /^message is a text/],
    ['comment', ['h', 'm', { commentId: '' }], /^commentId is a text or a number/],
    ['comment', ['h', 'm', { relatedEventId: 1.5 }], /^relatedEventId is a whole number/],
    ['updateComment', ['h', 'm', null], /^commentId is a text or a number/],
    ['stream', ['yesterday', 2], /^start is seconds/],
    ['stream', [1, undefined], /^end is seconds/],
    ['stream', [1893456000000, 1893456000001], /^start is .* not milliseconds/],
    ['stream', [1, 2, { sources: 5 }], /^sources is/],
    ['createDashboard', [5, 'd', []], /^title is a text/],
    ['createDashboard', ['t', 'd', {}], /^graphs is a list, not an object/],
    ['createDashboard', ['t', 'd', 'no JSON'], /^graphs is a list of graphs, or its JSON/],
    ['createDashboard', ['t', 'd', '{}'], /^graphs is a list of graphs, or its JSON/],
    ['createDashboard', ['t', 'd', [], { templateVariables: 'a' }], /^templateVariables is a list, not a text/],
    ['updateDashboard', [12, 't', 'd', [], { templateVariables: 'a' }], /^templateVariables is a list/],
    ['createScreenboard', ['{}'], /^description is an object, not a text/],
    ['createScreenboard', [[]], /^description is an object, not a list/],
    ['updateScreenboard', ['abc', null], /^description is an object, not null/],
    ['graphSnapshot', [null, 1, 2], /^metricQuery is a text/],
    ['graphSnapshot', ['q', '1', 2], /^start is seconds/],
    ['graphSnapshotFromDef', [5, 1, 2], /^graphDef is a text, not 5/],
    ['graphSnapshotFromDef', [null, 1, 2], /^graphDef is a text/],
    ['snapshotStatus', ['https://example.com/x.png'], /^snapshotUrl is the URL that graphSnapshot gave/],
    ['snapshotStatus', [undefined], /^snapshotUrl is the URL/],
    ['snapshotStatus', ['https://p.datadoghq.com/snapshot/view/.png'], /^snapshotUrl is the URL/],
    ['search', [5], /^query is a text/],
    ['invite', [5], /^emails is a text or a list/],
    ['invite', [[]], /^emails is an address, or a list of them/],
    ['invite', [['a@example.com', '']], /^emails is an address/],
    ['serviceCheck', ['c', 'h', 4], /^status is 0 \(OK\), 1 \(warning\), 2 \(critical\) or 3 \(unknown\), not 4/],
    ['serviceCheck', ['c', 'h', 'OK'], /^status is 0 \(OK\)/],
    ['serviceCheck', ['c', undefined, 0], /^host is a text/],
    ['serviceCheck', ['c', 'h', 0, { timestamp: 'now' }], /^timestamp is seconds/],
    ['serviceChecks', [{}], /^checks is a list/],
    ['serviceChecks', [[null]], /^a check is an object/],
    ['serviceChecks', [[{ check: 'c', host_name: 'h', status: -1, tags: [] }]], /^status is 0/],
    ['request', ['HEAD', '/x'], /^verb is GET, POST, PUT, PATCH or DELETE/],
    ['request', ['get', '/x'], /^verb is GET/],
    ['request', ['GET', 'api/v1/slo'], /^path begins with \//],
    ['request', ['GET', '/api/v1/slo?limit=1'], /^path begins with \/, and has no query/],
    ['request', ['GET', 'https://example.com/'], /^path begins with \//],
    ['request', ['GET', '/x', { body: {} }], /^a GET has no body/],
    ['request', ['GET', '/x', { query: 'a=b' }], /^query is an object/],
  ]
  for (const [name, args, message] of others) {
    it(`is told: ${name}(${args.map((one) => inspect(one, { compact: true, breakLength: Number.POSITIVE_INFINITY })).join(', ')})`, () =>
      isRefused(name, args, message))
  }

  it('is a key that is missing', async () => {
    const keyless = new DogHttpApi({ apiHost: 'https://api.datadoghq.com' })
    await assert.rejects(keyless.validate(), {
      name: 'TypeError',
      message: /an API key is needed: new DogHttpApi\(\{ apiKey \}\), or DD_API_KEY/,
    })
    const half = new DogHttpApi({ apiKey: 'x'.repeat(32), site: 'datadoghq.eu' })
    await assert.rejects(half.getMonitor(1), {
      name: 'TypeError',
      message: /needs an application key as well: .* or DD_APP_KEY/,
    })
    const other = suite.client({ applicationKey: '' })
    await assert.rejects(other.getMonitor(1), { name: 'TypeError', message: /application key/ })
  })
})

describe('what only Datadog can judge', () => {
  const suite = apiSuite()

  it('is sent', async () => {
    const api = suite.strict({ jsonResponses: true })
    await api.hostTags('web 1/ä%2f?#')
    await api.monitor('bogus', 'q')
    await api.getEvent(6327818702635911562n)
    await api.getMonitor(' ')
    assert.deepEqual(suite.server.lines, [
      'GET /api/v1/tags/hosts/web%201%2F%C3%A4%252f%3F%23',
      'POST /api/v1/monitor',
      'GET /api/v1/events/6327818702635911562',
      'GET /api/v1/monitor/%20',
    ])
  })
})
