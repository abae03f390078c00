// Tests as many write them: supertest asks the app, nock answers for others, sinon stands still, proxyquire swaps a module.

const assert = require('node:assert')
const http = require('node:http')
const nock = require('nock')
const proxyquire = require('proxyquire')
const sinon = require('sinon')
const supertest = require('supertest')
const app = require('../src/app')

describe('the app', () => {
  before(() => nock.disableNetConnect())
  before(() => nock.enableNetConnect('127.0.0.1'))
  afterEach(() => {
    sinon.restore()
    nock.cleanAll()
  })
  after(() => nock.restore())

  it('greets by the hour', async () => {
    const clock = sinon.useFakeTimers({ now: new Date(2026, 0, 1, 9), toFake: ['Date'] })
    await supertest(app).get('/greeting').expect(200, 'good morning')
    clock.tick(4 * 3_600_000)
    await supertest(app).get('/greeting').expect(200, 'good day')
  })
  it('asks for prices', async () => {
    const prices = nock('http://prices.example.com').get('/items/7').reply(200, { price: 12 })
    await supertest(app).get('/prices/7').expect(200, { price: 12 })
    assert.equal(prices.isDone(), true)
  })
  it('says when prices cannot be had', async () => {
    nock('http://prices.example.com').get('/items/7').replyWithError(Object.assign(new Error('away'), { code: 'ECONNREFUSED' }))
    await supertest(app).get('/prices/7').expect(502, { error: 'ECONNREFUSED' })
    await supertest(app).get('/prices/8').expect(502)
  })
  it('asks for stock', async () => {
    nock('http://stock.example.com', { badheaders: [] }).get('/items/7').reply(200, { count: 3 }, { 'x-from': 'nock' })
    await supertest(app).get('/stock/7').expect(200, { count: 3 })
  })
  it('is given another greeting', async () => {
    const other = proxyquire('../src/app', { './greeting': { greeting: () => 'hello' } })
    await supertest(other).get('/greeting').expect(200, 'hello')
  })
  it('spies on requests', async () => {
    const spy = sinon.spy(http, 'request')
    nock('http://prices.example.com').get('/items/7').reply(200, { price: 1 })
    await supertest(app).get('/prices/7').expect(200)
    assert.equal(spy.called, true)
    spy.restore()
  })
  it('stubs a request', async () => {
    const stub = sinon.stub(http, 'get').throws(new Error('stubbed'))
    assert.throws(() => http.get('http://prices.example.com/'), /stubbed/)
    assert.equal(stub.calledOnceWithExactly('http://prices.example.com/'), true)
  })
  it('is not found', () => supertest(app).get('/missing').expect(404))
})
