// What is sent again, after what wait, and what is not because it would be there twice. The server is real; the waits are only asked for.

import { strict as assert } from 'node:assert'
import { DogHttpApi } from '../../src/api'
import { apiSuite, NOW_SECONDS } from '../support/api-suite'
import { selfSigned } from '../support/certificate'
import { freePort } from '../support/free-port'
import { type Manner, startScriptedServer } from '../support/scripted-server'

type Api = DogHttpApi<{ readonly swallow: false }>

const get = (api: Api) => api.request('GET', '/x')
const put = (api: Api) => api.request('PUT', '/x', { body: { a: 1 } })
const remove = (api: Api) => api.request('DELETE', '/x')
const post = (api: Api) => api.request('POST', '/x', { body: { a: 1 } })
const patch = (api: Api) => api.request('PATCH', '/x', { body: { a: 1 } })
const metric = (api: Api) => api.metric('m', 1)
const check = (api: Api) => api.serviceCheck('c', 'h', 0)
const distribution = (api: Api) => api.distribution('m', 1)
const event = (api: Api) => api.event('t', 'x')

const REPEATABLE = { get, put, remove, metric, check }
const ONCE = { post, patch, event, distribution }
const ALL = { ...REPEATABLE, ...ONCE }

describe('a call that fails', () => {
  const suite = apiSuite()

  const attempts: [manner: Manner, repeatable: number, once: number][] = [
    [{ status: 429 }, 3, 3],
    [{ status: 408 }, 3, 1],
    [{ status: 500 }, 3, 1],
    [{ status: 502, text: '<html>' }, 3, 1],
    [{ status: 503, text: '' }, 3, 1],
    [{ status: 599 }, 3, 1],
    ['cut', 3, 1],
    ['cut body', 3, 1],
    [{ status: 400 }, 1, 1],
    [{ status: 401 }, 1, 1],
    [{ status: 403 }, 1, 1],
    [{ status: 404 }, 1, 1],
    [{ status: 409 }, 1, 1],
    [{ status: 413 }, 1, 1],
    [{ status: 422 }, 1, 1],
    [{ status: 302, headers: { Location: '/' } }, 1, 1],
    [{ status: 304 }, 1, 1],
    [{ status: 200, text: 'no JSON' }, 1, 1],
  ]
  for (const [manner, repeatable, once] of attempts) {
    it(`by ${JSON.stringify(manner)}: ${repeatable} attempts where that does nothing twice, else ${once}`, async () => {
      suite.server.always = manner
      for (const [calls, count] of [
        [REPEATABLE, repeatable],
        [ONCE, once],
      ] as const) {
        for (const [name, call] of Object.entries(calls)) {
          suite.server.asked.length = 0
          await assert.rejects(call(suite.strict()), /ApiError|ClientError/)
          assert.equal(suite.server.asked.length, count, name)
          assert.equal(new Set(suite.server.asked.map(({ text }) => text)).size, 1, name)
        }
      }
    })
  }

  it('by a connection that is refused: again always, since nothing can have arrived', async () => {
    const apiHost = `http://127.0.0.1:${await freePort()}`
    for (const [name, call] of Object.entries(ALL)) {
      suite.waits = []
      await assert.rejects(call(suite.strict({ apiHost })), { name: 'ClientError', code: 'ECONNREFUSED' }, name)
      assert.equal(suite.waits.length, 2, name)
    }
  })

  it('and then does not, is a success', async () => {
    suite.server.manners.push({ status: 503 }, 'cut')
    suite.server.always = { json: { id: 1 } }
    assert.deepEqual(await suite.strict().getMonitor(1), { id: 1 })
    assert.deepEqual(suite.waits, [500, 1000])
  })

  it('waits longer each time, and by chance', async () => {
    suite.server.always = { status: 500 }
    suite.roll = 0.5
    await assert.rejects(get(suite.strict({ maxRetries: 4 })), { status: 500 })
    assert.deepEqual(suite.waits, [750, 1500, 3000, 6000])
  })

  it('is told of its last attempt', async () => {
    suite.server.manners.push(
      { status: 500, json: { errors: ['first'] } },
      { status: 502 },
      { status: 429, json: { errors: ['last'] } },
    )
    await assert.rejects(get(suite.strict()), { status: 429, errors: ['last'] })
  })

  it('is not tried again where the certificate does not fit', async () => {
    const stranger = await startScriptedServer(selfSigned())
    await assert.rejects(get(suite.strict({ apiHost: stranger.url })), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    assert.deepEqual(suite.waits, [])
    await stranger.close()
  })

  it('is not tried again where that is not wanted', async () => {
    suite.server.always = { status: 429 }
    await assert.rejects(get(suite.strict({ maxRetries: 0 })), { status: 429 })
    await assert.rejects(get(suite.strict().with({ maxRetries: 1 })), { status: 429 })
    assert.equal(suite.server.asked.length, 1 + 2)
  })

  it('has no more than ten retries in hand while nothing succeeds', async () => {
    suite.server.always = { status: 500 }
    const api = suite.strict()
    for (let n = 0; n < 8; n++) await assert.rejects(get(api))
    assert.equal(suite.server.asked.length, 8 + 10)
    suite.server.always = {}
    await get(api)
    suite.server.manners.push({ status: 500 })
    await get(api)
    assert.equal(suite.server.asked.length, 18 + 1 + 2)
  })

  it('shares what it has in hand with the clients that `with` makes', async () => {
    suite.server.always = { status: 500 }
    const api = suite.strict()
    for (let n = 0; n < 8; n++) await assert.rejects(get(api.with({ timeout: 1 })))
    assert.equal(suite.server.asked.length, 8 + 10)
  })
})

describe('how long a call waits', () => {
  const suite = apiSuite()

  async function waitAfter(status: number, headers: Record<string, string>, call = get): Promise<number | undefined> {
    suite.server.manners.push({ status, headers })
    suite.waits = []
    await call(suite.strict()).catch(() => {})
    suite.server.manners.length = 0
    return suite.waits[0]
  }

  const asked: [name: string, headers: Record<string, string>, after429: number, after503: number][] = [
    ['nothing', {}, 500, 500],
    ['Retry-After in seconds', { 'Retry-After': '7' }, 7000, 7000],
    ['Retry-After in parts of a second', { 'Retry-After': '0.5' }, 500, 500],
    ['Retry-After of none', { 'Retry-After': '0' }, 0, 0],
    ['Retry-After that says nothing', { 'Retry-After': 'soon' }, 500, 500],
    ['Retry-After in the past', { 'Retry-After': 'Wed, 21 Oct 2015 07:28:00 GMT' }, 0, 0],
    ['Retry-After before a reset', { 'Retry-After': '7', 'X-RateLimit-Reset': '3' }, 7000, 7000],
    // Every answer of a limited endpoint tells of its period.
    ['a reset as a duration', { 'X-RateLimit-Reset': '3' }, 3000, 500],
    ['a reset that was', { 'X-RateLimit-Reset': '1000000001' }, 0, 500],
    ['a reset that says nothing', { 'X-RateLimit-Reset': '-5' }, 500, 500],
    ['the most', { 'Retry-After': '60' }, 60_000, 60_000],
  ]
  for (const [name, headers, after429, after503] of asked) {
    it(`is as the server says: ${name}`, async () => {
      assert.equal(await waitAfter(429, headers), after429)
      assert.equal(await waitAfter(503, headers), after503)
      assert.equal(await waitAfter(429, headers, post), after429)
    })
  }

  it('is until a date, or the time of a reset', async () => {
    const inSeconds = (seconds: number) => Date.now() + seconds * 1000
    const toDate = await waitAfter(429, { 'Retry-After': new Date(inSeconds(30)).toUTCString() })
    const toReset = await waitAfter(429, { 'X-RateLimit-Reset': String(Math.floor(inSeconds(20) / 1000)) })
    assert.ok(toDate !== undefined && toDate > 20_000 && toDate <= 30_000, `${toDate}`)
    assert.ok(toReset !== undefined && toReset > 10_000 && toReset <= 20_000, `${toReset}`)
  })

  it('is a little more by chance, so that not all come back at once', async () => {
    suite.roll = 0.999
    const waitMs = await waitAfter(429, { 'Retry-After': '10' })
    assert.ok(waitMs !== undefined && waitMs > 10_900 && waitMs < 11_000, `${waitMs}`)
  })

  const tooLong: Record<string, string>[] = [
    { 'Retry-After': '61' },
    { 'X-RateLimit-Reset': '2409' },
    { 'X-RateLimit-Reset': String(NOW_SECONDS * 2) },
    { 'Retry-After': 'Fri, 31 Dec 2100 23:59:59 GMT' },
  ]
  for (const headers of tooLong) {
    it(`is nothing where the server asks for more than a minute: ${JSON.stringify(headers)}`, async () => {
      suite.server.always = { status: 429, headers }
      await assert.rejects(get(suite.strict()), { status: 429 })
      assert.deepEqual([suite.server.asked.length, suite.waits], [1, []])
    })
  }
})

describe('the wait between attempts', () => {
  const suite = apiSuite()

  it('is cut short by a signal', async () => {
    suite.server.always = { status: 503, headers: { 'Retry-After': '30' } }
    const stop = new AbortController()
    const { sleep, ...parts } = suite.parts
    assert.ok(sleep)
    const api = new DogHttpApi({ apiHost: suite.server.url, swallow: false, signal: stop.signal }, parts)
    const call = api.validate()
    await suite.server.until(1)
    // The wait begins when the answer has been read.
    setTimeout(() => stop.abort(new Error('the end')), 50)
    await assert.rejects(call, {
      name: 'ClientError',
      code: 'aborted',
      message: 'GET /api/v1/validate: it was given up by the program',
    })
    assert.equal(suite.server.asked.length, 1)
  })
})
