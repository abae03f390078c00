// No key is ever to be seen: in an error, what it holds, its stack, a line of the log, the client when it is looked at, or the URL that a
// server writes into its own log. The keys are new in each run, and the servers give them back wherever they can.

import { strict as assert } from 'node:assert'
import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import type { DogHttpApiOptions } from '../../src/api'
import { DogHttpApi } from '../../src/api'
import { apiSuite } from '../support/api-suite'
import { freePort } from '../support/free-port'
import type { Asked, Manner, Reply } from '../support/scripted-server'

const APPLICATION_HEADER = 'dd-application-key'

/** An answer that repeats what it was asked with, as pages of proxies do. */
function echo(status: number): Manner {
  return ({ headers }: Asked): Reply => {
    const keys = `${headers['dd-api-key']} and ${headers[APPLICATION_HEADER]}`
    return {
      status,
      headers: { 'X-RateLimit-Name': keys, 'X-Echo': keys },
      json: { errors: [`no key ${keys}`], message: keys, keys },
    }
  }
}

const SEEN: readonly [name: string, view: (value: unknown) => string][] = [
  ['inspect', (value) => inspect(value, { depth: 20, showHidden: true, getters: true })],
  ['inspect of a proxy', (value) => inspect(value, { depth: 20, showProxy: true, customInspect: false })],
  ['JSON', (value) => JSON.stringify(value) ?? ''],
  ['text', (value) => (value instanceof Error ? `${value.stack}${value.message}${String(value)}` : String(value))],
  ['members', (value) => JSON.stringify(membersOf(value)) ?? ''],
]

function membersOf(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > 6) return String(value)
  return Object.getOwnPropertyNames(value).map((name) => [
    name,
    membersOf((value as Record<string, unknown>)[name], depth + 1),
  ])
}

