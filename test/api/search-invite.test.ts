// Methods that make several requests and put the answers together: search, invitations, and alerts that are silenced.

import { strict as assert } from 'node:assert'
import { apiSuite } from '../support/api-suite'

describe('search', () => {
  const suite = apiSuite()

  const HOSTS = { json: { host_list: [{ name: 'web-1', id: 1 }, { name: 'web-2' }], total_matching: 2 } }
  const METRICS = { json: { results: { metrics: ['web.hits'] } } }
  const rows: [query: string, asked: [string, Record<string, string>][], found: object][] = [
    ['metrics:web', [['/api/v1/search', { q: 'metrics:web' }]], { metrics: ['web.hits'] }],
    ['hosts:web', [['/api/v1/hosts', { filter: 'web', count: '1000' }]], { hosts: ['web-1', 'web-2'] }],
    [
      'web',
      [
        ['/api/v1/search', { q: 'metrics:web' }],
        ['/api/v1/hosts', { filter: 'web', count: '1000' }],
      ],
      { metrics: ['web.hits'], hosts: ['web-1', 'web-2'] },
    ],
    [
      '',
      [
        ['/api/v1/search', { q: 'metrics:' }],
        ['/api/v1/hosts', { filter: '', count: '1000' }],
      ],
      { metrics: ['web.hits'], hosts: ['web-1', 'web-2'] },
    ],
    ['hosts:a b&c=ä', [['/api/v1/hosts', { filter: 'a b&c=ä', count: '1000' }]], { hosts: ['web-1', 'web-2'] }],
    [
      'tags:web',
      [
        ['/api/v1/search', { q: 'metrics:tags:web' }],
        ['/api/v1/hosts', { filter: 'tags:web', count: '1000' }],
      ],
      { metrics: ['web.hits'], hosts: ['web-1', 'web-2'] },
    ],
  ]
  for (const [query, asked, found] of rows) {
    it(`asks for what is wanted: ${JSON.stringify(query)}`, async () => {
      suite.server.always = ({ path }) => (path === '/api/v1/hosts' ? HOSTS : METRICS)
      assert.deepEqual(await suite.strict().search(query), found)
      assert.deepEqual(
        suite.server.asked.map(({ path, query: given }) => [path, given]),
        asked,
      )
    })
  }

  it('fails as a whole where one half does', async () => {
    suite.server.manners.push(METRICS, { status: 403, json: { errors: ['Forbidden'] } })
    await assert.rejects(suite.strict().search('web'), /permission hosts_read\?/)
  })
})

