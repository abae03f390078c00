// The options of the client: what is refused when it is made, and what odd numbers and changes by `with` come to.

import { strict as assert } from 'node:assert'
import { DogHttpApi, type DogHttpApiOptions } from '../../src/api'
import { API_KEY, apiSuite } from '../support/api-suite'

describe('options of the API client', () => {
  const suite = apiSuite()

  const refused: [options: unknown, message: RegExp][] = [
    [{ apikey: API_KEY }, /^there is no option apikey; there is .*\bapiKey\b/],
    [null, /^options is an object, not null/],
    ['key', /^options is an object/],
    [{ timeout: 0 }, /^timeout is a number from 0\.001/],
    [{ timeout: -1 }, /^timeout is a number/],
    [{ timeout: Number.NaN }, /^timeout is a number/],
    [{ timeout: '2' }, /^timeout is a number/],
    [{ maxRetries: -1 }, /^maxRetries is a number from 0/],
    [{ maxRetries: '1' }, /^maxRetries is a number/],
    [{ maxTimeouts: 0 }, /^maxTimeouts is a number from 1/],
    [{ backoffPeriod: -1 }, /^backoffPeriod is a number from 0/],
    [{ signal: {} }, /^signal is an AbortSignal/],
    [{ signal: new AbortController() }, /^signal is an AbortSignal/],
    [{ fetch: 'fetch' }, /^fetch is a function/],
    [{ fetch: null }, /^fetch is a function/],
    [{ apiKey: 'a b' }, /^apiKey has characters that a key cannot have/],
  ]
  for (const [options, message] of refused) {
    it(`are refused: ${JSON.stringify(options)}`, () => {
      assert.throws(
        () => new DogHttpApi(options as DogHttpApiOptions),
        (error: Error) => {
          assert.equal(error.constructor, TypeError)
          assert.match(error.message, message)
          return true
        },
      )
    })
  }

  it('are refused by `with` where they are none of calls', () => {
    const api = suite.client()
    for (const options of [{ apiKey: API_KEY }, { site: 'datadoghq.eu' }, { maxTimeouts: 1 }, { no_such: 1 }, null]) {
      assert.throws(() => api.with(options as never), TypeError)
    }
    for (const options of [{ timeout: 0 }, { maxRetries: -1 }, { signal: 5 }]) {
      assert.throws(() => api.with(options as never), TypeError)
    }
  })

  for (const timeout of [1.1, 0.3, 2.0005, 60, 3_000_000, Number.MAX_VALUE, Number.POSITIVE_INFINITY]) {
    it(`may be a timeout of ${timeout} seconds`, async () => {
      assert.deepEqual(await suite.strict({ timeout }).request('GET', '/x'), {})
    })
  }

  it('are as they were where `with` says undefined, and stay from one `with` to the next', async () => {
    suite.server.always = { status: 500 }
    const once = suite.strict({ maxRetries: 0 })
    await assert.rejects(once.with({ timeout: 5 }).with({ signal: undefined }).validate())
    assert.equal(suite.server.asked.length, 1)
    await assert.rejects(once.with({ maxRetries: undefined }).validate())
    assert.equal(suite.server.asked.length, 1 + 3)
    await assert.rejects(once.validate())
    assert.equal(suite.server.asked.length, 5)
  })

  it('may be a signal, which ends what is under way and what comes after', async () => {
    const stop = new AbortController()
    const api = suite.client({ signal: stop.signal })
    await api.validate()
    suite.server.always = 'hang'
    const call = api.with({ swallow: false }).validate()
    await suite.server.until(2)
    stop.abort()
    await assert.rejects(call, { name: 'ClientError', code: 'aborted' })
    const swallowed = (await api.validate()) as unknown as { errors: string[] }
    assert.match(swallowed.errors.join(), /given up by the program/)
    assert.equal(suite.server.asked.length, 2)
  })

  it('may leave out both keys for a server that is not Datadog’s, which is told so', async () => {
    const api = new DogHttpApi({ apiHost: suite.server.url, swallow: false })
    await api.request('GET', '/x')
    const { headers } = suite.server.asked[0] ?? {}
    assert.deepEqual([headers?.['dd-api-key'], headers?.['dd-application-key']], [undefined, undefined])
    assert.match(headers?.['user-agent'] ?? '', /^dd-node\/\S+ \(node v\d+\.\d+\.\d+; os \w+; arch \w+\)$/)
  })

  it('may be a path before those of the API', async () => {
    await suite
      .strict({ apiHost: `${suite.server.url}/datadog/` })
      .request('GET', '/api/v1/slo', { query: { a: 1, c: undefined, d: false } })
    assert.deepEqual(
      [suite.server.lines, suite.server.asked[0]?.query],
      [['GET /datadog/api/v1/slo'], { a: '1', d: 'false' }],
    )
  })
})
