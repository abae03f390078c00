// The runner of the vectors of the HTTP API: that it sees whatever a client may do wrong, leaves out what it does not understand and names it.

import { strict as assert } from 'node:assert'
import type { Verdict } from '../vector-case'
import { casesOf } from './http-api-cases'

type Fields = Record<string, unknown>

const REQUEST = { verb: 'POST', path: '/api/v1/tags/hosts/h', query: { source: 's' }, body: { tags: ['a', 'b'] } }
const CALL = {
  id: 'x',
  method: 'addTags',
  variant: 'modern',
  auth: 'api+app',
  args: ['h', ['a', 'b'], { source: 's' }],
  request: REQUEST,
  response: { status: 201, body: { tags: ['a'] } },
  returns: ['a'],
}
const FAILURE = {
  id: 'x',
  method: 'hostTags',
  args: ['h'],
  request: { verb: 'GET', path: '/api/v1/tags/hosts/h', query: {} },
  client: { maxRetries: 2 },
  response: { status: 429, headers: { 'X-RateLimit-Reset': '2' }, body: { errors: ['slow'] } },
  sleepsMs: [
    [2000, 2600],
    [2000, 2600],
  ],
  recommended: {
    swallowFalse: { throws: { kind: 'ApiError', status: 429, errors: ['slow'], rateLimit: { reset: 2 } } },
    swallowTrue: { returns: { errors: ['slow'] } },
  },
}
const throws = (over: Fields) => ({
  recommended: {
    ...FAILURE.recommended,
    swallowFalse: { throws: { ...FAILURE.recommended.swallowFalse.throws, ...over } },
  },
})
const returning = (swallowTrue: Fields) => ({ recommended: { ...FAILURE.recommended, swallowTrue } })
const REFUSED = { id: 'x', method: 'hostTags', args: [''], recommended: { throws: 'TypeError', requests: 0 } }
const CONFIG = {
  id: 'x',
  env: { DD_API_KEY: 'k', DD_SITE: 'datadoghq.eu' },
  expect: { apiUrl: 'https://api.datadoghq.eu', apiKey: 'k' },
}
const TIMES = { id: 'x', now: 1317652676, accepted: [1317652676], dropped: [1317642676] }
const series = (metric: string) => ({ metric, points: [[1317652676, 1]] })
const SHAPE = {
  id: 'x',
  endpoint: 'POST /api/v1/series',
  body: { series: [series('m')] },
  answer: { status: 202, body: {} },
}
const SPLIT = { id: 'x', maxBytes: 100, series: ['a', 'b', 'c'].map(series), bodies: [['a', 'b'], ['c']] }

async function verdictOf(section: string, vector: unknown): Promise<Verdict> {
  // As in a file, where nothing is undefined.
  const written = JSON.parse(JSON.stringify(vector)) as Fields
  const cases = casesOf({ [section]: section === 'stateMachine' ? written : [written] })
  assert.equal(cases.length, 1)
  return cases[0]!.play()
}

type Row = [title: string, over: Fields, result: Verdict['result'], reason: RegExp]

function rowsOf(section: string, base: Fields, rows: readonly Row[]): void {
  describe(`a case of ${section}`, () => {
    for (const [title, over, result, reason] of rows) {
      it(`${title} has ${result}`, async () => {
        const verdict = await verdictOf(section, { ...base, ...over })
        assert.equal(verdict.result, result, verdict.reason)
        assert.match(verdict.reason ?? '', reason)
      })
    }
  })
}