describe('keys', () => {
  const suite = apiSuite()
  let apiKey: string
  let applicationKey: string

  beforeEach(() => {
    apiKey = randomBytes(16).toString('hex')
    applicationKey = randomBytes(20).toString('hex')
  })

  const client = (options: DogHttpApiOptions = {}) =>
    suite.client({ apiKey, applicationKey, maxRetries: 0, ...options })

  function isHidden(value: unknown, what: string): void {
    for (const [name, view] of SEEN) {
      const text = view(value)
      for (const key of [apiKey, applicationKey]) assert.ok(!text.includes(key), `${what}, by ${name}: ${text}`)
    }
  }

  const throwing = (make: () => unknown) => async () => Promise.reject(make())
  const failures: [name: string, options: () => DogHttpApiOptions, manner?: Manner][] = [
    ...[400, 401, 403, 404, 413, 429, 500, 302].map((status): [string, () => DogHttpApiOptions, Manner] => [
      `status ${status}`,
      () => ({}),
      echo(status),
    ]),
    ['a success that is no JSON', () => ({}), ({ headers }) => ({ text: `<html>${headers['dd-api-key']}</html>` })],
    ['a success without what it should have', () => ({}), echo(200)],
    ['a connection that is cut', () => ({}), 'cut'],
    ['an answer that is cut', () => ({}), 'cut body'],
    ['a timeout', () => ({ timeout: 0.02 }), 'hang'],
    ['a signal', () => ({ signal: AbortSignal.abort(new Error(apiKey)) })],
    ['a fetch that tells', () => ({ fetch: throwing(() => new TypeError(`bad header ${apiKey}`)) })],
    [
      'a fetch with a cause that tells',
      () => ({ fetch: throwing(() => new TypeError('failed', { cause: new Error(`${applicationKey} ${apiKey}`) })) }),
    ],
    ['a fetch that throws a text', () => ({ fetch: throwing(() => `${applicationKey} ${apiKey}`) })],
    [
      'a fetch with a code that tells',
      () => ({ fetch: throwing(() => Object.assign(new Error('x'), { code: apiKey })) }),
    ],
  ]
  for (const [name, options, manner] of failures) {
    it(`are in no error and no log: ${name}`, async () => {
      suite.server.always = manner ?? {}
      const api = client(options())
      for (const call of [
        () => api.with({ swallow: false }).hostTags('web-1'),
        () => api.with({ swallow: false }).event('t', 'x'),
        () => api.with({ swallow: false }).search('x'),
      ]) {
        const error = await call().then(
          () => undefined,
          (reason: unknown) => reason,
        )
        assert.ok(error instanceof Error, name)
        isHidden(error, name)
        isHidden((error as Error).cause, `${name}, the cause`)
      }
      isHidden(await api.hostTags('web-1'), `${name}, swallowed`)
      isHidden(await api.allTags(), `${name}, swallowed`)
      assert.ok(suite.lines.length > 0)
      isHidden(suite.lines, `${name}, the log`)
    })
  }

  it('are in no error and no log: a connection that is refused', async () => {
    const api = client({ apiHost: `http://127.0.0.1:${await freePort()}` })
    await assert.rejects(api.with({ swallow: false }).hostTags('h'), (error) => {
      isHidden(error, 'the error')
      return true
    })
  })

  it('are in no client that is looked at, also after calls', async () => {
    const api = client()
    for (let n = 0; n < 2; n++) {
      isHidden(api, 'a client')
      isHidden(api.with({ timeout: 5 }), 'a client by with')
      await api.hostTags('h')
      await api.metric('m', 1)
    }
  })

  it('are in no URL and no body, and the application key only where it is needed', async () => {
    suite.server.always = { json: { tags: [], event: { id: 1 }, results: {}, host_list: [] } }
    const api = client({ swallow: false })
    await api.hostTags('h')
    await api.search('x')
    await api.event('t', 'x')
    await api.metric('m', 1)
    await api.validate()
    await api.serviceCheck('c', 'h', 0)
    for (const { path, query, text, headers } of suite.server.asked) {
      isHidden({ path, query, text }, path)
      assert.equal(headers['dd-api-key'], apiKey)
      const isIntake = /events|series|validate|check_run/.test(path)
      assert.equal(headers[APPLICATION_HEADER], isIntake ? undefined : applicationKey, path)
      const others = Object.entries(headers).filter(([name]) => name !== 'dd-api-key' && name !== APPLICATION_HEADER)
      isHidden(others, `${path}, other headers`)
    }
  })

  it('are trimmed, since files end with a line', async () => {
    const api = client({ apiKey: `  ${apiKey}\n`, applicationKey: `${applicationKey}\r\n` })
    await api.hostTags('h')
    const { headers } = suite.server.asked[0] ?? {}
    assert.deepEqual([headers?.['dd-api-key'], headers?.[APPLICATION_HEADER]], [apiKey, applicationKey])
  })

  it('are refused where a header cannot carry them, and not shown', () => {
    const half = apiKey.length >> 1
    for (const wrong of ['\n', '\r\n', '\0', ' ', 'ä', '€', '\u007f', '\t']) {
      const given = apiKey.slice(0, half) + wrong + apiKey.slice(half)
      for (const name of ['apiKey', 'applicationKey'] as const) {
        assert.throws(
          () => client({ [name]: given }),
          (error: Error) => {
            assert.equal(error.constructor, TypeError)
            assert.equal(error.message, `${name} has characters that a key cannot have`)
            assert.ok(!inspect(error).includes(apiKey.slice(0, half)))
            return true
          },
        )
      }
    }
    assert.throws(() => client({ apiKey: 5 as unknown as string }), {
      name: 'TypeError',
      message: 'apiKey is a text, not number',
    })
  })

  it('cannot be a part of an address', () => {
    const apiHost = `https://user:${apiKey}@api.datadoghq.com`
    assert.throws(
      () => new DogHttpApi({ apiKey, apiHost }),
      (error: Error) => {
        isHidden(error, 'the error')
        return error.constructor === TypeError
      },
    )
  })
})
