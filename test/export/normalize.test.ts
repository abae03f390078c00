// What is sent of names, and what the Agent makes of them. The rows were checked against Datadog's own trace agent, and
// test/process/real-agent.test.ts does so again with random texts wherever that agent can be built.

import { strict as assert } from 'node:assert'
import { agentService, serviceName, spanName, spanType, tagNormalizer, tagValue } from '../../src/export/normalize'
import { cut, cutBytes } from '../../src/export/wire-limits'
import { agentSpanName } from '../support/agent-names'

type Row = [given: string, sent: string]

function table(title: string, make: (text: string) => string, rows: Row[]): void {
  describe(title, () => {
    for (const [given, sent] of rows) {
      const short = given.length > 40 ? `${given.slice(0, 40)}… (${given.length})` : given
      it(`${JSON.stringify(short)}`, () => {
        assert.equal(make(given), sent)
        // What is sent is left alone.
        if (sent !== '') assert.equal(make(sent), sent)
      })
    }
  })
}

table('a service that is sent', serviceName, [
  ['shop', 'shop'],
  ['My Shop', 'My Shop'],
  ['😀shop', '😀shop'],
  ['', 'unnamed-nodejs-service'],
  ['!!!', 'unnamed-nodejs-service'],
  ['a'.repeat(101), 'a'.repeat(100)],
  [`a${'é'.repeat(50)}`, `a${'é'.repeat(49)}`],
])

table('the name of a span that is sent', spanName, [
  ['web.request', 'web.request'],
  ['my-work here', 'my-work here'],
  ['GET /users/:id', 'GET /users/:id'],
  ['größe', 'größe'],
  ['1a', '1a'],
  ['', 'unnamed_operation'],
  ['123', 'unnamed_operation'],
  ['日本', 'unnamed_operation'],
  ['a'.repeat(101), 'a'.repeat(100)],
  [`${'1'.repeat(100)}a`, 'unnamed_operation'],
])

table('a service in the Agent', agentService, [
  ['shop', 'shop'],
  ['shop-postgres', 'shop-postgres'],
  ['My Shop', 'my_shop'],
  ['_a__b_', '_a_b'],
  ['a!?b', 'a_b'],
  ['a b!', 'a_b'],
  ['1st/shop:x.y-z', '1st/shop:x.y-z'],
  ['Größe ÄÖ', 'größe_äö'],
  ['店', '店'],
  ['İ', 'İ'],
  ['shop 😀', 'shop'],
  ['😀shop', '_shop'],
  ['', 'unnamed-nodejs-service'],
  ['!!!', 'unnamed-nodejs-service'],
  ['a'.repeat(101), 'a'.repeat(100)],
  ['é'.repeat(51), 'é'.repeat(50)],
  [`a${'é'.repeat(50)}`, `a${'é'.repeat(49)}`],
])

table('the name of a span in the Agent', agentSpanName, [
  ['web.request', 'web.request'],
  ['Web_Request', 'Web_Request'],
  ['GET /users/:id', 'GET_users_id'],
  ['1a', 'a'],
  ['_a.b', 'a.b'],
  ['a_', 'a'],
  ['a__b', 'a_b'],
  ['a_.b', 'a.b'],
  ['a._b', 'a._b'],
  ['a._b c', 'a.b_c'],
  ['a..b c', 'a..b_c'],
  ['a.-b', 'a.b'],
  ['größe', 'gr_e'],
  ['', 'unnamed_operation'],
  ['123', 'unnamed_operation'],
  ['日本', 'unnamed_operation'],
  ['a'.repeat(101), 'a'.repeat(100)],
  [`${'1'.repeat(100)}a`, 'unnamed_operation'],
])

table('the type of a span', spanType, [
  ['web', 'web'],
  ['', ''],
  ['Any Thing é', 'Any Thing é'],
  ['é'.repeat(51), 'é'.repeat(50)],
])

table('the value of a tag', tagValue, [
  ['prod', 'prod'],
  ['Prod Env', 'prod_env'],
  ['', ''],
  ['??', ''],
  ['a'.repeat(201), 'a'.repeat(200)],
  ['é'.repeat(201), 'é'.repeat(200)],
  ['店'.repeat(150), '店'.repeat(134)],
])

describe('a tag', () => {
  const rows: [key: string, value: string, sent: readonly [string, string] | undefined][] = [
    ['env', 'Prod!', undefined],
    ['peer.service', 'Some DB', ['peer.service', 'Some DB']],
    ['peer.service', 'p'.repeat(101), ['peer.service', 'p'.repeat(100)]],
    ['peer.service', '!', ['peer.service', '']],
    ['_dd.base_service', 'My Shop', ['_dd.base_service', 'My Shop']],
    ['http.status_code', '200', ['http.status_code', '200']],
    ['http.status_code', '100', ['http.status_code', '100']],
    ['http.status_code', '599', ['http.status_code', '599']],
    ['http.status_code', '99', ['http.status_code.invalid', '99']],
    ['http.status_code', '600', ['http.status_code.invalid', '600']],
    ['http.status_code', 'OK', ['http.status_code.invalid', 'OK']],
    ['http.status_code', '200.0', ['http.status_code.invalid', '200.0']],
    ['http.status_code', '', ['http.status_code.invalid', '']],
    ['http.url', 'Any Thing', undefined],
  ]
  for (const [key, value, sent] of rows) {
    it(`${key} ${JSON.stringify(value)}`, () => assert.deepEqual(tagNormalizer(key)?.(value), sent))
  }
})

describe('a text that is too long', () => {
  it('is cut at a number of bytes, never within a character', () => {
    const texts = ['aaaaaaaaaa', 'aé'.repeat(5), '店'.repeat(5), '😀'.repeat(5), 'a😀'.repeat(4), '\ud83d'.repeat(9)]
    for (const text of texts) {
      for (let max = 0; max < 24; max++) {
        const short = cutBytes(text, max)
        const bytes = Buffer.byteLength(short)
        assert.ok(bytes <= max, `${text} at ${max}`)
        assert.ok(Buffer.from(text).toString().startsWith(short), `${text} at ${max}`)
        // Nothing that fits is lost: a character has four bytes at most.
        if (bytes < Buffer.byteLength(text)) assert.ok(bytes > max - 4, `${text} at ${max}`)
        if (max >= 3) assert.ok(Buffer.byteLength(cut(text, max)) <= max)
      }
    }
  })

  it('says so with three dots, and only then', () => {
    assert.equal(cut('é'.repeat(5), 10), 'é'.repeat(5))
    assert.equal(cut('é'.repeat(5), 9), `${'é'.repeat(3)}...`)
  })
})
