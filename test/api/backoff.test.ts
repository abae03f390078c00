// After too many timeouts in a row nothing is sent for a while. The timeouts are those of real connections to a server that says nothing.

import { strict as assert } from 'node:assert'
import { apiSuite } from '../support/api-suite'
import { freePort } from '../support/free-port'
import type { Manner } from '../support/scripted-server'

/** Seconds that nobody waits long for, where the server says nothing; and those in which it answers on any machine. */
const SHORT = 0.02
const LONG = 10

describe('backoff', () => {
  const suite = apiSuite()

  const options = () => ({ timeout: SHORT, maxRetries: 0 })
  const outcome = async (call: Promise<unknown>) =>
    call.then(
      () => 'ok',
      (error: Error) => error.name,
    )

  // Each step of the list of facts: when, how the server is, what comes of it, and whether it was asked.
  const steps: [atSeconds: number, manner: Manner, result: string, isSent: boolean][] = [
    [1000, 'hang', 'HttpTimeout', true],
    [1000, 'trickle', 'HttpTimeout', true],
    [1000, 'hang', 'HttpTimeout', true],
    [1000, {}, 'HttpBackoff', false],
    [1001, {}, 'HttpBackoff', false],
    [1299.999, {}, 'HttpBackoff', false],
    [1300, 'hang', 'HttpTimeout', true],
    [1300, {}, 'ok', true],
    [1300, 'hang', 'HttpTimeout', true],
    [1300, 'hang', 'HttpTimeout', true],
    [1300, { status: 500 }, 'ApiError', true],
    [1300, 'hang', 'HttpTimeout', true],
    [1300, 'hang', 'HttpTimeout', true],
    [1300, 'cut', 'ClientError', true],
    [1300, 'hang', 'HttpTimeout', true],
    [1305, {}, 'HttpBackoff', false],
    [1604.9, {}, 'HttpBackoff', false],
    [1605, {}, 'ok', true],
  ]
  it('goes through its states', async () => {
    let sent = 0
    const counting: typeof fetch = (...args) => {
      sent++
      return fetch(...args)
    }
    const api = suite.strict({ ...options(), fetch: counting })
    for (const [index, [atSeconds, manner, result, isSent]] of steps.entries()) {
      suite.nowSeconds = atSeconds
      suite.server.always = manner
      sent = 0
      const isSilent = manner === 'hang' || manner === 'trickle'
      const call = api.with({ timeout: isSilent ? SHORT : LONG }).getMonitor(1)
      assert.equal(await outcome(call), result, `step ${index}`)
      assert.equal(sent > 0, isSent, `step ${index}`)
    }
  })

  it('says for how long', async () => {
    suite.server.always = 'hang'
    const api = suite.strict({ ...options(), maxTimeouts: 1, backoffPeriod: 60 })
    await assert.rejects(api.getMonitor(1), {
      name: 'HttpTimeout',
      message: `GET /api/v1/monitor/1: no answer within 20 ms from ${suite.server.host}`,
    })
    await assert.rejects(api.getMonitor(1), { message: '1 timeouts in a row: nothing is sent for another 60 seconds' })
    suite.nowSeconds += 59.5
    await assert.rejects(api.getMonitor(1), { name: 'HttpBackoff', message: /another 1 seconds/ })
    suite.nowSeconds += 0.5
    await assert.rejects(api.getMonitor(1), { name: 'HttpTimeout' })
  })

  it('is told as any failure where failures are swallowed', async () => {
    suite.server.always = 'hang'
    const api = suite.client({ ...options(), maxTimeouts: 1 })
    for (const text of [/no answer within 20 ms/, /nothing is sent for another 300 seconds/]) {
      const { errors } = (await api.getMonitor(1)) as { errors: readonly string[] }
      assert.match(errors.join(), text)
    }
  })

  it('is that of a client and of all that its `with` makes, and of no other', async () => {
    suite.server.always = 'hang'
    const api = suite.strict(options())
    assert.equal(await outcome(api.getMonitor(1)), 'HttpTimeout')
    assert.equal(await outcome(api.with({ timeout: SHORT / 2 }).getMonitor(1)), 'HttpTimeout')
    assert.equal(await outcome(api.with({ jsonResponses: true }).with({ signal: undefined }).allTags()), 'HttpTimeout')
    assert.equal(await outcome(api.getMonitor(1)), 'HttpBackoff')
    assert.equal(await outcome(api.with({ timeout: 60 }).getMonitor(1)), 'HttpBackoff')
    suite.server.always = {}
    assert.equal(await outcome(suite.strict().getMonitor(1)), 'ok')
  })

  it('counts a call with several attempts once, and by the last', async () => {
    const api = suite.strict({ timeout: 0.5, maxRetries: 2, maxTimeouts: 2 })
    for (let n = 0; n < 2; n++) {
      suite.server.manners.push({ status: 503 }, { status: 503 }, 'hang')
      assert.equal(await outcome(api.getMonitor(1)), 'HttpTimeout')
    }
    // The answers between them were whole.
    assert.equal(await outcome(api.with({ timeout: LONG }).getMonitor(1)), 'ok')
  })

  it('does not count what is refused, cut off, or given up', async () => {
    const api = suite.strict({ timeout: LONG, maxRetries: 0, maxTimeouts: 1 })
    const away = suite.strict({
      timeout: LONG,
      maxRetries: 0,
      maxTimeouts: 1,
      apiHost: `http://127.0.0.1:${await freePort()}`,
    })
    suite.server.always = 'cut'
    for (let n = 0; n < 3; n++) {
      assert.equal(await outcome(api.getMonitor(1)), 'ClientError')
      assert.equal(await outcome(away.getMonitor(1)), 'ClientError')
      assert.equal(await outcome(api.with({ signal: AbortSignal.abort() }).getMonitor(1)), 'ClientError')
    }
    suite.server.always = {}
    assert.equal(await outcome(api.getMonitor(1)), 'ok')
  })

  it('begins when many calls at once have timed out, and lets all go when it is over', async () => {
    suite.server.always = 'hang'
    const api = suite.strict(options())
    const many = (timeout = SHORT) =>
      Promise.all(Array.from({ length: 5 }, () => outcome(api.with({ timeout }).getMonitor(1))))
    assert.deepEqual(
      await many(),
      Array.from({ length: 5 }, () => 'HttpTimeout'),
    )
    assert.deepEqual(
      await many(),
      Array.from({ length: 5 }, () => 'HttpBackoff'),
    )
    suite.nowSeconds += 300
    suite.server.always = {}
    assert.deepEqual(
      await many(LONG),
      Array.from({ length: 5 }, () => 'ok'),
    )
  })

  it('is over when a call that was under way is answered after all', async () => {
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    suite.server.always = 'hang'
    // A fetch that is answered when the test says so stands for a server that takes its time.
    const late = suite.strict({
      ...options(),
      maxTimeouts: 2,
      fetch: async (url, init) => {
        if (String(url).endsWith('/late')) await released
        return fetch(url, init)
      },
    })
    const underWay = late.with({ timeout: 10 }).request('GET', '/late')
    assert.equal(await outcome(late.getMonitor(1)), 'HttpTimeout')
    assert.equal(await outcome(late.getMonitor(1)), 'HttpTimeout')
    assert.equal(await outcome(late.getMonitor(1)), 'HttpBackoff')
    suite.server.always = {}
    release()
    assert.deepEqual(await underWay, {})
    assert.equal(await outcome(late.with({ timeout: LONG }).getMonitor(1)), 'ok')
  })
})
