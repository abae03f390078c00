// What is told of a search's body: as much as the limits allow, and no credentials.

import { strict as assert } from 'node:assert'
import { Readable } from 'node:stream'
import { bodyText, MAX_BODY_CHARS, MAX_BODY_DEPTH } from '../../plugins/elasticsearch/body-text'

describe('the text of a search body', () => {
  const same: unknown[] = [
    { query: { bool: { must: [{ match: { 'a "b"': 'ü' } }, null, true, -1.5] } } },
    [{ index: { _id: '1' } }, { n: 1, when: new Date(0), gone: undefined }],
    { nested: [[], {}, [undefined, Number.NaN]] },
    {},
    [],
  ]
  for (const body of same) {
    it(`is JSON: ${JSON.stringify(body)}`, () => assert.equal(bodyText(body), JSON.stringify(body)))
  }

  it('is the text itself where the program has written it', () => {
    assert.equal(bodyText('{"index":{}}\n{"n":1}\n'), '{"index":{}}\n{"n":1}\n')
  })

  it('is none for streams, binary data and nothing', () => {
    for (const body of [Readable.from(['{}']), Buffer.from('{}'), undefined, null])
      assert.equal(bodyText(body), undefined)
  })

  it('takes what JSON does not: bigints, and what holds itself', () => {
    const self: Record<string, unknown> = { n: 2n ** 64n }
    self['self'] = self
    const text = bodyText(self) ?? ''
    assert.ok(text.startsWith('{"n":18446744073709551616,"self":{"n":'))
    assert.equal(text.split('"self":').length - 1, MAX_BODY_DEPTH)
    assert.ok(text.endsWith(`"self":"?"${'}'.repeat(MAX_BODY_DEPTH)}`))
  })

  it(`goes ${MAX_BODY_DEPTH} levels deep`, () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])
    assert.equal(bodyText(nested(MAX_BODY_DEPTH)), JSON.stringify(nested(MAX_BODY_DEPTH)))
    const around = (inner: string) => '['.repeat(MAX_BODY_DEPTH) + inner + ']'.repeat(MAX_BODY_DEPTH)
    assert.equal(bodyText(nested(MAX_BODY_DEPTH + 1)), around('"?"'))
  })

  describe(`is cut to ${MAX_BODY_CHARS} characters:`, () => {
    const filler = (chars: number) => 'x'.repeat(chars)
    const bodies: [what: string, make: (chars: number) => unknown, around: number][] = [
      ['text', filler, 0],
      ['a field', (chars) => ({ q: filler(chars) }), '{"q":""}'.length],
      ['an element', (chars) => [filler(chars)], '[""]'.length],
      ['a key', (chars) => ({ [filler(chars)]: 1 }), '{"":1}'.length],
    ]
    for (const [what, make, around] of bodies) {
      it(what, () => {
        const fits = make(MAX_BODY_CHARS - around)
        const whole = typeof fits === 'string' ? fits : JSON.stringify(fits)
        assert.equal(whole.length, MAX_BODY_CHARS)
        assert.equal(bodyText(fits), whole)
        const tooLong = make(MAX_BODY_CHARS - around + 1)
        const cut = bodyText(tooLong) ?? ''
        assert.equal(cut.length, MAX_BODY_CHARS)
        assert.ok((typeof tooLong === 'string' ? tooLong : JSON.stringify(tooLong)).startsWith(cut.slice(0, -2)))
      })
    }

    it('and what lies behind is not even looked at', () => {
      let looked = 0
      const document = { text: filler(1000), toJSON: () => ({ looked: ++looked, text: filler(1000) }) }
      assert.equal(bodyText(Array.from({ length: 1_000_000 }, () => document))?.length, MAX_BODY_CHARS)
      assert.ok(looked <= 10, `${looked} documents`)
    })
  })

  describe('keeps to itself', () => {
    const keys = ['password', 'PASSWORD', 'password_hash', 'passwd', 'passphrase', 'pwd', 'client_secret', 'token']
    keys.push('accessToken', 'refresh_token', 'api_key', 'apiKey', 'Authorization', 'credentials')
    const values = ['hunter2', 'hun"ter2', 2222, ['hunter2'], { query: 'hunter2', boost: 2 }, 'hunter2\\']
    for (const key of keys) {
      it(`the value of ${key}, in objects and in text`, () => {
        for (const value of values) {
          const body = { a: 'before', [key]: value, z: 'after' }
          const expected = `{"a":"before","${key}":"?","z":"after"}`
          assert.equal(bodyText(body), expected)
          assert.equal(bodyText(JSON.stringify(body)), expected)
        }
      })
    }

    it('a value that the limit cuts', () => {
      const text = `${' '.repeat(MAX_BODY_CHARS - 20)}{"password":"hunter2 and more"}`
      assert.equal(bodyText(text)?.trim(), '{"password":"?"')
    })

    it('nothing else', () => {
      const body = { tokenizer: 'standard', max_tokens: 5, secrets_index: 1, passwordless: 'yes', text: '"password":1' }
      assert.equal(bodyText(body), JSON.stringify(body))
      const { text: _, ...others } = body
      assert.equal(bodyText(JSON.stringify(others)), JSON.stringify(others))
    })
  })
})
