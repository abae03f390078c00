// What rules a setting is read to have, what each one fits, and what is said of those that make no sense.

import { strict as assert } from 'node:assert'
import { compileRules, SamplingRule, type Subject } from '../../../src/trace/sampling/sampling-rule'
import { collectLog } from '../../support/log-lines'

const subject = (of: Partial<Omit<Subject, 'tags'>> & { tags?: Record<string, string | number> } = {}): Subject => {
  const { name = 'web.request', service = 'Shop', resource = 'GET /users/:id', tags = {} } = of
  return { name, service, resource, tags: Object.entries(tags).flat() }
}

const forTraces = { forTraces: true }

describe('a sampling rule', () => {
  const lines = collectLog()

  const fits: [title: string, rule: Record<string, unknown>, span: Subject, expected: boolean][] = [
    ['without conditions fits every span', {}, subject(), true],
    ['by service', { service: 'shop' }, subject(), true],
    ['by another service', { service: 'shop-db' }, subject(), false],
    ['by name', { name: 'web.*' }, subject(), true],
    ['by another name', { name: 'pg.*' }, subject(), false],
    ['by resource', { resource: 'get /users/*' }, subject(), true],
    ['by another resource', { resource: 'POST *' }, subject(), false],
    [
      'by all of it',
      { service: 's*', name: '*', resource: '*id', tags: { a: '1' } },
      subject({ tags: { a: 1 } }),
      true,
    ],
    ['by all but one', { service: 's*', name: '*', resource: '*ie' }, subject(), false],
    ['with null for what may be any', { service: null, tags: null, max_per_second: null }, subject(), true],
    ['by a tag', { tags: { tier: 'gol?' } }, subject({ tags: { x: 'gold', tier: 'GOLD' } }), true],
    ['by a tag of another value', { tags: { tier: 'gold' } }, subject({ tags: { tier: 'tin' } }), false],
    ['by a tag that is missing', { tags: { tier: 'gold' } }, subject(), false],
    ['by two tags of which one is missing', { tags: { a: '*', b: '*' } }, subject({ tags: { a: 'x' } }), false],
    ['by a tag of any value', { tags: { tier: '***' } }, subject({ tags: { tier: '' } }), true],
    ['by a tag of any value that is missing', { tags: { tier: '*' } }, subject({ tags: { level: 'tier' } }), false],
    ['by a whole number', { tags: { code: '50?' } }, subject({ tags: { code: 503 } }), true],
    ['by a whole number that is another', { tags: { code: '50?' } }, subject({ tags: { code: 404 } }), false],
    ['by a negative number', { tags: { code: '-1' } }, subject({ tags: { code: -1 } }), true],
    ['by a fraction, which fits no text', { tags: { code: '1.5' } }, subject({ tags: { code: 1.5 } }), false],
    ['by a fraction of any value', { tags: { code: '**' } }, subject({ tags: { code: 1.5 } }), true],
    ['by a number given as one', { tags: { code: 500 } }, subject({ tags: { code: '500' } }), true],
    ['by a tag named like a method', { tags: { toString: '*' } }, subject(), false],
    ['by a tag of every span', { tags: { env: 'prod', toString: 'x' } }, subject({ tags: { toString: 'x' } }), true],
    ["by the span's own tag before every span's", { tags: { env: 'prod' } }, subject({ tags: { env: 'dev' } }), false],
    ['by an expression', { service: /^sh/i }, subject(), true],
    ['by an expression that does not fit', { service: /^sh/ }, subject(), false],
    ['by an expression for a tag', { tags: { tier: /^g/ } }, subject({ tags: { tier: 'gold' } }), true],
    ['in camel case', { maxPerSecond: 5, name: 'pg.query' }, subject(), false],
    [
      'with what only other tracers know',
      { provenance: 'customer', target_span: 'root', discard: true },
      subject(),
      true,
    ],
  ]
  for (const [title, rule, span, expected] of fits) {
    it(`${title}: ${expected ? 'yes' : 'no'}`, () => {
      const made = new SamplingRule({ sample_rate: 1, ...rule }, { ...forTraces, everySpan: { env: 'prod' } })
      // Twice: an expression with the flag g must not remember.
      assert.deepEqual([made.matches(span), made.matches(span)], [expected, expected])
    })
  }

  it('forgets where an expression that remembers has stopped', () => {
    const rule = new SamplingRule({ sample_rate: 1, service: /shop/giy }, forTraces)
    assert.deepEqual(
      [1, 2, 3].map(() => rule.matches(subject())),
      [true, true, true],
    )
  })

  it('reads both spellings', () => {
    for (const raw of [
      { sample_rate: 0.25, max_per_second: 7 },
      { sampleRate: 0.25, maxPerSecond: 7 },
    ]) {
      const { sampler, limiter } = new SamplingRule(raw, forTraces)
      assert.deepEqual([sampler.rate, limiter?.maxPerSecond], [0.25, 7])
    }
  })

  it('has no limit by default, and none for a negative number', () => {
    for (const raw of [{}, { maxPerSecond: -1 }, { maxPerSecond: Number.POSITIVE_INFINITY }]) {
      assert.equal(new SamplingRule({ sampleRate: 1, ...raw }, forTraces).limiter, undefined)
    }
    assert.equal(new SamplingRule({ sampleRate: 1, maxPerSecond: 0 }, forTraces).limiter?.maxPerSecond, 0)
  })

  const bad: [rule: unknown, why: string][] = [
    [null, 'a rule is an object'],
    ['*', 'a rule is an object'],
    [[], 'a rule is an object'],
    [{}, 'it needs a sample_rate from 0 to 1'],
    [{ sample_rate: null }, 'it needs a sample_rate from 0 to 1'],
    [{ sample_rate: '0.5' }, 'a sample rate is a number from 0 to 1, not string'],
    [{ sample_rate: 1.01 }, 'a sample rate is a number from 0 to 1, not 1.01'],
    [{ sampleRate: -0.01 }, 'a sample rate is a number from 0 to 1, not -0.01'],
    [{ sample_rate: 1, service: 5 }, 'service is a text with * and ?, not number'],
    [{ sample_rate: 1, name: {} }, 'name is a text with * and ?, not object'],
    [{ sample_rate: 1, resource: true }, 'resource is a text with * and ?, not boolean'],
    [{ sample_rate: 1, tags: ['a'] }, 'tags is an object of texts with * and ?'],
    [{ sample_rate: 1, tags: 'a:b' }, 'tags is an object of texts with * and ?'],
    [{ sample_rate: 1, tags: { a: {} } }, 'tag a is a text with * and ?, not object'],
    [{ sample_rate: 1, max_per_second: '5' }, 'max_per_second is a number'],
    // For every service, it would do harm.
    [{ sample_rate: 0, sevice: 'health' }, 'it has sevice; it may have service, name …'],
  ]
  for (const [raw, why] of bad) {
    it(`${JSON.stringify(raw)} is left out, with the reason`, () => {
      const setting = { setting: 'DD_TRACE_SAMPLING_RULES', forTraces: true }
      const rules = compileRules([{ sample_rate: 0.5 }, raw, { sample_rate: 0 }], setting)
      assert.deepEqual(
        rules.map(({ sampler }) => sampler.rate),
        [0.5, 0],
      )
      assert.deepEqual(lines, [`rule 2 of DD_TRACE_SAMPLING_RULES is left out: ${why}`])
    })
  }

  it('whose getter throws is left out too', () => {
    const raw = Object.defineProperty({}, 'sample_rate', {
      enumerable: true,
      get() {
        throw 'no'
      },
    })
    assert.deepEqual(compileRules([raw], { setting: 'samplingRules', forTraces: true }), [])
    assert.deepEqual(lines, ['rule 1 of samplingRules is left out: no'])
  })

  describe('for single spans', () => {
    const single = { setting: 'DD_SPAN_SAMPLING_RULES', forTraces: false, defaultRate: 1 }

    it('keeps all by default', () => {
      assert.equal(compileRules([{ name: 'x' }], single)[0]?.sampler.rate, 1)
    })

    it('knows neither resource nor tags', () => {
      assert.deepEqual(compileRules([{ resource: 'x' }, { tags: {} }], single), [])
      assert.equal(lines.length, 2)
    })
  })
})
