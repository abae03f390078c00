// A tracer that counts for the Agent, from `init()` to the bytes: from when on, what is sent and what is kept back, that nothing is
// counted twice or not at all, and what happens with Agents that cannot, can no more, or have just learned to.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import type { InitOptions } from '../../src/config/config'
import { type FakeAgent, startAgent } from '../support/agent'
import { quantile } from '../support/decode-sketch'
import { decodeStats, type ReceivedRow, rowsOf } from '../support/decode-stats'
import { collectLog } from '../support/log-lines'

const INFO = {
  version: '7.70.0',
  endpoints: ['/v0.4/traces', '/v0.6/stats'],
  client_drop_p0s: true,
  peer_tags: ['out.host'],
  span_kinds_stats_computed: ['client', 'server'],
}

describe('client-computed stats', () => {
  let agent: FakeAgent
  before(async () => {
    agent = await startAgent()
  })
  after(() => agent.close())
  const lines = collectLog()

  beforeEach(() => {
    agent.clear()
    agent.mode = 'ok'
    agent.info = INFO
    agent.state = undefined
    agent.rates = { 'service:,env:': 1 }
  })
  afterEach(async () => {
    await tracer.shutdown()
    tracer.sampler = undefined
    assert.deepEqual(agent.violations, [])
  })

  /** Starts, and gets to know the Agent by sending a span that it counts itself. */
  const start = async (options: InitOptions = {}) => {
    tracer.init({
      service: 'shop',
      env: 'test',
      agentUrl: agent.url,
      flushIntervalMs: 60_000,
      statsComputation: true,
      ...options,
    })
    tracer.startSpan('acquaintance').finish()
    await tracer.flush()
    assert.equal(agent.spans().length, 1)
    agent.clear()
  }

  const span = (name: string, tags: Record<string, unknown> = {}) => tracer.startSpan(name, { tags }).finish()
  const summary = (rows: readonly ReceivedRow[]) => rows.map(({ Name, Hits, Errors }) => [Name, Hits, Errors])
  const header = (name: string, url = '/v0.4/traces') =>
    agent.requests.filter((request) => request.url === url).map(({ headers }) => headers[name])

  it('are the truth: hits, errors, durations and quantiles of all spans, kept or not', async () => {
    await start()
    const endMs = Date.now()
    const durations: number[] = []
    for (let i = 1; i <= 200; i++) {
      const root = tracer.startSpan('web.request', {
        startTime: endMs - i,
        tags: { 'span.kind': 'server', error: i % 4 === 0 },
      })
      if (i % 2 === 0) root.setTag('manual.drop', true)
      tracer.startSpan('inner', { childOf: root, startTime: endMs - 1 }).finish(endMs)
      root.finish(endMs)
      durations.push(i)
    }
    await tracer.flush()
    const rows = rowsOf(agent.stats)
    assert.deepEqual(summary(rows), [['web.request', 200, 50]])
    const { Duration, TopLevelHits, OkSummary, ErrorSummary, SpanKind, IsTraceRoot, Service } = rows[0]!
    assert.deepEqual([Duration, TopLevelHits, SpanKind, IsTraceRoot, Service], [20_100e6, 200, 'server', 1, 'shop'])
    const failed = durations.filter((ms) => ms % 4 === 0)
    const ok = durations.filter((ms) => ms % 4 !== 0)
    for (const [sketch, exact] of [
      [OkSummary, ok],
      [ErrorSummary, failed],
    ] as const) {
      assert.equal(sketch.count, exact.length)
      for (const q of [0.1, 0.5, 0.95, 1]) {
        const ns = exact[Math.floor(q * (exact.length - 1))]! * 1e6
        assert.ok(Math.abs(quantile(sketch, q) - ns) <= ns * 0.01)
      }
    }
    assert.equal(agent.spans().length, 200)
    const [{ Env, Lang, Sequence, RuntimeID, Version, Hostname }] = agent.stats as [(typeof agent.stats)[number]]
    assert.deepEqual([Env, Lang, Sequence, Hostname, typeof Version], ['test', 'javascript', 1, '', 'string'])
    assert.equal(RuntimeID, agent.spans()[0]!.meta['runtime-id'])
  })

  it('keep rejected traces back, and tell how many', async () => {
    await start()
    for (let i = 0; i < 3; i++) tracer.trace('rejected', (root) => root.setTag('manual.drop', true))
    await tracer.flush()
    assert.deepEqual(
      [agent.requests.map(({ url }) => url), summary(rowsOf(agent.stats))],
      [['/v0.6/stats'], [['rejected', 3, 0]]],
    )
    span('kept')
    await tracer.flush()
    assert.deepEqual(
      [
        header('datadog-client-computed-stats'),
        header('datadog-client-dropped-p0-traces'),
        header('datadog-client-dropped-p0-spans'),
      ],
      [['yes'], ['3'], ['3']],
    )
    span('kept')
    await tracer.flush()
    assert.deepEqual(header('datadog-client-dropped-p0-traces'), ['3', '0'])
    assert.deepEqual(
      agent.stats.map(({ Sequence }) => Sequence),
      [1, 2, 3],
    )
  })

  it('let those single spans go that a rule wants', async () => {
    await start({ spanSamplingRules: [{ name: 'wanted' }] } as InitOptions)
    tracer.sampler = { sample: () => false, rate: 0 }
    tracer.trace('root', () => {
      tracer.trace('wanted', () => {})
      tracer.trace('other', () => {})
    })
    await tracer.flush()
    const [only, ...more] = agent.spans()
    assert.deepEqual(
      [only!.name, only!.metrics['_sampling_priority_v1'], only!.metrics['_dd.span_sampling.mechanism'], more.length],
      ['wanted', 2, 8, 0],
    )
    assert.deepEqual(
      [header('datadog-client-dropped-p0-traces'), header('datadog-client-dropped-p0-spans')],
      [['0'], ['2']],
    )
    assert.deepEqual(summary(rowsOf(agent.stats)), [['root', 1, 0]])
  })

  for (const [title, rates, sent] of [
    ["the Agent's rate", { 'service:,env:': 0 }, ['failed']],
    ['the program', { 'service:,env:': 1 }, []],
  ] as const) {
    it(`send a trace with an error, rejected by ${title}, ${sent.length === 0 ? 'no more than others' : 'because the Agent keeps some'}`, async () => {
      agent.rates = rates
      await start()
      if (sent.length === 0) tracer.sampler = { sample: () => false, rate: 0 }
      span('failed', { error: true })
      span('good')
      await tracer.flush()
      assert.deepEqual([agent.spans().map(({ name }) => name), rowsOf(agent.stats).length], [sent, 2])
    })
  }

  describe('are left to the Agent', () => {
    const cases: [title: string, info: object | undefined, options?: InitOptions][] = [
      ['where it is an old one', undefined],
      ['where it takes no stats', { ...INFO, endpoints: ['/v0.4/traces'] }],
      ['where it wants all traces', { ...INFO, client_drop_p0s: false }],
      ['where its answer is odd', { endpoints: 5, client_drop_p0s: 'yes', peer_tags: [1], filter_tags: 'x' }],
      ['where its filters are not understood', { ...INFO, ignore_resources: ['(?P<a>x)', '('] }],
      ['unless they are asked for', INFO, { statsComputation: false }],
    ]
    for (const [title, info, options] of cases) {
      it(title, async () => {
        agent.info = info as typeof agent.info
        await start(options)
        tracer.trace('rejected', (root) => root.setTag('manual.drop', true))
        await tracer.flush()
        assert.deepEqual([agent.spans().map(({ name }) => name), agent.stats], [['rejected'], []])
        assert.deepEqual(header('datadog-client-computed-stats'), [undefined])
      })
    }

    it('until it has said that it allows them, chunk for chunk', async () => {
      tracer.init({ service: 'shop', agentUrl: agent.url, flushIntervalMs: 60_000, statsComputation: true })
      span('before')
      tracer.trace('before too', (root) => root.setTag('manual.drop', true))
      await tracer.flush()
      span('after')
      await tracer.flush()
      assert.deepEqual(
        agent.requests
          .filter(({ url }) => url === '/v0.4/traces')
          .map(({ headers, chunks }) => [headers['datadog-client-computed-stats'], chunks.length]),
        [
          [undefined, 2],
          ['yes', 1],
        ],
      )
      assert.deepEqual(summary(rowsOf(agent.stats)), [['after', 1, 0]])
    })

    it('again when it can no more, from the next payload on', async () => {
      agent.state = 'one'
      await start()
      span('counted.here')
      agent.info = { ...INFO, client_drop_p0s: false }
      agent.state = 'two'
      await tracer.flush()
      // The reply to the payload has said that something is new, and the stats that followed have asked what.
      span('counted.there')
      await tracer.flush()
      assert.deepEqual(header('datadog-client-computed-stats'), ['yes', undefined])
      assert.deepEqual(summary(rowsOf(agent.stats)), [['counted.here', 1, 0]])
    })
  })

  describe('leave out what the Agent filters', () => {
    const cases: [title: string, filters: object, counted: string[]][] = [
      ['by a resource', { ignore_resources: ['^(?:un)?wanted$'] }, ['other']],
      ['by a resource in any case', { ignore_resources: ['(?i)^WANTED'] }, ['unwanted', 'other']],
      ['by a tag that must not be', { filter_tags: { reject: ['health'] } }, ['wanted', 'other']],
      ['by its value', { filter_tags: { reject: ['health:no', 'env:prod'] } }, ['wanted', 'unwanted', 'other']],
      ['by a tag of every span', { filter_tags: { reject: ['env:test'] } }, []],
      ['by a tag that must be', { filter_tags: { require: ['health:yes', 'env:test'] } }, ['unwanted']],
      ['by a pattern', { filter_tags_regex: { reject: ['health:^y'] } }, ['wanted', 'other']],
    ]
    for (const [title, filters, counted] of cases) {
      it(title, async () => {
        agent.info = { ...INFO, ...filters }
        await start()
        span('wanted')
        span('unwanted', { health: 'yes' })
        span('other')
        await tracer.flush()
        assert.deepEqual([rowsOf(agent.stats).map(({ Name }) => Name), agent.spans().length], [counted, 3])
      })
    }
  })

  it('that cannot be sent are dropped, counted, and that is said', async () => {
    await start()
    span('one')
    agent.mode = { status: 500 }
    await tracer.flush()
    assert.match(
      lines.join('\n'),
      /stats cannot be sent to the Agent at http:\S+ \(it answered 500\); 1 payloads dropped so far/,
    )
    agent.mode = 'ok'
    span('two')
    await tracer.flush()
    assert.deepEqual(summary(rowsOf(agent.stats)), [['two', 1, 0]])
  })

  it('do not hold up the end once more where the Agent has just not answered', async () => {
    await start()
    span('last')
    agent.mode = 'hang'
    await tracer.shutdown()
    // One deadline of 2 s for the traces; the stats are not tried.
    assert.deepEqual(
      agent.requests.map(({ url }) => url),
      ['/v0.4/traces'],
    )
  })

  it('go out at the end', async () => {
    await start()
    span('last')
    await tracer.shutdown()
    assert.deepEqual(summary(rowsOf(agent.stats)), [['last', 1, 0]])
  })

  it('are a payload that the reader of the tests would refuse if a field were of another type', () => {
    assert.throws(() => decodeStats(Buffer.from([0x81, 0xa1, 0x61, 0x01])), /unknown fields a/)
  })
})
