// With `jsonResponses` a call resolves with what the server answered, all of it; where a method makes several requests, with what they say
// together.

import { strict as assert } from 'node:assert'
import type { DogHttpApi } from '../../src/api'
import { apiSuite } from '../support/api-suite'
import type { Manner } from '../support/scripted-server'

type Api = DogHttpApi<{ readonly swallow: false; readonly jsonResponses: true }>

const board = (id: number | string, layout_type = 'ordered') => ({ id: String(id), layout_type })

describe('jsonResponses', () => {
  const suite = apiSuite()

  const rows: [name: string, call: (api: Api) => Promise<unknown>, manners: Manner[], whole: unknown][] = [
    [
      'hostTags',
      (api) => api.hostTags('web-1'),
      [{ json: { tags: ['a'], host: 'web-1', warnings: ['w'] } }],
      { tags: ['a'], host: 'web-1', warnings: ['w'] },
    ],
    ['hostTags, without tags', (api) => api.hostTags('web-1'), [{ json: { host: 'web-1' } }], { host: 'web-1' }],
    ['detachTags', (api) => api.detachTags('web-1'), [{ status: 204 }], {}],
    ['hostTags, where there is nothing', (api) => api.hostTags('web-1'), [{ text: '' }], {}],
    ['getAllMonitors', (api) => api.getAllMonitors(), [{ json: [{ id: 1 }] }], [{ id: 1 }]],
    [
      'getAllAlerts',
      (api) => api.getAllAlerts(),
      [{ json: [{ id: 1, type: 'rum alert' }] }],
      [{ id: 1, type: 'rum alert' }],
    ],
    [
      'updateDashboard',
      (api) => api.updateDashboard(12, 't', 'd', []),
      [{ json: { dash: { id: 12 }, url: '/' } }],
      { dash: { id: 12 }, url: '/' },
    ],
    [
      'event',
      (api) => api.event('t', 'x'),
      [{ text: '{"status":"ok","event":{"id":6327818702635911562}}' }],
      { status: 'ok', event: { id: '6327818702635911562' } },
    ],
    [
      'snapshotStatus',
      (api) => api.snapshotStatus('https://p.datadoghq.com/snapshot/view/a.png'),
      [{ json: { status_code: '200' } }],
      { status_code: '200' },
    ],
    [
      'metric',
      (api) => api.metric('m', 1),
      [{ status: 202, json: { status: 'ok', more: 1 } }],
      { status: 'ok', more: 1 },
    ],
    [
      'alert, silenced',
      (api) => api.alert('q', { silenced: true }),
      [{ json: { id: 5, name: 'n' } }, { json: { id: 5, options: {} } }],
      { id: 5, name: 'n' },
    ],
    [
      'updateAlert',
      (api) => api.updateAlert(5, 'q', { silenced: false }),
      [{ json: { id: 5, name: 'n' } }, {}],
      { id: 5, name: 'n' },
    ],
    [
      'dashboards',
      (api) => api.dashboards(),
      [
        { json: { dashboards: Array.from({ length: 100 }, (_, n) => board(n)) } },
        { json: { dashboards: [board(100, 'free')] } },
      ],
      { dashboards: [...Array.from({ length: 100 }, (_, n) => board(n)), board(100, 'free')] },
    ],
    [
      'getAllDowntimes',
      (api) => api.getAllDowntimes(),
      [
        { json: { data: [{ id: 'a' }], meta: { page: { total_filtered_count: 2 } } } },
        { json: { data: [{ id: 'b' }], meta: { page: { total_filtered_count: 2 } } } },
      ],
      { data: [{ id: 'a' }, { id: 'b' }], meta: { page: { total_filtered_count: 2 } } },
    ],
    [
      'search',
      (api) => api.search('x'),
      [{ json: { results: { metrics: ['m.x'] } } }, { json: { host_list: [{ name: 'x' }], total_returned: 1 } }],
      { results: { metrics: ['m.x'] }, host_list: [{ name: 'x' }], total_returned: 1 },
    ],
    [
      'invite',
      (api) => api.invite('a@example.com'),
      [
        { status: 201, json: { data: { id: 'u1' } } },
        { status: 201, json: { data: [], meta: 1 } },
      ],
      { data: [], meta: 1 },
    ],
    [
      'shareScreenboard',
      (api) => api.shareScreenboard('abc'),
      [{ json: { dashboard_id: 'abc', public_url: 'https://p/', token: 't' } }],
      { dashboard_id: 'abc', public_url: 'https://p/', token: 't' },
    ],
  ]
  for (const [name, call, manners, whole] of rows) {
    it(`gives the whole answer: ${name}`, async () => {
      suite.server.manners.push(...manners)
      assert.deepEqual(await call(suite.client({ swallow: false, jsonResponses: true })), whole)
      assert.equal(suite.server.manners.length, 0)
    })
  }

  it('changes nothing about failures', async () => {
    suite.server.always = { status: 403, json: { errors: ['Forbidden'] } }
    const api = suite.client({ jsonResponses: true })
    assert.deepEqual(await api.hostTags('web-1'), { errors: ['Forbidden'] })
    await assert.rejects(api.with({ swallow: false }).hostTags('web-1'), { name: 'ApiError', status: 403 })
  })

  it('can be asked for one call, and not', async () => {
    suite.server.always = { json: { tags: ['a'], host: 'h' } }
    const api = suite.strict()
    assert.deepEqual(await api.with({ jsonResponses: true }).hostTags('h'), { tags: ['a'], host: 'h' })
    assert.deepEqual(await api.hostTags('h'), ['a'])
    assert.deepEqual(await api.with({ jsonResponses: true }).with({ jsonResponses: false }).hostTags('h'), ['a'])
  })
})

