// What the shop's spans are, tested with mocha.

const assert = require('node:assert/strict')
const { once } = require('node:events')
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

  it('has a span for a price, below the one of its request', async () => {
    assert.deepEqual(await (await fetch(`${url}/apple`)).json(), { price: 3 })
    const request = await recorded.waitFor({ name: 'web.request', tags: { 'http.status_code': 200 } })
    const price = recorded.find({ name: 'shop.price', childOf: request })
    assert.equal(price.tags.item, 'apple')
    assert.equal(price.error, false)
  })

  it('has the error on the span of what failed', async () => {
    assert.equal((await fetch(`${url}/plum`)).status, 404)
    await recorded.waitFor('web.request')
    assert.equal(recorded.find({ error: true }).tags['error.message'], 'there is no plum')
  })

  it('has the spans it had', async () => {
    await fetch(`${url}/pear`)
    await recorded.waitFor('web.request')
    assert.deepEqual(recorded.snapshot({ ignore: [/^http/] }), [
      {
        id: 1,
        trace: 1,
        name: 'web.request',
        service: 'shop',
        resource: 'GET',
        type: 'web',
        tags: { component: 'http', 'span.kind': 'server' },
        children: [{ id: 2, name: 'shop.price', service: 'shop', resource: 'pear', tags: { item: 'pear' } }],
      },
    ])
  })
})
