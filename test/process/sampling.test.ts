// Sampling as a deployment sets it: an ordinary program with `dd/init`, rules in variables and files, and what the Agent receives.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FakeAgent, find, type ReceivedSpan, startAgent } from '../support/agent'
import { runNode } from '../support/spawn'
import { INDEX, outcomeOf, traced } from './traced'

/** Traces with the services and resources of its arguments, each with a child `query` of the service `db`. */
const program = `
const { tracer } = require(${JSON.stringify(INDEX)})
for (const argument of process.argv.slice(2)) {
  const [service, resource, tags] = argument.split('|')
  tracer.trace('op', { service, resource, tags: JSON.parse(tags || '{}') }, () => {
    tracer.trace('query', { service: 'db', resource: 'of ' + resource }, () => {})
  })
}
`

describe('sampling by settings', () => {
  let agent: FakeAgent
  before(async () => {
    agent = await startAgent()
  })
  beforeEach(() => agent.clear())
  after(() => agent.close())

  async function run(
    env: Record<string, string>,
    traces: string[],
  ): Promise<{ said: string[]; spans: ReceivedSpan[] }> {
    const finished = await runNode(traced({ code: program, args: traces }, agent.url, env))
    const { code, said } = outcomeOf(finished)
    assert.equal(code, 0)
    assert.deepEqual(agent.violations, [])
    return { said, spans: agent.spans() }
  }

  /** What is told of the decision: on the span that is first in its chunk. */
  function toldOf(spans: readonly ReceivedSpan[], resource: string): Record<string, unknown> {
    const root = find(spans, { resource })
    const { chunk } = { chunk: agent.chunks.find((spans) => spans.includes(root)) ?? [] }
    const all = { ...root.meta, ...root.metrics, ...chunk[0]?.meta, ...chunk[0]?.metrics }
    return Object.fromEntries(
      ['_sampling_priority_v1', '_dd.p.dm', '_dd.p.ksr', '_dd.rule_psr', '_dd.limit_psr', '_dd.agent_psr']
        .filter((key) => all[key] !== undefined)
        .map((key) => [key.replace(/^_(dd\.)?/, ''), all[key]]),
    )
  }

  it('by rules, by the rate for all others, and by hand', async () => {
    const rules = [
      { service: 'shop*', resource: 'GET /health', sample_rate: 0 },
      { tags: { tier: 'gold', env: 'prod' }, sample_rate: 1, max_per_second: 1 },
    ]
    const { said, spans } = await run(
      { DD_TRACE_SAMPLING_RULES: JSON.stringify(rules), DD_TRACE_SAMPLE_RATE: '0', DD_ENV: 'prod' },
      ['Shop-1|get /HEALTH', 'shop|gold 1|{"tier":"gold"}', 'shop|rest', 'shop|kept|{"manual.keep":true}'],
    )
    assert.deepEqual(said, [])
    const ksr = { 'p.ksr': '0', rule_psr: 0 }
    assert.deepEqual(toldOf(spans, 'get /HEALTH'), { sampling_priority_v1: -1, ...ksr })
    const kept = { sampling_priority_v1: 2, 'p.dm': '-3', 'p.ksr': '1', rule_psr: 1, limit_psr: 1 }
    assert.deepEqual(toldOf(spans, 'gold 1'), kept)
    assert.deepEqual(toldOf(spans, 'rest'), { sampling_priority_v1: -1, ...ksr })
    assert.deepEqual(toldOf(spans, 'kept'), { sampling_priority_v1: 2, 'p.dm': '-4' })
  })

  it('at most so many per second', async () => {
    const env = { DD_TRACE_SAMPLE_RATE: '1', DD_TRACE_RATE_LIMIT: '2' }
    const { spans } = await run(env, ['shop|a', 'shop|b', 'shop|c'])
    const told = ['a', 'b', 'c'].map((resource) => toldOf(spans, resource))
    assert.deepEqual(
      told.map(({ sampling_priority_v1, limit_psr }) => [sampling_priority_v1, limit_psr]),
      [
        [2, 1],
        [2, 1],
        [-1, 2 / 3],
      ],
    )
  })

  it("by OpenTelemetry's variables", async () => {
    const { spans } = await run({ OTEL_TRACES_SAMPLER: 'always_off' }, ['shop|a'])
    assert.equal(toldOf(spans, 'a')['sampling_priority_v1'], -1)
  })

  it('passing over what cannot be meant, with one line each', async () => {
    const { said, spans } = await run(
      {
        DD_TRACE_SAMPLING_RULES: '[{"service":"shop"},{"service":"shop","sample_rate":0}]',
        DD_TRACE_SAMPLE_RATE: '2',
        DD_TRACE_RATE_LIMIT: 'many',
        DD_SPAN_SAMPLING_RULES: '[{"name":',
      },
      ['shop|a'],
    )
    assert.deepEqual(said.sort(), [
      'dd: DD_SPAN_SAMPLING_RULES has a value that is not a JSON array; [] is used instead',
      'dd: DD_TRACE_RATE_LIMIT has a value that is not a whole number from -1 to 1000000000; 100 is used instead',
      'dd: DD_TRACE_SAMPLE_RATE has a value that is not a number from 0 to 1; the default is used instead',
      'dd: rule 1 of DD_TRACE_SAMPLING_RULES is left out: it needs a sample_rate from 0 to 1',
    ])
    assert.equal(toldOf(spans, 'a')['sampling_priority_v1'], -1)
  })

  describe('of single spans', () => {
    let folder = ''
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'dd-test-rules-'))
    })
    after(() => rmSync(folder, { recursive: true }))

    const isMarked = ({ metrics }: ReceivedSpan) => metrics['_dd.span_sampling.mechanism'] === 8
    const dropAll = { DD_TRACE_SAMPLE_RATE: '0' }

    it('by a variable', async () => {
      const rules = '[{"service":"DB","name":"q*","max_per_second":1}]'
      const { spans } = await run({ ...dropAll, DD_SPAN_SAMPLING_RULES: rules }, ['shop|a', 'shop|b'])
      assert.deepEqual(
        spans.filter(isMarked).map(({ resource }) => resource),
        ['of a'],
      )
      const { metrics } = find(spans, { resource: 'of a' })
      assert.equal(metrics['_dd.span_sampling.rule_rate'], 1)
      assert.equal(metrics['_dd.span_sampling.max_per_second'], 1)
    })

    it('by a file, which a variable beats', async () => {
      const file = join(folder, 'rules.json')
      writeFileSync(file, '[{"service":"shop"}]')
      const byFile = { ...dropAll, DD_SPAN_SAMPLING_RULES_FILE: file }
      const first = await run(byFile, ['shop|a'])
      assert.deepEqual([first.spans.filter(isMarked).map(({ resource }) => resource), first.said], [['a'], []])
      agent.clear()
      const { spans } = await run({ ...byFile, DD_SPAN_SAMPLING_RULES: '[{"service":"db"}]' }, ['shop|a'])
      assert.deepEqual(
        spans.filter(isMarked).map(({ resource }) => resource),
        ['of a'],
      )
    })

    for (const [title, content, why] of [
      ['that is not there', undefined, /cannot be read \(Error: ENOENT/],
      ['that is not JSON', '[{', /cannot be read \(it is not JSON\); it is ignored/],
      ['that holds no array', '{}', /does not hold a JSON array; it is ignored/],
    ] as const) {
      it(`by a file ${title}, which is said`, async () => {
        const file = join(folder, `${title}.json`)
        if (content !== undefined) writeFileSync(file, content)
        const { said, spans } = await run({ ...dropAll, DD_SPAN_SAMPLING_RULES_FILE: file }, ['shop|a'])
        assert.deepEqual(spans.filter(isMarked), [])
        assert.equal(said.length, 1)
        assert.match(said[0]!, why)
      })
    }
  })
})
