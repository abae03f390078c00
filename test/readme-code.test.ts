// The README's code does what it says. Pages that are files of examples/ are run by the tests of these, the plugins for bundlers by those
// in test/bundle; all other blocks run here, behind what the reader's own program has.

import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { type FakeAgent, startAgent } from './support/agent'
import { repoRoot } from './support/repo-root'
import { runNode } from './support/spawn'

interface Page {
  /** What the reader's program has already. */
  readonly before?: string
  /** What is looked at then. */
  readonly after: string
  readonly gives: unknown
  /** What is sent to the Agent: names with the priorities of their traces. */
  readonly spans?: readonly string[]
}

const INIT = "const { tracer } = require('dd'); tracer.init()"

/** By heading. */
const PAGES: Readonly<Record<string, Page>> = {
  'What is traced': {
    after: `const off = tracer.diagnostics().integrations.filter(({ state }) => state === 'off').map(({ name }) => name)
      return ['http', 'pg', 'undici'].map((name) => !off.includes(name))`,
    gives: [true, true, false],
  },
  'Spans by hand': {
    before: `${INIT}
      const placeOrder = async () => 'paid', computeQuote = (n) => n, headers = {}, request = { headers }`,
    after: 'return [order, quote.name, quote(7), new Shop().restock(), typeof headers.traceparent, parent === null]',
    gives: ['paid', 'computeQuote', 7, null, 'string', false],
    spans: ['checkout 1'],
  },
  Pins: {
    before: `${INIT}
      const redis = {}, pin = new (require('dd').Pin)({ service: 'other' })
      class Pool { client = {}; async connect() { return this.client } }`,
    after: 'return [orders, await orders.connect(), redis].map((one) => Pin.of(one)?.service)',
    gives: ['orders-db', 'orders-batch', null],
  },
  Propagation: {
    before: `${INIT}
      const message = { headers: {} }, work = () => {}
      tracer.trace('caller', () => {`,
    after: `})
      await tracer.flush()
      return typeof message.headers.traceparent`,
    gives: 'string',
    spans: ['caller 1', 'work 1'],
  },
  Baggage: {
    before: `${INIT}
      const request = {}, handled = [], handle = () => handled.push(tracer.baggage.get('user.id'))`,
    after: "return [...handled, tracer.baggage.get('user.id')]",
    gives: ['42', null],
  },
  Sampling: {
    before: `${INIT}
      const { RateSampler } = require('dd'), span = tracer.startSpan('work', { resource: 'GET /health' })`,
    after: `tracer.trace('probe', { resource: 'GET /health' }, () => {})
      span.finish()
      await tracer.flush()`,
    gives: null,
    spans: ['probe -1', 'work 2'],
  },
  'In your tests': {
    before: `const expect = (value) => ({ toMatchSnapshot: () => value })
      const query = (request, response) => require('dd').tracer.trace('pg.query', { tags: { 'db.name': 'shop' } }, () => response.end())
      const server = require('node:http').createServer(query).listen(0, '127.0.0.1').unref()
      await require('node:events').once(server, 'listening')
      const url = 'http://127.0.0.1:' + server.address().port
      {`,
    after: 'return [request.name, query.parentId === request.spanId] }',
    gives: ['web.request', true],
  },
}

const readme = readFileSync(join(repoRoot, 'README.md'), 'utf8')

/** The blocks of JavaScript, each below its heading. */
function blocksOf(markdown: string): { heading: string; code: string }[] {
  return markdown.split(/^## /m).flatMap((section) => {
    const heading = section.split('\n', 1)[0] as string
    return [...section.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code = '']) => ({ heading, code }))
  })
}

describe('the code in the README', () => {
  let agent: FakeAgent
  before(async () => {
    agent = await startAgent()
  })
  beforeEach(() => agent.clear())
  after(() => agent.close())

  const blocks = blocksOf(readme)

  for (const [heading, { before: prelude = '', after: rest, gives, spans = [] }] of Object.entries(PAGES)) {
    it(`of “${heading}” runs`, async () => {
      const code = blocks.filter((block) => block.heading === heading).map((block) => block.code)
      assert.ok(code.length > 0, 'it has none')
      const source = `async function main() {\n${prelude}\n${code.join('\n')}\n${rest}\n}
        main().then((value = null) => process.stdout.write(JSON.stringify(value)))`
      const compiled = await transform(source, { loader: 'ts', target: 'node20' })
      const env = { DD_SERVICE: 'shop', DD_TRACE_AGENT_URL: agent.url }
      const { code: exitCode, stdout, stderr } = await runNode({ code: compiled.code, env })
      assert.deepEqual([exitCode, stderr], [0, ''])
      assert.deepEqual(JSON.parse(stdout), gives)
      const sent = agent.spans().map(({ name, metrics }) => `${name} ${metrics['_sampling_priority_v1']}`)
      assert.deepEqual(sent.sort(), spans)
    })
  }

  it('is run, all of it', () => {
    const folders = ['api', 'metrics'].map((name) => join(repoRoot, 'examples', name))
    const examples = folders.flatMap((folder) =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.js'))
        .map((file) => readFileSync(join(folder, file), 'utf8')),
    )
    const left = blocks.filter(({ heading, code }) => PAGES[heading] === undefined && !examples.includes(code))
    assert.deepEqual([...new Set(left.map(({ heading }) => heading))], ['Bundled programs'])
  })
})
