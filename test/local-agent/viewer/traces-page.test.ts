// The list of traces in a real browser, fed by a real agent: what arrives is shown, nothing jumps, searching and keys work.

import assert from 'node:assert/strict'
import { type LocalAgent, startLocalAgent } from '../../../src/local-agent/start-local-agent'
import { put } from '../send'
import type { SpanFields } from '../wire-span'
import { closeBrowser, openBrowser, Viewer } from './browser'
import { payloadOf } from './sample-traces'

const nowNs = (): bigint => BigInt(Date.now()) * 1_000_000n

describe('the list of traces', () => {
  let agent: LocalAgent
  let viewer: Viewer
  let nextId = 0n

  before(openBrowser)
  after(closeBrowser)
  beforeEach(async () => {
    agent = await startLocalAgent({ port: 0 })
    nextId = 0n
  })
  afterEach(async () => {
    try {
      await viewer.close()
    } finally {
      await agent.close()
    }
  })

  const send = (fields: SpanFields = {}, ...others: SpanFields[]): Promise<unknown> => {
    const trace_id = ++nextId
    const spans = [
      { start: nowNs(), ...fields },
      ...others.map((span, index) => ({ span_id: BigInt(index + 2), parent_id: 1n, start: nowNs(), ...span })),
    ]
    return put(`${agent.url}/v0.4/traces`, payloadOf(spans.map((span) => ({ trace_id, ...span }))))
  }
  const titles = () => viewer.texts('.trace-row .title')

  it('says what to do while there is nothing, with the right port', async () => {
    viewer = await Viewer.open(agent.url)
    await viewer.see('.empty h2', 'Waiting for the first trace')
    assert.ok(
      (await viewer.texts('.command code')).includes(`DD_TRACE_AGENT_URL=${agent.url} node --require dd/init app.js`),
    )
    await send({ resource: 'GET /first' })
    await viewer.see('.trace-row .title', 'GET /first')
  })

  it('shows what each trace was', async () => {
    await send(
      { resource: 'GET /a', duration: 12_300_000n, error: 1, meta: { 'http.status_code': '503' } },
      { service: 'db', resource: 'SELECT 1' },
    )
    viewer = await Viewer.open(agent.url)
    await viewer.see('.trace-row.failed')
    const row = await viewer.text('.trace-row.failed')
    for (const part of ['web', 'GET /a', '503', '12.3 ms', '2']) assert.ok(row.includes(part), part)
    assert.equal(await viewer.page.locator('.trace-row.failed .dots').getAttribute('title'), 'db')
  })

  it('takes up what arrives, and a change of what is there', async () => {
    await send({ resource: 'GET /old' })
    viewer = await Viewer.open(agent.url)
    await viewer.see('.trace-row .title', 'GET /old')
    await send({ resource: 'GET /new' })
    await viewer.see('.trace-row .title', 'GET /new')
    assert.deepEqual(await titles(), ['GET /new', 'GET /old'])
    nextId = 0n
    await send({ span_id: 9n, parent_id: 1n, error: 1 })
    await viewer.see('.trace-row.failed .title', 'GET /old')
  })

  it('holds still under the mouse, and shows what waits when asked', async () => {
    await send({ resource: 'GET /1' })
    viewer = await Viewer.open(agent.url)
    await viewer.see('.trace-row .title', 'GET /1')
    await viewer.page.locator('.trace-row .title').hover()
    await send({ resource: 'GET /2' })
    await send({ resource: 'GET /3' })
    await viewer.see('.pill', '2 new')
    assert.deepEqual(await titles(), ['GET /1'])
    await viewer.press('n')
    await viewer.waitForCount('.trace-row .title', 3)
    await viewer.page.mouse.move(5, 5)
    await send({ resource: 'GET /4' })
    await viewer.waitForCount('.trace-row .title', 4)
  })

  it('searches in the syntax of Datadog, live and by an address', async () => {
    await send({ resource: 'GET /ok' })
    await send({ resource: 'GET /bad', error: 1 })
    viewer = await Viewer.open(agent.url)
    await viewer.waitForCount('.trace-row .title', 2)
    await viewer.press('/')
    await viewer.page.keyboard.type('status:error')
    await viewer.waitForCount('.trace-row .title', 1)
    assert.deepEqual(await titles(), ['GET /bad'])
    assert.equal(viewer.hash(), '#/traces?q=status:error')
    await send({ resource: 'GET /ok too' })
    await send({ resource: 'GET /bad too', error: 1 })
    await viewer.waitForCount('.trace-row .title', 2)
    await viewer.go('#/traces?q=resource_name:*ok*')
    await viewer.waitForCount('.trace-row .title', 2)
    assert.equal(await viewer.page.locator('[role=combobox]').inputValue(), 'resource_name:*ok*')
  })

  it('suggests fields and values, and shows where a query goes wrong', async () => {
    await send({ service: 'cart' })
    await send({ service: 'mailer' })
    viewer = await Viewer.open(agent.url)
    await viewer.waitForCount('.trace-row .title', 2)
    await viewer.see('.facets', /cart/)
    await viewer.press('/')
    await viewer.page.keyboard.type('serv')
    await viewer.see('[role=option]', 'service:')
    await viewer.press('ArrowDown', 'Enter')
    await viewer.see('[role=option]', 'service:mailer')
    await viewer.page.keyboard.type('mai')
    await viewer.see('.empty h2', 'No trace matches')
    await viewer.waitForCount('[role=option]', 1)
    await viewer.press('ArrowDown', 'Enter')
    await viewer.waitForHash(/q=service:mailer/)
    await viewer.waitForCount('.trace-row .title', 1)
    await viewer.press('Escape', '/')
    await viewer.page.keyboard.type('service:(cart OR')
    await viewer.see('.search-error mark')
    assert.equal(await viewer.page.locator('[role=combobox]').getAttribute('aria-invalid'), 'true')
  })

  it('narrows down by facets, and widens again', async () => {
    for (const service of ['cart', 'cart', 'mailer']) await send({ service })
    viewer = await Viewer.open(agent.url)
    const facet = viewer.page.locator('.facet', { hasText: 'cart' })
    await facet.click()
    await viewer.waitForCount('.trace-row .title', 2)
    assert.equal(viewer.hash(), '#/traces?q=service:cart')
    await facet.click()
    await viewer.waitForCount('.trace-row .title', 3)
    await viewer.page.getByRole('button', { name: 'All but cart' }).first().click()
    await viewer.waitForCount('.trace-row .title', 1)
    await viewer.page.goBack()
    await viewer.waitForCount('.trace-row .title', 3)
  })

  it('is walked through by keys, there and back', async () => {
    for (const resource of ['GET /1', 'GET /2', 'GET /3']) await send({ resource })
    viewer = await Viewer.open(agent.url)
    await viewer.waitForCount('.trace-row .title', 3)
    await viewer.press('j', 'j', 'k', 'ArrowDown')
    assert.equal(await viewer.text('.trace-row[aria-selected=true] .title'), 'GET /2')
    await viewer.press('Enter')
    await viewer.see('.trace-head h1', 'GET /2')
    await viewer.press('Escape')
    await viewer.see('.trace-row[aria-selected=true] .title', 'GET /2')
  })

  it('draws the rows that are seen only, and moves through them', async () => {
    const traces = Array.from({ length: 900 }, (_, index) => [
      { trace_id: BigInt(index + 1), start: nowNs() + BigInt(index) * 1_000_000n, resource: `GET /${index}` },
    ])
    await put(`${agent.url}/v0.4/traces`, payloadOf(...traces))
    viewer = await Viewer.open(agent.url)
    await viewer.see('.list-line', '900')
    assert.ok((await viewer.page.locator('.trace-row').count()) < 80)
    await viewer.press('End')
    await viewer.see('.trace-row[aria-selected=true] .title', 'GET /0')
    await viewer.press('Home')
    await viewer.see('.trace-row[aria-selected=true] .title', 'GET /899')
  })

  it('says that the agent is away, and goes on with the next one', async () => {
    await send({ resource: 'GET /before' })
    viewer = await Viewer.open(agent.url)
    await viewer.see('.trace-row .title', 'GET /before')
    await viewer.see('.connection.live')
    const { port } = agent
    await agent.close()
    await viewer.see('.banner', 'The agent is away')
    assert.deepEqual(await titles(), ['GET /before'])
    agent = await startLocalAgent({ port })
    await send({ resource: 'GET /after' })
    await viewer.see('.trace-row .title', 'GET /after')
    assert.deepEqual(await titles(), ['GET /after'])
    assert.equal(await viewer.page.locator('.banner').count(), 0)
  })
})
