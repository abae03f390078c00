// Rules for traces and for single spans, from the root span to the tags that tell of the decision, with a clock that the test moves.

import { strict as assert } from 'node:assert'
import { isSpanKept } from '../../../src/trace/sampling/is-span-kept'
import { RateLimiter } from '../../../src/trace/sampling/rate-limiter'
import { RateSampler } from '../../../src/trace/sampling/rate-sampler'
import { RuleSampler } from '../../../src/trace/sampling/rule-sampler'
import { compileRules } from '../../../src/trace/sampling/sampling-rule'
import { SpanSampler } from '../../../src/trace/sampling/span-sampler'
import { MAX_TAGS, type Span } from '../../../src/trace/span'
import { collectLog } from '../../support/log-lines'
import { MadeTracer, tagsOf } from '../made-tracer'

let nowMs = 0
const clock = () => nowMs

function withRules(raw: readonly unknown[], limit: number | 'none' = 100): MadeTracer {
  const rules = compileRules(raw, { setting: 'rules', forTraces: true, nowMs: clock })
  return new MadeTracer({ rules: new RuleSampler(rules, limit === 'none' ? undefined : new RateLimiter(limit, clock)) })
}

/** The priority of a root span of its own, and the tags that tell why. */
function decided(tracer: MadeTracer, service = 'shop'): Record<string, unknown> {
  const root = tracer.startSpan('op', { service, childOf: null })
  root.finish()
  const { trace } = root
  const told = Object.entries({ ...Object.fromEntries(trace.tags), ...tagsOf(root) })
  return {
    priority: trace.priority,
    ...Object.fromEntries(told.map(([key, value]) => [key.replace('_dd.', ''), value])),
  }
}

describe('rules for traces', () => {
  const lines = collectLog()
  beforeEach(() => {
    nowMs = 1000
  })

  it('keep by the first that fits, and tell the rate', () => {
    const tracer = withRules([
      { service: 'db', sample_rate: 0 },
      { service: 'sh*', sample_rate: 1 },
      { sample_rate: 0 },
    ])
    const kept = { priority: 2, 'p.dm': '-3', 'p.ksr': '1', rule_psr: 1, limit_psr: 1 }
    assert.deepEqual(decided(tracer), kept)
    assert.deepEqual(decided(tracer, 'db'), { priority: -1, 'p.ksr': '0', rule_psr: 0 })
  })

  it("leave what none fits to the Agent's rates", () => {
    const tracer = withRules([{ service: 'db', sample_rate: 1 }])
    assert.deepEqual(decided(tracer), { priority: 1, 'p.dm': '-0' })
    tracer.sampling.setAgentRates({ 'service:,env:': 0 })
    assert.deepEqual(decided(tracer), { priority: 0, 'p.ksr': '0', agent_psr: 0 })
    assert.equal(decided(tracer, 'db')['priority'], 2)
  })

  it("come after the program's sampler, and step in when that fails", () => {
    const tracer = withRules([{ sample_rate: 0 }])
    tracer.sampler = new RateSampler(1)
    assert.deepEqual(decided(tracer), { priority: 2, 'p.dm': '-3', 'p.ksr': '1', rule_psr: 1 })
    tracer.sampler = {
      sample: () => {
        throw new Error('no idea')
      },
    }
    assert.equal(decided(tracer)['priority'], -1)
    assert.equal(lines.length, 1)
  })

  it('see what the program has set on the root span until it finishes', () => {
    const tracer = withRules([{ resource: 'late', tags: { tier: 'gold' }, sample_rate: 0 }])
    const root = tracer.startSpan('op', { childOf: null })
    tracer.startSpan('child', { childOf: root }).finish()
    root.setTag('resource.name', 'late').setTag('tier', 'gold')
    root.finish()
    assert.equal(root.trace.priority, -1)
  })

  it('decide by the trace id as every tracer does', () => {
    const tracer = withRules([{ sample_rate: 0.5 }], 'none')
    const sampler = new RateSampler(0.5)
    const seen = new Set<number | undefined>()
    for (let i = 0; i < 200; i++) {
      const root = tracer.startSpan('op', { childOf: null })
      root.trace.decide()
      assert.equal(root.trace.priority, sampler.sample(root) ? 2 : -1)
      seen.add(root.trace.priority)
    }
    assert.equal(seen.size, 2)
  })

  it('keep so many per second, and tell how many that was', () => {
    const tracer = withRules([{ service: 'shop', sample_rate: 1 }], 2)
    const first = Array.from({ length: 4 }, () => decided(tracer))
    assert.deepEqual(
      first.map(({ priority, limit_psr }) => [priority, limit_psr]),
      [
        [2, 1],
        [2, 1],
        [-1, 2 / 3],
        [-1, 0.5],
      ],
    )
    assert.deepEqual(first[3], { priority: -1, 'p.ksr': '1', rule_psr: 1, limit_psr: 0.5 })
    // Not for traces that no rule fits.
    assert.deepEqual(decided(tracer, 'db'), { priority: 1, 'p.dm': '-0' })
    nowMs += 1000
    assert.deepEqual([decided(tracer)['priority'], decided(tracer)['limit_psr']], [2, 4 / 6])
  })

  it('spend no token on a trace that the rate rejects', () => {
    const tracer = withRules([{ service: 'db', sample_rate: 0 }, { sample_rate: 1 }], 1)
    for (let i = 0; i < 5; i++) assert.equal('limit_psr' in decided(tracer, 'db'), false)
    assert.equal(decided(tracer)['priority'], 2)
    assert.equal(decided(tracer)['priority'], -1)
  })

  it('have limits of their own, before the common one', () => {
    const rules = [{ service: 'shop', sample_rate: 1, max_per_second: 1 }, { sample_rate: 1 }]
    const tracer = withRules(rules, 2)
    const priorities = [decided(tracer), decided(tracer), decided(tracer, 'db'), decided(tracer, 'db')]
    assert.deepEqual(
      priorities.map(({ priority, limit_psr }) => [priority, limit_psr]),
      [
        [2, 1],
        // The common limit was not asked.
        [-1, 0.5],
        [2, 1],
        [-1, 2 / 3],
      ],
    )
  })

  it('have no limit where there is none', () => {
    const tracer = withRules([{ sample_rate: 1 }], 'none')
    for (let i = 0; i < 300; i++) {
      assert.deepEqual(decided(tracer), { priority: 2, 'p.dm': '-3', 'p.ksr': '1', rule_psr: 1 })
    }
  })
})

