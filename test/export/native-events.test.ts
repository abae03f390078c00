// Events of spans in their own form: only to an Agent that says it knows it, with the types that the values have.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { type FakeAgent, startAgent } from '../support/agent'

describe('native span events', () => {
  let agent: FakeAgent
  beforeEach(async () => {
    agent = await startAgent()
  })
  afterEach(async () => {
    await tracer.shutdown()
    const { violations } = agent
    await agent.close()
    assert.deepEqual(violations, [])
  })

  /** The second span: the first has shown what the Agent can do. */
  const sent = async (nativeSpanEvents: boolean, attributes?: Record<string, unknown>) => {
    tracer.init({ service: 'shop', agentUrl: agent.url, flushIntervalMs: 60_000, nativeSpanEvents })
    for (const name of ['first', 'second']) {
      tracer
        .startSpan(name)
        .addEvent('seen', attributes as Record<string, string>, 1_790_000_000_123.456)
        .finish()
      await tracer.flush()
    }
    return agent.spans()
  }

  it('have typed values', async () => {
    agent.info = { span_events: true }
    const odd = { gone: undefined, empty: null, object: {}, nan: Number.NaN, mixed: ['a', 1] }
    const [first, second] = await sent(true, {
      text: 'a',
      yes: true,
      whole: 7,
      less: -7,
      large: 2 ** 40,
      part: 1.5,
      texts: ['a', 'b'],
      numbers: [1, 2.5],
      ...odd,
    })
    assert.ok(first!.meta['events'] !== undefined && first!.span_events === undefined)
    assert.equal(second!.meta['events'], undefined)
    assert.deepEqual(second!.span_events, [
      {
        time_unix_nano: 1_790_000_000_123_456_000n,
        name: 'seen',
        attributes: {
          text: { type: 0, string_value: 'a' },
          yes: { type: 1, bool_value: true },
          whole: { type: 2, int_value: 7n },
          less: { type: 2, int_value: -7n },
          large: { type: 2, int_value: 2n ** 40n },
          part: { type: 3, double_value: 1.5 },
          texts: {
            type: 4,
            array_value: {
              values: [
                { type: 0, string_value: 'a' },
                { type: 0, string_value: 'b' },
              ],
            },
          },
          numbers: {
            type: 4,
            array_value: {
              values: [
                { type: 3, double_value: 1 },
                { type: 3, double_value: 2.5 },
              ],
            },
          },
        },
      },
    ])
  })

  it('need no attributes', async () => {
    agent.info = { span_events: true }
    const [, second] = await sent(true)
    assert.deepEqual(second!.span_events, [{ time_unix_nano: 1_790_000_000_123_456_000n, name: 'seen' }])
  })

  for (const [title, native, info] of [
    ['unless they are asked for', false, { span_events: true }],
    ['where the Agent does not know them', true, { span_events: false }],
    ['where it does not say', true, undefined],
  ] as const) {
    it(`are JSON ${title}`, async () => {
      agent.info = info
      for (const span of await sent(native, { a: 1 })) {
        assert.equal(span.span_events, undefined)
        assert.deepEqual(JSON.parse(span.meta['events']!.replace(/(\d{19})/, '"$1"')), [
          { name: 'seen', time_unix_nano: '1790000000123456000', attributes: { a: 1 } },
        ])
      }
    })
  }
})