describe('invite', () => {
  const suite = apiSuite()

  const user = (id: string, email = `${id}@example.com`) => ({ id, type: 'users', attributes: { email } })
  const made = (id: string) => ({ status: 201, json: { data: user(id) } })
  const known = { status: 409, json: { errors: ['already a user'] } }
  const invitations = (...ids: (string | undefined)[]) => ({
    status: 201,
    json: { data: ids.map((id) => ({ relationships: { user: { data: { type: 'users', id } } } })) },
  })

  it('makes users of those who are none, and invites all at once', async () => {
    suite.server.manners.push(
      made('ada'),
      known,
      { json: { data: [user('other', 'x-grace@example.com'), user('grace', 'GRACE@example.com')] } },
      invitations('grace', 'ada'),
    )
    const invited = await suite.strict().invite(['ada@example.com', 'grace@example.com'])
    assert.deepEqual(invited, ['grace@example.com', 'ada@example.com'])
    assert.deepEqual(suite.server.lines, [
      'POST /api/v2/users',
      'POST /api/v2/users',
      'GET /api/v2/users',
      'POST /api/v2/user_invitations',
    ])
    assert.deepEqual(suite.server.asked[0]?.body, { data: { type: 'users', attributes: { email: 'ada@example.com' } } })
    assert.deepEqual(suite.server.asked[2]?.query, { filter: 'grace@example.com' })
    const data = ['ada', 'grace'].map((id) => ({
      type: 'user_invitations',
      relationships: { user: { data: { type: 'users', id } } },
    }))
    assert.deepEqual(suite.server.body, { data })
  })

  it('gives only those who are in the answer', async () => {
    suite.server.manners.push(made('ada'), made('grace'), made('mary'), invitations('grace', 'stranger', undefined))
    assert.deepEqual(await suite.strict().invite(['ada@example.com', 'grace@example.com', 'mary@example.com']), [
      'grace@example.com',
    ])
  })

  it('takes one address', async () => {
    suite.server.manners.push(made('ada'), invitations('ada'))
    assert.deepEqual(await suite.strict().invite('ada@example.com'), ['ada@example.com'])
  })

  it('tells of a conflict that is no user’s', async () => {
    for (const data of [[], [user('x', 'ada@example.com.evil')], [{ id: 'y' }]]) {
      suite.server.manners.push(known, { json: { data } })
      await assert.rejects(suite.strict().invite('ada@example.com'), {
        name: 'ApiError',
        status: 409,
        errors: ['already a user'],
      })
    }
    assert.ok(suite.server.lines.every((line) => !line.includes('invitations')))
  })

  it('invites nobody where a user cannot be made', async () => {
    suite.server.manners.push(made('ada'), { status: 400, json: { errors: ['bad address'] } })
    assert.deepEqual(await suite.client().invite(['ada@example.com', 'nonsense']), { errors: ['bad address'] })
    assert.ok(suite.server.lines.every((line) => !line.includes('invitations')))
  })

  it('invites nobody by an id that is none', async () => {
    suite.server.manners.push({ status: 201, json: { data: { attributes: {} } } })
    await assert.rejects(suite.strict().invite('ada@example.com'), { code: 'invalid_response' })
    assert.equal(suite.server.asked.length, 1)
  })
})

describe('alerts', () => {
  const suite = apiSuite()

  it('are monitors, muted by a second request only where that is said', async () => {
    suite.server.always = { json: { id: 7 } }
    const api = suite.strict()
    assert.equal(await api.alert('q', { name: 'n', notifyNoData: false, timeoutH: 0 }), 7)
    assert.deepEqual(suite.server.body, {
      type: 'metric alert',
      query: 'q',
      name: 'n',
      options: { notify_no_data: false, timeout_h: 0 },
    })
    assert.equal(await api.alert('q', { silenced: true }), 7)
    assert.deepEqual(suite.server.body, {})
    await api.updateAlert('7', 'q', { silenced: true, silencedTimeoutTs: new Date('2030-01-01') })
    assert.deepEqual(suite.server.body, { end: 1893456000 })
    await api.updateAlert(7, 'q', { silenced: false })
    await api.updateAlert(7, 'q')
    assert.deepEqual(suite.server.body, { query: 'q' })
    assert.deepEqual(suite.server.lines, [
      'POST /api/v1/monitor',
      'POST /api/v1/monitor',
      'POST /api/v1/monitor/7/mute',
      'PUT /api/v1/monitor/7',
      'POST /api/v1/monitor/7/mute',
      'PUT /api/v1/monitor/7',
      'POST /api/v1/monitor/7/unmute',
      'PUT /api/v1/monitor/7',
    ])
  })

  it('tell that muting them failed', async () => {
    suite.server.manners.push({ json: { id: 7 } }, { status: 400, json: { errors: ['no group'] } })
    assert.deepEqual(await suite.client().alert('q', { silenced: true }), { errors: ['no group'] })
  })

  it('are only those of metrics in a list', async () => {
    const types = ['metric alert', 'query alert', 'rum alert', undefined]
    suite.server.always = { json: types.map((type, id) => ({ id, type })) }
    assert.deepEqual(
      (await suite.strict().getAllAlerts()).map(({ id }) => id),
      [0, 1],
    )
  })
})