describe('an answer that is no use', () => {
  const suite = apiSuite()
  type Strict = ReturnType<typeof suite.strict>

  const calls: [name: string, call: (api: Strict) => Promise<unknown>, before?: Manner[]][] = [
    ['hostTags', (api) => api.hostTags('h')],
    ['allTags', (api) => api.allTags()],
    ['event', (api) => api.event('t', 'x')],
    ['stream', (api) => api.stream(1, 2)],
    ['getEvent', (api) => api.getEvent('1')],
    ['comment', (api) => api.comment('h', 'm')],
    ['monitor', (api) => api.monitor('metric alert', 'q')],
    ['alert', (api) => api.alert('q', { silenced: true })],
    ['getAllAlerts', (api) => api.getAllAlerts()],
    ['scheduleDowntime', (api) => api.scheduleDowntime('*')],
    ['getDowntime', (api) => api.getDowntime('abc')],
    ['getAllDowntimes', (api) => api.getAllDowntimes()],
    ['createDashboard', (api) => api.createDashboard('t', 'd', [])],
    ['updateDashboard', (api) => api.updateDashboard(12, 't', 'd', [])],
    ['dashboard', (api) => api.dashboard(12)],
    ['dashboards', (api) => api.dashboards()],
    ['shareScreenboard', (api) => api.shareScreenboard('abc')],
    ['snapshotStatus', (api) => api.snapshotStatus('https://p.datadoghq.com/snapshot/view/a.png')],
    ['search', (api) => api.search('metrics:a')],
    ['search for hosts', (api) => api.search('hosts:a')],
    ['invite', (api) => api.invite('a@example.com')],
    ['invite, at its end', (api) => api.invite('a@example.com'), [{ json: { data: { id: 'u1' } } }]],
  ]
  const NAMES = [
    'tags',
    'event',
    'events',
    'comment',
    'id',
    'data',
    'dash',
    'dashboards',
    'status_code',
    'results',
    'host_list',
  ]
  const filled = (value: unknown) => Object.fromEntries(NAMES.map((name) => [name, value]))
  const useless: [name: string, manner: Manner][] = [
    ['nothing', { text: '' }],
    ['null', { text: 'null' }],
    ['a text', { json: 'ok' }],
    ['a number', { json: 5 }],
    ['an object without what it should have', { json: { status: 'ok' } }],
    ['members that are null', { json: filled(null) }],
  ]
  for (const [name, manner] of useless) {
    it(`is ${name}: a ClientError, and no exception of ours`, async () => {
      for (const [method, call, before = []] of calls) {
        suite.server.manners.push(...before, manner)
        await assert.rejects(
          call(suite.strict()),
          { name: 'ClientError', code: 'invalid_response', status: 200 },
          method,
        )
        suite.server.manners.push(...before, manner)
        const { errors } = (await call(suite.client() as unknown as Strict)) as { errors: string[] }
        assert.equal(errors.length, 1, method)
        assert.match(errors[0] ?? '', /was answered by a success without \w+|without the id/, method)
        suite.server.manners.length = 0
      }
    })
  }

  it('is a list of what are no objects: a ClientError too', async () => {
    const lists = calls.filter(([name]) => /stream|getAll|dashboards|hosts|at its end/.test(name))
    assert.equal(lists.length, 6)
    for (const bad of [[null], ['x'], [1], {}, 'text', 5]) {
      for (const [method, call, before = []] of lists) {
        suite.server.manners.push(...before, { json: method === 'getAllAlerts' ? bad : filled(bad) })
        await assert.rejects(call(suite.strict()), { name: 'ClientError', code: 'invalid_response' }, method)
      }
    }
  })

  it('is an HTML page with a status of success, whatever its type says', async () => {
    for (const type of ['text/html', 'application/json']) {
      suite.server.manners.push({ headers: { 'Content-Type': type }, text: '<html>Log in to the company</html>' })
      await assert.rejects(suite.strict().hostTags('h'), (error: Error) => {
        assert.match(error.message, /^GET \/api\/v1\/tags\/hosts\/h was answered 200 by what is no JSON; is apiHost /)
        assert.ok(!error.message.includes('company'))
        return true
      })
    }
  })

  it('is not one whose type is odd', async () => {
    suite.server.manners.push({ headers: { 'Content-Type': 'text/html' }, json: { tags: ['a'] } })
    assert.deepEqual(await suite.strict().hostTags('h'), ['a'])
  })
})