describe('rules for single spans', () => {
  beforeEach(() => {
    nowMs = 1000
  })

  const withSpanRules = (raw: readonly unknown[]) =>
    new MadeTracer({
      spanSampler: new SpanSampler(
        compileRules(raw, { setting: 'rules', forTraces: false, defaultRate: 1, nowMs: clock }),
      ),
    })

  /** A trace of `op` with a child `query` per service, rejected or not. */
  function makeTrace(tracer: MadeTracer, tag: 'manual.keep' | 'manual.drop', services = ['db', 'cache']): Span[] {
    const root = tracer.startSpan('op', { childOf: null, tags: { [tag]: true } })
    const children = services.map((service) => tracer.startSpan('query', { service, childOf: root }))
    for (const span of [...children, root]) span.finish()
    return [root, ...children]
  }
  const marks = (spans: readonly Span[]) => spans.map((span) => tagsOf(span))

  it('mark the spans of a rejected trace that they fit', () => {
    const spans = makeTrace(withSpanRules([{ service: 'd?', name: 'QUERY' }]), 'manual.drop')
    const mark = { '_dd.span_sampling.mechanism': 8, '_dd.span_sampling.rule_rate': 1 }
    assert.deepEqual(marks(spans), [{}, mark, {}])
    assert.deepEqual(spans.map(isSpanKept), [false, true, false])
  })

  it('mark none of a kept trace', () => {
    assert.deepEqual(marks(makeTrace(withSpanRules([{}]), 'manual.keep')), [{}, {}, {}])
  })

  it('take the first rule that fits, even if that rejects', () => {
    const spans = makeTrace(withSpanRules([{ service: 'db', sample_rate: 0 }, { name: 'query' }]), 'manual.drop')
    assert.deepEqual(spans.map(isSpanKept), [false, false, true])
  })

  it('decide by the id of the span', () => {
    const sampler = new RateSampler(0.5)
    const spans = makeTrace(withSpanRules([{ sample_rate: 0.5 }]), 'manual.drop', Array(200).fill('db'))
    for (const span of spans) assert.equal(isSpanKept(span), sampler.keeps(span.idHigh, span.idLow))
    assert.equal(new Set(spans.map(isSpanKept)).size, 2)
  })

  it('keep so many per second, each rule by itself', () => {
    const tracer = withSpanRules([{ service: 'db', max_per_second: 2 }, { service: 'cache' }])
    const services = ['db', 'db', 'db', 'cache']
    const kept = () => makeTrace(tracer, 'manual.drop', services).map(isSpanKept)
    assert.deepEqual(kept(), [false, true, true, false, true])
    assert.deepEqual(kept(), [false, false, false, false, true])
    nowMs += 1000
    const spans = makeTrace(tracer, 'manual.drop', services)
    assert.deepEqual(spans.map(isSpanKept), [false, true, true, false, true])
    assert.equal(tagsOf(spans[1]!)['_dd.span_sampling.max_per_second'], 2)
  })

  it('mark a span that has as many tags as a span can have', () => {
    const tracer = withSpanRules([{}])
    const root = tracer.startSpan('op', { childOf: null, tags: { 'manual.drop': true } })
    for (let i = 0; i < MAX_TAGS; i++) root.setTag(`tag ${i}`, i)
    root.finish()
    assert.equal(isSpanKept(root), true)
  })

  it('mark each part of a trace that leaves in parts, each span once', () => {
    const tracer = withSpanRules([{}])
    const root = tracer.startSpan('op', { childOf: null, tags: { 'manual.drop': true } })
    const child = tracer.startSpan('query', { childOf: root })
    child.finish()
    tracer.recorder.releaseAll()
    root.finish()
    for (const span of [root, child])
      assert.equal(span.tags.filter((tag) => tag === '_dd.span_sampling.mechanism').length, 1)
  })
})