describe('monitors', () => {
  const suite = apiSuite()

  it('are asked for in every way there is', async () => {
    suite.server.always = { json: [] }
    const api = suite.strict()
    await api.getAllMonitors()
    await api.getAllMonitors({ groupStates: ['alert', 'no data'], tags: 'env:a', monitorTags: ['b', 'c'], name: 'n' })
    await api.getAllMonitors({ withDowntimes: false, idOffset: 0, page: 0, pageSize: 1000 })
    await api.getMonitor(1, { groupStates: 'all', withDowntimes: true })
    await api.deleteMonitor(1, { force: true })
    assert.deepEqual(
      suite.server.asked.map(({ query }) => query),
      [
        {},
        { group_states: 'alert,no data', tags: 'env:a', monitor_tags: 'b,c', name: 'n' },
        { with_downtimes: 'false', id_offset: '0', page: '0', page_size: '1000' },
        { group_states: 'all', with_downtimes: 'true' },
        { force: 'true' },
      ],
    )
  })

  it('are muted for a while, for a scope, and for good', async () => {
    suite.server.always = { json: { id: 1 } }
    const api = suite.strict()
    await api.muteMonitor(1)
    await api.muteMonitor(1, { scope: 'env:a', end: new Date('2030-01-01') })
    await api.unmuteMonitor(1, { allScopes: true })
    await api.muteMonitors()
    assert.deepEqual(
      suite.server.asked.map(({ body }) => body),
      [{}, { scope: 'env:a', end: 1893456000 }, { all_scopes: true }, undefined],
    )
    assert.equal(suite.server.asked[3]?.headers['content-length'], '0')
  })

  it('keep what is null or false in their options, and lose what is undefined', async () => {
    suite.server.always = { json: { id: 1 } }
    const options = { silenced: null, notify_no_data: false, thresholds: { critical: 0 }, gone: undefined }
    await suite.strict().monitor('Metric Alert', 'q', { options, tags: [], message: '' })
    assert.deepEqual(suite.server.body, {
      type: 'metric alert',
      query: 'q',
      message: '',
      tags: [],
      options: { silenced: null, notify_no_data: false, thresholds: { critical: 0 } },
    })
  })
})

describe('snapshots', () => {
  const suite = apiSuite()

  it('are asked for with times in any form, and with graphs as objects or JSON', async () => {
    suite.server.always = { json: { snapshot_url: 'https://p/' } }
    const api = suite.strict()
    const [start, end] = [new Date('2030-01-01'), 1893456060.5]
    await api.graphSnapshot('q{a:b}', start, end, { eventQuery: 'e', title: 'T & U', width: 100, height: 50 })
    await api.graphSnapshotFromDef({ viz: 'x', requests: [{ q: 'ä' }] }, start, end)
    await api.graphSnapshotFromDef('{"viz":"x"}', start, end)
    const time = { start: '1893456000', end: '1893456060' }
    assert.deepEqual(
      suite.server.asked.map(({ query }) => query),
      [
        { metric_query: 'q{a:b}', ...time, event_query: 'e', title: 'T & U', width: '100', height: '50' },
        { graph_def: '{"viz":"x","requests":[{"q":"ä"}]}', ...time },
        { graph_def: '{"viz":"x"}', ...time },
      ],
    )
  })

  it('tell how far they are, as a number', async () => {
    suite.server.manners.push({ json: { status_code: '200' } }, { json: { status_code: 202 } })
    const url = 'https://p.datadoghq.com/snapshot/view/dd-snapshots/org_1/2030-01-01/a%20b.png?x=1'
    assert.equal(await suite.strict().snapshotStatus(url), 200)
    assert.equal(await suite.strict().snapshotStatus(url), 202)
    assert.equal(suite.server.lines[0], 'GET /api/v1/graph/snapshot_status/dd-snapshots/org_1/2030-01-01/a%20b')
  })
})
