// What a failed call tells: the API's own words wherever it puts them, its rate limit, and what may help.

import { strict as assert } from 'node:assert'
import { ApiError, ClientError, DatadogError, DogHttpApi, HttpBackoff, HttpTimeout, isError } from '../../src/api'
import { API_KEY, APPLICATION_KEY, apiSuite } from '../support/api-suite'
import { freePort } from '../support/free-port'
import { startScriptedServer } from '../support/scripted-server'

describe('the words of a failure', () => {
  const suite = apiSuite()

  const bodies: [name: string, text: string, errors: string[]][] = [
    ['a list', '{"errors":["a","b"]}', ['a', 'b']],
    ['a text', '{"errors":"a"}', ['a']],
    [
      'objects with a title and a detail',
      '{"errors":[{"title":"Bad","detail":"no key","status":"400"},{"detail":"x"}]}',
      ['Bad: no key', 'x'],
    ],
    ['objects with a message', '{"errors":[{"code":1,"message":"m"}]}', ['m']],
    [
      'lists by id',
      '{"data":{"ok":[]},"errors":{"123":["referenced by 456"],"7":["x","y"]}}',
      ['x', 'y', 'referenced by 456'],
    ],
    ['one error as an object', '{"error":{"code":"Forbidden","message":"no"}}', ['no']],
    ['one error as a text', '{"error":"no"}', ['no']],
    ['a message', '{"message":"no"}', ['no']],
    ['a status and errors', '{"status":"error","code":413,"errors":["Payload too large"]}', ['Payload too large']],
    ['an empty list', '{"errors":[]}', ['HTTP 400']],
    ['null', '{"errors":null}', ['HTTP 400']],
    ['empty texts', '{"errors":["",{"title":""}]}', ['HTTP 400']],
    ['numbers', '{"errors":[1,true,null]}', ['HTTP 400']],
    ['no object', '["a"]', ['HTTP 400']],
    ['nothing', '', ['HTTP 400']],
    ['null only', 'null', ['HTTP 400']],
    ['HTML', '<html><body>Too Many Requests</body></html>', ['HTTP 400']],
    ['plain text', 'Payload too large', ['HTTP 400']],
    ['JSON that is cut', '{"errors":["a"', ['HTTP 400']],
    ['lists in lists', '{"errors":[["a",["b"]]]}', ['a', 'b']],
    ['lists of any depth', `{"errors":${'['.repeat(50_000)}"deep"${']'.repeat(50_000)}}`, ['HTTP 400']],
    [
      'long ids',
      '{"errors":["no event 6327818702635911562"],"id":6327818702635911562}',
      ['no event 6327818702635911562'],
    ],
  ]
  for (const [name, text, errors] of bodies) {
    it(`are found in ${name}, whatever the type says`, async () => {
      for (const type of ['application/json', 'text/plain; charset=utf-8', 'text/html']) {
        suite.server.always = { status: 400, headers: { 'Content-Type': type }, text }
        assert.deepEqual(await suite.client().getMonitor(1), { errors })
        await assert.rejects(suite.strict().getMonitor(1), (error) => {
          assert.ok(error instanceof ApiError && error instanceof DatadogError && error instanceof Error)
          assert.deepEqual([error.status, error.errors, error.body], [400, errors, text])
          assert.deepEqual([error.method, error.path], ['GET', '/api/v1/monitor/1'])
          assert.equal(error.message, `GET /api/v1/monitor/1 was answered 400: ${errors.join('; ')}`)
          return true
        })
      }
    })
  }

  it('are data where the call succeeded', async () => {
    suite.server.manners.push(
      { status: 202, json: { errors: [] } },
      { json: { errors: null, tags: ['a'] } },
      { json: { errors: ['x'], tags: ['a'] } },
    )
    assert.deepEqual(await suite.client().metric('m', 1), { errors: [] })
    assert.deepEqual(await suite.client().hostTags('h'), ['a'])
    assert.deepEqual(await suite.client().hostTags('h'), ['a'])
  })

  it('are known to be a failure, also where an answer looks like one', async () => {
    suite.server.manners.push(
      { status: 202, json: { errors: ['of a success'] } },
      { status: 400, json: { errors: ['no'] } },
    )
    assert.equal(isError(await suite.client().metric('m', 1)), false)
    assert.equal(isError(await suite.client().metric('m', 1)), true)
    for (const value of [null, undefined, 5, 'errors', [], {}, { errors: ['x'] }]) assert.equal(isError(value), false)
  })

  it('come without the query', async () => {
    suite.server.always = { status: 400 }
    await assert.rejects(suite.strict().search('hosts:secret'), (error: ApiError) => {
      assert.ok(!JSON.stringify({ ...error, message: error.message }).includes('secret'))
      return true
    })
  })

  it('are said in one line of the log where they are swallowed, once a minute for each kind', async () => {
    suite.server.always = { status: 400, json: { errors: ['no'] } }
    const api = suite.client({ maxRetries: 0 })
    for (let n = 0; n < 3; n++) await api.getMonitor(1)
    await assert.rejects(api.with({ swallow: false }).allTags())
    suite.server.always = 'cut'
    await api.hostTags('h')
    assert.equal(suite.lines.length, 2)
    assert.equal(suite.lines[0], "a call of Datadog's API failed: GET /api/v1/monitor/1 was answered 400: no")
    assert.match(suite.lines[1] ?? '', /^a call of Datadog's API failed: 127\.0\.0\.1:\d+: \w+$/)
  })
})

describe('an error', () => {
  const suite = apiSuite()

  it('has the rate limit of its endpoint', async () => {
    const headers = {
      'X-RateLimit-Limit': '60',
      'X-RateLimit-Period': '3600',
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': '2409',
      'X-RateLimit-Name': 'graph_snapshot',
    }
    suite.server.always = { status: 429, headers }
    await assert.rejects(suite.strict().graphSnapshot('q', 1, 2), {
      rateLimit: { limit: 60, period: 3600, remaining: 0, reset: 2409, name: 'graph_snapshot' },
    })
    suite.server.always = { status: 429, headers: { 'X-RateLimit-Limit': 'many', 'X-RateLimit-Reset': '' } }
    await assert.rejects(suite.strict({ maxRetries: 0 }).getMonitor(1), { rateLimit: undefined })
    suite.server.always = { status: 404, headers: { 'X-RateLimit-Remaining': '5' } }
    await assert.rejects(suite.strict().getMonitor(1), { rateLimit: { remaining: 5 } })
  })

  type Strict = ReturnType<typeof suite.strict>
  const advices: [status: number, name: string, call: (api: Strict) => Promise<unknown>, advice: RegExp | undefined][] =
    [
      [
        403,
        'getMonitor',
        (api) => api.getMonitor(1),
        /keys those of the site 127\.0\.0\.1:\d+, and has their owner the permission monitors_read\?$/,
      ],
      [401, 'createDashboard', (api) => api.createDashboard('t', 'd', []), /permission dashboards_write\?$/],
      [403, 'scheduleDowntime', (api) => api.scheduleDowntime('*'), /permission monitors_downtime\?$/],
      [403, 'validate', (api) => api.validate(), /^Are the keys those of the site 127\.0\.0\.1:\d+\?$/],
      [404, 'getMonitor', (api) => api.getMonitor(1), undefined],
      [404, 'muteMonitor', (api) => api.muteMonitor(1), /^Datadog may have withdrawn this: .*scheduleDowntime\(\)/],
      [410, 'unmuteMonitors', (api) => api.unmuteMonitors(), /scheduleDowntime\(\)/],
      [404, 'muteAlerts', (api) => api.muteAlerts(), /scheduleDowntime\(\)/],
      [404, 'deleteComment', (api) => api.deleteComment('1'), /event\(\)/],
      [404, 'dashboard', (api) => api.dashboard(12), /abc-def-ghi/],
      [404, 'getScreenboard', (api) => api.getScreenboard(12), /abc-def-ghi/],
      [
        404,
        'snapshotStatus',
        (api) => api.snapshotStatus('https://p.datadoghq.com/snapshot/view/a.png'),
        /ask for the picture itself/,
      ],
      [413, 'metric', (api) => api.metric('m', 1), /^Send less at once/],
      [302, 'getMonitor', (api) => api.getMonitor(1), /^Redirects are not followed: is apiHost right\?$/],
      [400, 'getMonitor', (api) => api.getMonitor(1), undefined],
    ]
  for (const [status, name, call, advice] of advices) {
    it(`helps: ${status} of ${name}`, async () => {
      suite.server.always = { status, json: { errors: ['no'] } }
      await assert.rejects(call(suite.strict({ maxRetries: 0 })), (error) => {
        assert.ok(error instanceof ApiError)
        if (advice === undefined) assert.equal(error.advice, undefined)
        else {
          assert.match(error.advice ?? '', advice)
          assert.ok(error.message.endsWith(`${status}: no. ${error.advice}`))
        }
        return true
      })
    })
  }

  it('of a dashboard of today does not speak of numbers', async () => {
    suite.server.always = { status: 404, json: { errors: ['Dashboard with ID abc-def-ghi not found'] } }
    await assert.rejects(suite.strict().dashboard('abc-def-ghi'), { advice: undefined })
  })

  it('names the site of a client that has one', async () => {
    const own = async () => new Response('{"errors":["Forbidden"]}', { status: 403 })
    const api = new DogHttpApi({
      apiKey: API_KEY,
      applicationKey: APPLICATION_KEY,
      site: 'datadoghq.eu',
      swallow: false,
      fetch: own as typeof fetch,
    })
    await assert.rejects(api.getMonitor(1), /Are the keys those of the site api\.datadoghq\.eu, and/)
  })

  it('says what kind it is', async () => {
    suite.server.always = 'hang'
    const late = suite.strict({ timeout: 0.02, maxTimeouts: 1 })
    await assert.rejects(late.getMonitor(1), (error) => error instanceof HttpTimeout && error instanceof DatadogError)
    await assert.rejects(late.getMonitor(1), (error) => error instanceof HttpBackoff && error instanceof DatadogError)
    const away = suite.strict({ apiHost: `http://127.0.0.1:${await freePort()}`, maxRetries: 0 })
    await assert.rejects(away.getMonitor(1), (error) => {
      assert.ok(error instanceof ClientError && error instanceof DatadogError)
      assert.deepEqual([error.name, error.code, error.status], ['ClientError', 'ECONNREFUSED', undefined])
      assert.match(error.message, /^127\.0\.0\.1:\d+: ECONNREFUSED$/)
      return true
    })
  })
})

describe('a redirect', () => {
  const suite = apiSuite()

  for (const status of [301, 302, 303, 307, 308]) {
    it(`is not followed, and no key goes to another host: ${status}`, async () => {
      const other = await startScriptedServer()
      suite.server.always = { status, headers: { Location: `${other.url}/api/v1/monitor/1` }, text: '' }
      await assert.rejects(suite.strict().getMonitor(1), { name: 'ApiError', status, errors: [`HTTP ${status}`] })
      await assert.rejects(suite.strict().event('t', 'x'), { name: 'ApiError', status })
      assert.deepEqual([other.asked.length, other.connections], [0, 0])
      assert.equal(suite.server.asked.length, 2)
      await other.close()
    })
  }
})