rowsOf('vectors', CALL, [
  ['that is met', {}, 'passed', /^$/],
  [
    'with another path',
    { request: { ...REQUEST, path: '/api/v1/tags/hosts/H' } },
    'failed',
    /expected POST .*\/H, got .*\/h$/,
  ],
  ['with another verb', { request: { ...REQUEST, verb: 'PUT' } }, 'failed', /^expected PUT, got POST/],
  [
    'with another value in the query',
    { request: { ...REQUEST, query: { source: 't' } } },
    'failed',
    /expected the query/,
  ],
  [
    'with a query that is not sent',
    { request: { ...REQUEST, query: { source: 's', by: '1' } } },
    'failed',
    /expected the query/,
  ],
  ['without the query that is sent', { request: { ...REQUEST, query: {} } }, 'failed', /expected the query \[\], got/],
  [
    'with another member in the body',
    { request: { ...REQUEST, body: { tags: ['a', 'b'], host: 'h' } } },
    'failed',
    /expected the body/,
  ],
  ['without a body', { request: { ...REQUEST, body: undefined } }, 'failed', /expected no body, got/],
  [
    'with another text as body',
    { request: { ...REQUEST, body: undefined, bodyText: '{"tags":["b","a"]}' } },
    'failed',
    /expected the body/,
  ],
  [
    'with its body as text',
    { request: { ...REQUEST, body: undefined, bodyText: '{"tags": ["a", "b"]}' } },
    'passed',
    /^$/,
  ],
  [
    'with a header that is not sent',
    { request: { ...REQUEST, headers: { 'X-Other': '1' } } },
    'failed',
    /expected the header X-Other: 1, got undefined/,
  ],
  ['with one key where both are sent', { auth: 'api' }, 'failed', /expected dd-application-key: none, got a/],
  ['with another key', { client: { apiKey: 'other' } }, 'passed', /^$/],
  [
    'with a request that is not made',
    { exchanges: [CALL, CALL].map(({ request, response }) => ({ request, response })) },
    'failed',
    /expected 2 requests, got 1/,
  ],
  [
    'without the request that is made',
    { request: null },
    'failed',
    /expected 0 requests, got 1: POST \/api\/v1\/tags\/hosts\/h/,
  ],
  ['with another value to return', { returns: ['b'] }, 'failed', /^expected \["b"\], got \["a"\]$/],
  ['with nothing to return', { returns: null }, 'failed', /^expected null, got \["a"\]$/],
  [
    'with an error that is not thrown',
    { returns: undefined, throws: 'TypeError' },
    'failed',
    /^expected TypeError, got \["a"\]$/,
  ],
  ['of a method that there is not', { method: 'removeTags' }, 'failed', /the client has no method removeTags/],
  ['of a method of every object', { method: 'toString' }, 'failed', /the client has no method toString/],
  ['of the original client', { variant: 'seed' }, 'skipped', /the original client/],
  ['of an unknown variant', { variant: 'future' }, 'skipped', /the variant future is not understood/],
  ['without a method', { method: undefined }, 'skipped', /names no method/],
  ['with an unknown field', { retries: 1 }, 'skipped', /the vector has retries, which is not understood/],
  ['with an unknown field of the request', { request: { ...REQUEST, cookie: 1 } }, 'skipped', /a request has cookie/],
  [
    'with an unknown field of an exchange',
    { exchanges: [{ request: REQUEST, next: 1 }] },
    'skipped',
    /an exchange has next/,
  ],
  ['with unknown keys', { auth: 'oauth' }, 'skipped', /auth is "oauth"/],
  ['with an unknown option', { client: { legacy: true } }, 'skipped', /the client's option legacy/],
  ['with an unknown transport', { transport: 'pigeon' }, 'skipped', /the transport pigeon is not understood/],
  ['with an unknown argument', { args: [{ $huge: 1 }] }, 'skipped', /no value \$huge is known/],
  [
    'with nothing to be checked',
    { request: undefined, returns: undefined, response: undefined },
    'skipped',
    /nothing that could be checked/,
  ],
])

rowsOf('errorVectors', FAILURE, [
  [
    'that is met',
    { exchanges: Array(3).fill({ request: FAILURE.request, response: FAILURE.response }) },
    'passed',
    /^$/,
  ],
  ['whose requests follow from its waits', {}, 'passed', /^$/],
  [
    'with another class',
    throws({ kind: 'ClientError' }),
    'failed',
    /^swallow false: expected ClientError, got ApiError/,
  ],
  ['with another status', throws({ status: 503 }), 'failed', /expected ApiError with status 503, got 429/],
  [
    'with other errors',
    throws({ errors: ['fast'] }),
    'failed',
    /expected ApiError with errors \["fast"\], got \["slow"\]/,
  ],
  ['with another rate limit', throws({ rateLimit: { reset: 3 } }), 'failed', /with rateLimit/],
  ['with a member that the error has not', throws({ retryable: true }), 'failed', /with retryable true, got undefined/],
  ['with other errors to return', returning({ returns: { errors: ['fast'] } }), 'failed', /^swallow true: expected/],
  [
    'with more errors to return',
    returning({ returns: { errors: ['a', 'b'] }, match: 'length' }),
    'failed',
    /only how many/,
  ],
  ['with as many errors to return', returning({ returns: { errors: ['a'] }, match: 'length' }), 'passed', /^$/],
  [
    'with an unknown comparison',
    returning({ returns: { errors: ['a'] }, match: 'regexp' }),
    'skipped',
    /match is regexp/,
  ],
  [
    'with an error where one is returned',
    returning({ throws: 'ApiError' }),
    'failed',
    /^swallow true: expected ApiError, got \{"errors"/,
  ],
  ['with fewer waits', { sleepsMs: [[2000, 2600]] }, 'failed', /expected 2 requests, got 3/],
  [
    'with other waits',
    {
      sleepsMs: [
        [2000, 2600],
        [2000, 2100],
      ],
    },
    'failed',
    /expected waits of/,
  ],
  ['with unknown waits', { sleepsMs: [['short'], [1]] }, 'skipped', /sleepsMs has/],
  [
    'without the waits that there are',
    { sleepsMs: [], exchanges: Array(3).fill({ request: FAILURE.request, response: FAILURE.response }) },
    'failed',
    /expected waits of \[\] ms/,
  ],
  [
    'with another fault',
    { transport: 'read-timeout', client: { maxRetries: 0 }, sleepsMs: undefined },
    'failed',
    /expected ApiError, got HttpTimeout/,
  ],
  ['with an unknown outcome', { recommended: { swallowMaybe: {} } }, 'skipped', /recommended has swallowMaybe/],
])

rowsOf('localValidation', REFUSED, [
  ['that is met', {}, 'passed', /^$/],
  ['that is sent', { args: ['h'] }, 'failed', /expected 0 requests, got 1/],
  [
    'with another error',
    { recommended: { throws: 'RangeError', requests: 0 } },
    'failed',
    /expected RangeError, got TypeError/,
  ],
  ['that should be sent', { recommended: { requests: 1 } }, 'failed', /expected 1 requests, got 0/],
])

rowsOf('configVectors', CONFIG, [
  ['that is met', {}, 'passed', /^$/],
  ['with another address', { expect: { apiUrl: 'https://api.datadoghq.com' } }, 'failed', /expected apiUrl/],
  ['with another key', { expect: { apiKey: 'x' } }, 'failed', /expected apiKey "x", got "k"/],
  [
    'with options that beat it',
    { options: { site: 'us3.datadoghq.com' } },
    'failed',
    /got "https:\/\/api.us3.datadoghq.com"/,
  ],
  ['with an unknown expectation', { expect: { logsUrl: 'x' } }, 'skipped', /expect has logsUrl/],
  ['with an unknown option', { options: { region: 'x' } }, 'skipped', /option region/],
  ['that expects nothing', { expect: {} }, 'skipped', /it expects nothing/],
  ['with an error that there is not', { expect: { throws: 'TypeError' } }, 'failed', /expected TypeError, got "https/],
])

rowsOf('payloadVectors', TIMES, [
  ['of times that is met', {}, 'passed', /^$/],
  [
    'of a time that is warned of',
    { accepted: TIMES.dropped, dropped: [] },
    'failed',
    /there is a warning: .*more than an hour old/,
  ],
  ['of a time that is not', { accepted: [], dropped: TIMES.accepted }, 'failed', /there is no warning/],
  ['of unknown fields', { accepted: undefined, weather: 'fine' }, 'skipped', /weather, which is not understood/],
])
rowsOf('payloadVectors', SHAPE, [
  ['of a shape that is met', {}, 'passed', /^$/],
  ['of another answer', { answer: { status: 403, body: { errors: ['no'] } } }, 'passed', /^$/],
  ['of another key', { auth: 'api+app' }, 'failed', /expected dd-application-key: a, got/],
  [
    'of limits that are not met',
    { limits: { bodyBytes: 1000 } },
    'failed',
    /request 1 has \d+ bytes, and may have 1000/,
  ],
  ['of encodings that are not met', { encodings: ['br'] }, 'failed', /the encoding deflate, and the endpoint takes br/],
  ['of unknown limits', { limits: { perMinute: 1 } }, 'skipped', /limits has perMinute/],
  ['with neither body nor answer', { body: undefined, answer: undefined }, 'skipped', /no body and no answer/],
])
rowsOf('payloadVectors', SPLIT, [
  ['of bodies that is met', {}, 'passed', /^$/],
  ['of other bodies', { bodies: [['a'], ['b', 'c']] }, 'failed', /expected \[\["a"\],\["b","c"\]\]/],
  ['of more bodies', { bodies: undefined, requests: 3 }, 'failed', /expected 3/],
  ['of unknown bodies', { bodies: 'many' }, 'skipped', /what "many" says/],
  ['of unknown series', { series: { count: 3 } }, 'skipped', /its series or its limit/],
])
rowsOf('payloadVectors', { id: 'x', weather: 'fine' }, [
  ['of nothing that is known', {}, 'skipped', /what weather mean/],
])

const STEP = { at: 1, transport: 'timeout', sent: true, result: 'HttpTimeout', counter: 1, backoffSince: null }
const BACKOFF = { at: 2, transport: 'any', sent: false, result: 'HttpBackoff', counter: 1, backoffSince: 2 }
const machine = (first: Fields, second: Fields = {}) => ({
  recommended: {
    steps: [
      { ...STEP, ...first },
      { ...BACKOFF, ...second },
    ],
  },
})
rowsOf('stateMachine', { about: 'max_timeouts 1, backoff_period 10' }, [
  ['that is met', machine({}), 'passed', /^$/],
  [
    'with another outcome',
    machine({ result: 'ClientError' }),
    'failed',
    /step 1: expected ClientError, got HttpTimeout/,
  ],
  ['with another fault', machine({ transport: 'ok' }), 'failed', /step 1: expected HttpTimeout, got ok/],
  ['with a request that is not made', machine({}, { sent: true }), 'failed', /step 2: expected a request/],
  ['with another count', machine({ counter: 0 }), 'failed', /step 1: expected the counter to be 0, and it is 1/],
  ['that ends sooner', machine({}, { backoffSince: 1 }), 'failed', /step 2: expected the backoff to end at 11/],
  ['that ends later', machine({}, { backoffSince: 3 }), 'failed', /step 2: expected the backoff to last until 13/],
  ['with an unknown field', machine({ jitter: 1 }), 'skipped', /a step has jitter/],
  ['without steps', { recommended: {} }, 'skipped', /a machine without steps/],
  ['of another kind', { draft: {} }, 'skipped', /draft of stateMachine is not understood/],
])
