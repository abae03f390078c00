// What the shop's spans are, tested with Node's own runner.

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { after, before, beforeEach, describe, test } = require('node:test')
const { recordSpans } = require('dd/testing')
const { createShop } = require('./shop')

describe('the shop', () => {
  let recorded
  let server
  let url

  before(async () => {
    recorded = recordSpans({ service: 'shop', patch: { http: true } })
    server = createShop().listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${server.address().port}`
  })
  beforeEach(() => recorded.clear())
  after(async () => {
    server.close()
    await recorded.stop()
  })

  test('has a span for a price, below the one of its request', async () => {
    assert.deepEqual(await (await fetch(`${url}/apple`)).json(), { price: 3 })
    const request = await recorded.waitFor({ name: 'web.request', tags: { 'http.status_code': 200 } })
    const price = recorded.find({ name: 'shop.price', childOf: request })
    assert.equal(price.tags.item, 'apple')
    assert.equal(price.error, false)
  })

  test('has the error on the span of what failed', async () => {
    assert.equal((await fetch(`${url}/plum`)).status, 404)
    await recorded.waitFor('web.request')
    assert.equal(recorded.find({ error: true }).tags['error.message'], 'there is no plum')
  })

  // Node 22.3 brought snapshots.
  const skip = process.getBuiltinModule?.('node:test').snapshot === undefined
  test('has the spans it had', { skip }, async (t) => {
    await fetch(`${url}/pear`)
    await recorded.waitFor('web.request')
    t.assert.snapshot(recorded.snapshot())
  })
})
