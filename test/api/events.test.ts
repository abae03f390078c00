// Events and comments: their ids, which have more digits than a number of JavaScript's, whichever form they are given in and come in.

import { strict as assert } from 'node:assert'
import { apiSuite } from '../support/api-suite'

const ID = '6327818702635911562'

describe('events', () => {
  const suite = apiSuite()

  const answers: [name: string, text: string][] = [
    ['a long number', `{"event":{"id":${ID}}}`],
    ['a number and a text', `{"event":{"id":${ID},"id_str":"${ID}"}}`],
    ['a rounded number and a text', `{"event":{"id":6327818702635911000,"id_str":"${ID}"}}`],
    ['a text', `{"event":{"id":"${ID}"}}`],
    ['a URL only', `{"event":{"url":"https://app.datadoghq.com/event/event?id=${ID}"}}`],
    ['a URL beside null', `{"event":{"id":null,"id_str":null,"url":"/event/event?x=1&id=${ID}"}}`],
  ]
  for (const [name, text] of answers) {
    it(`have the id that was given, with all digits: ${name}`, async () => {
      suite.server.always = { text }
      assert.equal(await suite.strict().event('t', 'x'), ID)
      assert.equal((await suite.strict().getEvent(ID)).id, ID)
    })
  }

  it('have ids of few digits as text too', async () => {
    suite.server.manners.push(
      { text: '{"event":{"id":42}}' },
      { text: '{"events":[{"id":42},{"id":9007199254740993}]}' },
    )
    assert.equal(await suite.strict().event('t', 'x'), '42')
    const events = await suite.strict().stream(1, 2)
    assert.deepEqual(
      events.map(({ id }) => id),
      ['42', '9007199254740993'],
    )
  })

  for (const id of [ID, BigInt(ID)]) {
    it(`are named by the id of another, as it is: a ${typeof id}`, async () => {
      suite.server.always = { text: `{"event":{"id":${ID}}}` }
      await suite.strict().event('t', 'x', { relatedEventId: id })
      assert.equal(suite.server.asked[0]?.text, `{"title":"t","text":"x","related_event_id":${ID}}`)
      await suite.strict().getEvent(id)
      assert.equal(suite.server.lines[1], `GET /api/v1/events/${ID}`)
    })
  }

  it('take a number as id as long as it is exact', async () => {
    suite.server.always = { text: '{"event":{"id":1}}' }
    await suite.strict().event('t', 'x', { relatedEventId: Number.MAX_SAFE_INTEGER })
    assert.equal(suite.server.body['related_event_id'], Number.MAX_SAFE_INTEGER)
    await suite.strict().getEvent(Number.MAX_SAFE_INTEGER)
    assert.equal(suite.server.lines[1], 'GET /api/v1/events/9007199254740991')
  })

  it('are sent with everything that there is to say, and more', async () => {
    suite.server.always = { text: '{"event":{"id":1}}' }
    await suite.strict().event('t', 'x', {
      dateHappened: new Date('2030-01-01T00:00:00.900Z'),
      handle: 'ops@example.com',
      priority: 'low',
      tags: 'one',
      host: 'h',
      deviceName: 'eth0',
      aggregationKey: 'key',
      sourceTypeName: 'chef',
      alertType: 'recommendation',
      event_type: 'deploy',
      event_object: { nested: [1n, BigInt(ID)] },
      empty: '',
      zero: 0,
      no: false,
      absent: undefined,
    })
    assert.ok(suite.server.asked[0]?.text.includes(`[1,${ID}]`))
    assert.deepEqual(suite.server.body, {
      title: 't',
      text: 'x',
      date_happened: 1893456000,
      handle: 'ops@example.com',
      priority: 'low',
      tags: ['one'],
      host: 'h',
      device_name: 'eth0',
      aggregation_key: 'key',
      source_type_name: 'chef',
      alert_type: 'recommendation',
      event_type: 'deploy',
      event_object: { nested: [1, Number(ID)] },
      empty: '',
      zero: 0,
      no: false,
    })
    const { headers } = suite.server.asked[0] ?? {}
    assert.equal(headers?.['dd-application-key'], undefined)
  })

  it('are read as a stream, of a time in any form', async () => {
    suite.server.always = { json: { events: [] } }
    const api = suite.strict()
    assert.deepEqual(await api.stream(new Date('2030-01-01'), 1893456060.7), [])
    await api.stream(1, 2, { priority: 'low', sources: ['a', 'b'], tags: 'env:test', unaggregated: true, page: 0 })
    await api.stream(1, 2, { excludeAggregate: false, sources: [] })
    assert.deepEqual(
      suite.server.asked.map(({ query }) => query),
      [
        { start: '1893456000', end: '1893456060' },
        { start: '1', end: '2', priority: 'low', sources: 'a,b', tags: 'env:test', unaggregated: 'true', page: '0' },
        { start: '1', end: '2', exclude_aggregate: 'false', sources: '' },
      ],
    )
  })
})

describe('comments', () => {
  const suite = apiSuite()

  it('have exact ids', async () => {
    suite.server.always = { text: `{"comment":{"id":${ID},"message":"m"}}` }
    const api = suite.strict()
    assert.equal(await api.comment('h', 'm', { relatedEventId: ID }), ID)
    assert.equal(suite.server.asked[0]?.text, `{"handle":"h","message":"m","related_event_id":${ID}}`)
    assert.equal(await api.comment('h', 'm', { commentId: BigInt(ID) }), ID)
    assert.equal(await api.updateComment('h', 'm', ID), ID)
    suite.server.always = { status: 204 }
    assert.equal(await api.deleteComment(BigInt(ID)), null)
    assert.deepEqual(suite.server.lines, [
      'POST /api/v1/comments',
      `PUT /api/v1/comments/${ID}`,
      `PUT /api/v1/comments/${ID}`,
      `DELETE /api/v1/comments/${ID}`,
    ])
  })

  it('are by the owner of the application key where nobody is named', async () => {
    suite.server.always = { json: { comment: { id: 1 } } }
    assert.equal(await suite.strict().comment(null, 'm'), '1')
    assert.deepEqual(suite.server.body, { message: 'm' })
    assert.ok(suite.server.asked[0]?.headers['dd-application-key'])
  })

  it('are no longer there: the error names what there is', async () => {
    suite.server.always = { status: 404, json: { errors: ['Not found'] } }
    const { errors } = (await suite.client().comment('h', 'm')) as { errors: readonly string[] }
    assert.deepEqual(errors, ['Not found'])
    await assert.rejects(
      suite.strict().comment('h', 'm'),
      /Not found\. Datadog may have withdrawn this: .*aggregationKey/,
    )
  })
})
