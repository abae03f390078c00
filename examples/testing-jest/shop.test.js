// What the shop's spans are, tested with jest.

const { once } = require('node:events')
const { recordSpans } = require('dd/testing')
const { createShop } = require('./shop')

describe('the shop', () => {
  let recorded
  let server
  let url

  beforeAll(async () => {
    recorded = recordSpans({ service: 'shop', patch: { http: true } })
    server = createShop().listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${server.address().port}`
  })
  beforeEach(() => recorded.clear())
  afterAll(async () => {
    server.close()
    await recorded.stop()
  })

  test('has a span for a price, below the one of its request', async () => {
    expect(await (await fetch(`${url}/apple`)).json()).toEqual({ price: 3 })
    const request = await recorded.waitFor({ name: 'web.request', tags: { 'http.status_code': 200 } })
    const price = recorded.find({ name: 'shop.price', childOf: request })
    expect(price.tags.item).toBe('apple')
    expect(price.error).toBe(false)
  })

  test('has the error on the span of what failed', async () => {
    expect((await fetch(`${url}/plum`)).status).toBe(404)
    await recorded.waitFor('web.request')
    expect(recorded.find({ error: true }).tags['error.message']).toBe('there is no plum')
  })

  test('has the spans it had', async () => {
    await fetch(`${url}/pear`)
    await recorded.waitFor('web.request')
    expect(recorded.snapshot()).toMatchSnapshot()
  })
})
