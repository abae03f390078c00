// Who decides on a trace, in which order, and what is written down about it: by hand or received, the program's sampler, the
// Agent's rate for the service, else keep.

import { strict as assert } from 'node:assert'
import { RateSampler } from '../../../src/trace/sampling/rate-sampler'
import type { Sampler } from '../../../src/trace/sampling/sampler'
import type { Span } from '../../../src/trace/span'
import { SpanContext } from '../../../src/trace/span-context'
import { collectLog } from '../../support/log-lines'
import { MadeTracer, tagsOf } from '../made-tracer'

let tracer: MadeTracer

/** What is known of a trace once it is decided. */
function decided(root: Span): {
  priority: number | undefined
  dm?: string
  ksr?: string
  agent?: number
  rule?: number
} {
  root.trace.decide()
  const { tags, priority } = root.trace
  const own = tagsOf(root)
  return JSON.parse(
    JSON.stringify({
      priority,
      dm: tags.get('_dd.p.dm'),
      ksr: tags.get('_dd.p.ksr'),
      agent: own['_dd.agent_psr'],
      rule: own['_dd.rule_psr'],
    }),
  )
}

const start = (service = 'shop') => tracer.startSpan('op', { service, childOf: null })

describe('the priority sampler', () => {
  const lines = collectLog()
  beforeEach(() => {
    tracer = new MadeTracer({ env: 'prod' })
  })

  it('keeps by default, and says that it was the default', () => {
    assert.deepEqual(decided(start()), { priority: 1, dm: '-0' })
  })

  it('decides once', () => {
    const root = start()
    decided(root)
    tracer.sampling.setAgentRates({ 'service:,env:': 0 })
    assert.deepEqual(decided(root), { priority: 1, dm: '-0' })
  })

  describe('with rates of the Agent', () => {
    const rows: [title: string, rates: Record<string, number>, service: string, expected: object][] = [
      [
        'the one of service and env',
        { 'service:shop,env:prod': 1, 'service:,env:': 0 },
        'shop',
        { priority: 1, dm: '-1', ksr: '1', agent: 1 },
      ],
      [
        'the one of the service in lower case',
        { 'service:my shop,env:prod': 0, 'service:,env:': 1 },
        'My Shop',
        { priority: 0, ksr: '0', agent: 0 },
      ],
      ['a reject', { 'service:shop,env:prod': 0 }, 'shop', { priority: 0, ksr: '0', agent: 0 }],
      [
        'the default one for another service',
        { 'service:shop,env:prod': 1, 'service:,env:': 0 },
        'db',
        { priority: 0, ksr: '0', agent: 0 },
      ],
      [
        'the default one for another env',
        { 'service:shop,env:dev': 0, 'service:,env:': 1 },
        'shop',
        { priority: 1, dm: '-1', ksr: '1', agent: 1 },
      ],
      ['none for the service and no default one', { 'service:db,env:prod': 0 }, 'shop', { priority: 1, dm: '-0' }],
      ['no rate at all', {}, 'shop', { priority: 1, dm: '-0' }],
      [
        'rates that make no sense',
        { 'service:shop,env:prod': 2, 'service:,env:': '0' as never },
        'shop',
        { priority: 1, dm: '-0' },
      ],
      ['a rate below the limits', { 'service:shop,env:prod': -0.1 }, 'shop', { priority: 1, dm: '-0' }],
      ['a rate that is not a number', { 'service:shop,env:prod': Number.NaN }, 'shop', { priority: 1, dm: '-0' }],
    ]
    for (const [title, rates, service, expected] of rows) {
      it(`uses ${title}`, () => {
        tracer.sampling.setAgentRates(rates)
        assert.deepEqual(decided(start(service)), expected)
      })
    }

    it('has an empty env in its keys where the program has none', () => {
      tracer = new MadeTracer()
      tracer.sampling.setAgentRates({ 'service:shop,env:': 0, 'service:shop,env:prod': 1 })
      assert.deepEqual(decided(start()), { priority: 0, ksr: '0', agent: 0 })
    })

    it('replaces all rates by the new ones, also for services that it has seen', () => {
      tracer.sampling.setAgentRates({ 'service:shop,env:prod': 0, 'service:,env:': 0 })
      assert.equal(decided(start('db')).priority, 0)
      assert.equal(decided(start('shop')).priority, 0)
      tracer.sampling.setAgentRates({ 'service:,env:': 1 })
      assert.equal(decided(start('db')).priority, 1)
      assert.equal(decided(start('shop')).priority, 1)
      tracer.sampling.setAgentRates({})
      assert.deepEqual(decided(start('shop')), { priority: 1, dm: '-0' })
    })

    it('samples by the trace id', () => {
      tracer.sampling.setAgentRates({ 'service:,env:': 0.5 })
      const sampler = new RateSampler(0.5)
      const priorities = new Set<number | undefined>()
      for (let i = 0; i < 200; i++) {
        const root = start()
        const { priority } = decided(root)
        assert.equal(priority, sampler.sample(root) ? 1 : 0)
        priorities.add(priority)
      }
      assert.equal(priorities.size, 2)
    })

    it('stays right when there are more services than it remembers', () => {
      tracer.sampling.setAgentRates({ 'service:last,env:prod': 0 })
      for (let i = 0; i < 1100; i++) assert.equal(decided(start(`s${i}`)).priority, 1)
      assert.deepEqual([decided(start('last')).priority, decided(start('s1099')).priority], [0, 1])
    })

    const texts: [rate: number, text: string][] = [
      [0.5, '0.5'],
      [0.25, '0.25'],
      [1 / 3, '0.333333'],
      [2 / 3, '0.666667'],
      [0.000001, '0.000001'],
      [0.0000004, '0'],
      [0.9999999, '1'],
      [0.1, '0.1'],
    ]
    for (const [rate, text] of texts) {
      it(`writes the rate ${rate} as ${text}`, () => {
        tracer.sampling.setAgentRates({ 'service:,env:': rate })
        assert.equal(decided(start()).ksr, text)
      })
    }
  })

  describe('with a sampler of the program', () => {
    const rows: [title: string, sampler: Sampler, expected: object][] = [
      ['that keeps', { sample: () => true }, { priority: 2, dm: '-3' }],
      ['that drops', { sample: () => false }, { priority: -1 }],
      [
        'that keeps, with a rate',
        { sample: () => true, rate: 0.25 },
        { priority: 2, dm: '-3', ksr: '0.25', rule: 0.25 },
      ],
      ['that drops, with a rate', { sample: () => false, rate: 0.25 }, { priority: -1, ksr: '0.25', rule: 0.25 }],
      ['whose rate is nonsense', { sample: () => true, rate: Number.NaN }, { priority: 2, dm: '-3' }],
      ['that does not say true', { sample: () => 'yes' as never }, { priority: -1 }],
      ['that is a RateSampler of 1', new RateSampler(1), { priority: 2, dm: '-3', ksr: '1', rule: 1 }],
      ['that is a RateSampler of 0', new RateSampler(0), { priority: -1, ksr: '0', rule: 0 }],
    ]
    for (const [title, sampler, expected] of rows) {
      it(`${title}, the Agent's rates do not matter`, () => {
        tracer.sampling.setAgentRates({ 'service:,env:': 0 })
        tracer.sampler = sampler
        assert.deepEqual(decided(start()), expected)
      })
    }

    it('gives it the root span, as late as possible and once', () => {
      const asked: unknown[] = []
      tracer.sampler = { sample: (root) => asked.push(root, root.resource) > 0 }
      const root = start()
      const child = tracer.startSpan('child', { childOf: root })
      root.resource = 'set later'
      child.finish()
      assert.equal(asked.length, 0)
      root.finish()
      assert.deepEqual(asked, [root, 'set later'])
    })

    for (const [title, sampler] of Object.entries({
      'that throws': {
        sample: () => {
          throw new Error('no idea')
        },
      },
      'whose rate throws': {
        sample: () => true,
        get rate(): number {
          throw new Error('no idea')
        },
      },
    })) {
      it(`${title}, falls back on the Agent's rates and says so once`, () => {
        tracer.sampling.setAgentRates({ 'service:,env:': 0 })
        tracer.sampler = sampler
        for (let i = 0; i < 2; i++) assert.deepEqual(decided(start()), { priority: 0, ksr: '0', agent: 0 })
        assert.match(
          lines.join(),
          /^tracer\.sampler failed \(Error at [^ ]+\); rules and the Agent's rates decide instead$/,
        )
      })
    }
  })

  describe('is not asked', () => {
    beforeEach(() => {
      tracer.sampler = { sample: () => assert.fail('asked') }
    })

    for (const [tag, priority, dm] of [
      ['manual.keep', 2, '-4'],
      ['manual.drop', -1, undefined],
    ] as const) {
      it(`where the program has set ${tag}, even on a child`, () => {
        const root = start()
        tracer.startSpan('child', { childOf: root }).setTag(tag, true)
        assert.deepEqual(decided(root), dm === undefined ? { priority } : { priority, dm })
      })
    }

    for (const priority of [-1, 0, 1, 2]) {
      it(`where ${priority} was received`, () => {
        const root = tracer.startSpan('op', { childOf: new SpanContext(0, 0, 1, 2, 3, 4, priority) })
        assert.deepEqual(decided(root), { priority })
      })
    }
  })

  it('passes on a rate it has received as it was written', () => {
    tracer.sampling.setAgentRates({ 'service:,env:': 0.5 })
    const received = new Map([['_dd.p.ksr', '1.000000']])
    const root = tracer.startSpan('op', { childOf: new SpanContext(0, 0, 1, 2, 3, 4, undefined, undefined, received) })
    assert.equal(decided(root).ksr, '1.000000')
  })

  it('passes on who decided before, and forgets that on a reject', () => {
    for (const [rate, dm] of [
      [1, '-4'],
      [0, undefined],
    ] as const) {
      tracer = new MadeTracer()
      tracer.sampling.setAgentRates({ 'service:,env:': rate })
      const received = new Map([['_dd.p.dm', '-4']])
      const root = tracer.startSpan('op', {
        childOf: new SpanContext(0, 0, 1, 2, 3, 4, undefined, undefined, received),
      })
      assert.equal(decided(root).dm, dm)
    }
  })

  describe('by hand', () => {
    const rows: [value: unknown, expected: object][] = [
      [2, { priority: 2, dm: '-4' }],
      [1, { priority: 2, dm: '-4' }],
      [0, { priority: -1 }],
      [-1, { priority: -1 }],
      ['2', { priority: 2, dm: '-4' }],
      ['0', { priority: -1 }],
      [3, { priority: 1, dm: '-0' }],
      [-2, { priority: 1, dm: '-0' }],
      ['', { priority: 1, dm: '-0' }],
      ['keep', { priority: 1, dm: '-0' }],
      [true, { priority: 1, dm: '-0' }],
      [Number.NaN, { priority: 1, dm: '-0' }],
    ]
    for (const [value, expected] of rows) {
      it(`sampling.priority ${JSON.stringify(value)} on a child`, () => {
        const root = start()
        tracer.startSpan('child', { childOf: root }).setTag('sampling.priority', value)
        assert.deepEqual(decided(root), expected)
      })
    }

    it('beats what was received while nothing has left, and is then what is passed on', () => {
      const root = tracer.startSpan('op', { childOf: new SpanContext(0, 0, 1, 2, 3, 4, 0) })
      root.setTag('manual.keep', true)
      const headers: Record<string, string> = {}
      tracer.inject(root, 'http_headers', headers)
      assert.equal(headers['x-datadog-sampling-priority'], '2')
      assert.equal(headers['x-datadog-tags'], '_dd.p.dm=-4')
    })

    const late: [left: string, leave: (root: Span, child: Span) => void][] = [
      ['injected', (root) => tracer.inject(root, 'http_headers', {})],
      [
        'sent with a part of the trace',
        (_root, child) => {
          child.finish()
          tracer.recorder.releaseAll()
        },
      ],
    ]
    for (const [left, leave] of late) {
      for (const [rate, tag, priority, isSaid] of [
        [0, 'manual.keep', 0, true],
        [1, 'manual.drop', 1, true],
        [1, 'manual.keep', 1, false],
        [0, 'manual.drop', 0, false],
      ] as const) {
        it(`${tag} changes no decision ${priority} that was ${left}${isSaid ? ', and that is said once' : ''}`, () => {
          tracer.sampling.setAgentRates({ 'service:,env:': rate })
          for (let i = 0; i < 2; i++) {
            const root = start()
            leave(root, tracer.startSpan('child', { childOf: root }))
            const before = decided(root)
            root.setTag(tag, true)
            assert.deepEqual(decided(root), before)
            assert.equal(before.priority, priority)
          }
          const said = `${tag} came too late: the trace's sampling decision had been sent on already`
          assert.deepEqual(lines, isSaid ? [said] : [])
        })
      }
    }

    it('changes no decision of its own that has left', () => {
      const root = start()
      root.setTag('manual.keep', true)
      tracer.inject(root, 'http_headers', {})
      root.setTag('manual.drop', true)
      assert.deepEqual(decided(root), { priority: 2, dm: '-4' })
    })
  })

  it('decides on a received trace that nobody has decided on, and keeps what it was sent with', () => {
    const received = new Map([['_dd.p.usr', 'x']])
    const root = tracer.startSpan('op', { childOf: new SpanContext(0, 0, 1, 2, 3, 4, undefined, undefined, received) })
    assert.deepEqual(decided(root), { priority: 1, dm: '-0' })
    assert.equal(root.trace.tags.get('_dd.p.usr'), 'x')
  })
})
