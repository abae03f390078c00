// Downtimes in all their forms: what is sent to version 2 of the API, what to version 1, and the pages of their list.

import { strict as assert } from 'node:assert'
import type { ScheduleDowntimeOptions } from '../../src/api'
import { apiSuite } from '../support/api-suite'

const UUID = '83718756-0187-11ee-8c18-da7ad0900002'

describe('downtimes', () => {
  const suite = apiSuite()

  const forms: [
    name: string,
    scope: string | string[],
    options: ScheduleDowntimeOptions | undefined,
    attributes: object,
  ][] = [
    ['from now on', 'env:test', undefined, { scope: 'env:test', monitor_identifier: { monitor_tags: ['*'] } }],
    ['of all', '*', {}, { scope: '*', monitor_identifier: { monitor_tags: ['*'] } }],
    [
      'where several things hold',
      ['env:test', 'host:"a b"'],
      {},
      { scope: 'env:test AND host:"a b"', monitor_identifier: { monitor_tags: ['*'] } },
    ],
    [
      'with a start only',
      '*',
      { start: 1893456000 },
      { scope: '*', monitor_identifier: { monitor_tags: ['*'] }, schedule: { start: '2030-01-01T00:00:00Z' } },
    ],
    [
      'with an end only',
      '*',
      { end: 1893456000.9 },
      { scope: '*', monitor_identifier: { monitor_tags: ['*'] }, schedule: { end: '2030-01-01T00:00:00Z' } },
    ],
    [
      'with dates and a message',
      '*',
      { start: new Date('2030-01-01T01:02:03.999+01:00'), end: new Date('2030-01-02'), message: 'Moving house' },
      {
        scope: '*',
        monitor_identifier: { monitor_tags: ['*'] },
        schedule: { start: '2030-01-01T00:02:03Z', end: '2030-01-02T00:00:00Z' },
        message: 'Moving house',
      },
    ],
    [
      'at the beginning of time',
      '*',
      { start: 0 },
      { scope: '*', monitor_identifier: { monitor_tags: ['*'] }, schedule: { start: '1970-01-01T00:00:00Z' } },
    ],
    ['of a monitor', '*', { monitorId: 123 }, { scope: '*', monitor_identifier: { monitor_id: 123 } }],
    [
      'of monitors with a tag',
      '*',
      { monitorTags: 'team:web' },
      { scope: '*', monitor_identifier: { monitor_tags: ['team:web'] } },
    ],
    [
      'of monitors with tags',
      '*',
      { monitorTags: ['team:web', 'a:b'] },
      { scope: '*', monitor_identifier: { monitor_tags: ['team:web', 'a:b'] } },
    ],
  ]
  for (const [name, scope, options, attributes] of forms) {
    it(`are planned: ${name}`, async () => {
      suite.server.always = { json: { data: { id: UUID } } }
      assert.equal(await suite.strict().scheduleDowntime(scope, options), UUID)
      assert.deepEqual(suite.server.lines, ['POST /api/v2/downtime'])
      assert.deepEqual(suite.server.body, { data: { type: 'downtime', attributes } })
    })
  }

  it('are changed only where they are told', async () => {
    suite.server.always = { json: { data: { id: UUID } } }
    const api = suite.strict()
    assert.equal(await api.updateDowntime(UUID, { message: 'x' }), UUID)
    assert.deepEqual(suite.server.body, { data: { type: 'downtime', id: UUID, attributes: { message: 'x' } } })
    await api.updateDowntime(UUID, { scope: ['a:b', 'c:d'], end: new Date('2030-01-01') })
    assert.deepEqual(suite.server.body, {
      data: {
        type: 'downtime',
        id: UUID,
        attributes: { scope: 'a:b AND c:d', schedule: { end: '2030-01-01T00:00:00Z' } },
      },
    })
    await api.updateDowntime(UUID)
    assert.deepEqual(suite.server.body, { data: { type: 'downtime', id: UUID, attributes: {} } })
    assert.deepEqual([...new Set(suite.server.lines)], [`PATCH /api/v2/downtime/${UUID}`])
  })

  it('are of version 1 where their id is a number, with times in seconds', async () => {
    suite.server.always = { json: { id: 2941966869, scope: ['a:b'] } }
    const api = suite.strict()
    for (const id of [2941966869, '2941966869', 2941966869n]) {
      const end = new Date('2030-01-01')
      assert.equal(await api.updateDowntime(id, { scope: ['a:b'], start: 1, end, message: 'x' }), 2941966869)
      assert.deepEqual(suite.server.body, { scope: ['a:b'], start: 1, end: 1893456000, message: 'x' })
      assert.deepEqual(await api.getDowntime(id), { id: 2941966869, scope: ['a:b'] })
      suite.server.manners.push({ status: 204, headers: { 'Content-Type': 'text/html' } })
      assert.equal(await api.cancelDowntime(id), null)
    }
    assert.deepEqual(suite.server.lines.slice(-3), [
      'PUT /api/v1/downtime/2941966869',
      'GET /api/v1/downtime/2941966869',
      'DELETE /api/v1/downtime/2941966869',
    ])
  })

  it('are of version 2 where their id has letters', async () => {
    suite.server.manners.push({ json: { data: { id: UUID, attributes: { scope: '*' } } } }, { status: 204 })
    assert.deepEqual(await suite.strict().getDowntime(UUID), { id: UUID, attributes: { scope: '*' } })
    assert.equal(await suite.strict().cancelDowntime(UUID), null)
    assert.deepEqual(suite.server.lines, [`GET /api/v2/downtime/${UUID}`, `DELETE /api/v2/downtime/${UUID}`])
  })

  const page = (from: number, to: number, total: number) => ({
    json: {
      data: Array.from({ length: to - from }, (_, n) => ({ id: `id-${from + n}`, type: 'downtime' })),
      meta: { page: { total_filtered_count: total } },
    },
  })

  for (const [total, requests] of [
    [0, 1],
    [30, 1],
    [31, 2],
    [90, 3],
  ] as const) {
    it(`are listed page by page: ${total} by ${requests} requests`, async () => {
      suite.server.always = ({ query }) => {
        const from = Number(query['page[offset]'] ?? 0)
        return page(from, Math.min(from + 30, total), total)
      }
      const all = await suite.strict().getAllDowntimes({ currentOnly: true })
      assert.equal(new Set(all.map(({ id }) => id)).size, total)
      assert.equal(all.length, total)
      assert.equal(suite.server.asked.length, requests)
      assert.ok(suite.server.asked.every(({ query }) => query['current_only'] === 'true'))
    })
  }

  it('are listed without a word about the present unless that is asked for', async () => {
    suite.server.always = page(0, 1, 1)
    await suite.strict().getAllDowntimes()
    await suite.strict().getAllDowntimes({ currentOnly: false })
    assert.deepEqual(
      suite.server.asked.map(({ query }) => query),
      [{}, {}],
    )
  })

  it('are listed once each, and to an end, where the server repeats itself for ever', async () => {
    suite.server.always = page(0, 30, 1_000_000)
    assert.equal((await suite.strict().getAllDowntimes()).length, 30)
    assert.equal(suite.server.asked.length, 2)
  })

  it('are listed to an end where the server gives empty pages, or does not say how many there are', async () => {
    suite.server.manners.push(page(0, 30, 1_000_000), page(0, 0, 1_000_000))
    assert.equal((await suite.strict().getAllDowntimes()).length, 30)
    suite.server.manners.push({ json: { data: [{ id: 'a' }] } })
    assert.equal((await suite.strict().getAllDowntimes()).length, 1)
  })
})
