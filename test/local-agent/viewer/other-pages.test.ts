// The views beside the list and the trace, each on what a real agent was sent: services, resources, errors, metrics, logs, comparison, status.

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { setTimeout as delay } from 'node:timers/promises'
import { type LocalAgent, startLocalAgent } from '../../../src/local-agent/start-local-agent'
import { put } from '../send'
import { closeBrowser, openBrowser, Viewer } from './browser'
import { Dice, payloadOf, shopTrace } from './sample-traces'

const nowNs = (): bigint => BigInt(Date.now()) * 1_000_000n

describe('the other pages', () => {
  let agent: LocalAgent
  let viewer: Viewer

  before(openBrowser)
  after(closeBrowser)
  beforeEach(async () => {
    agent = await startLocalAgent({ port: 0, dogstatsdPort: 0 })
  })
  afterEach(async () => {
    try {
      await viewer.close()
    } finally {
      await agent.close()
    }
  })

  /** Sixty requests of the shop, some of which fail. */
  const sendShop = async (): Promise<void> => {
    const dice = new Dice()
    const traces = Array.from({ length: 60 }, (_, index) =>
      shopTrace(BigInt(index + 1), nowNs() - BigInt(index) * 1_000_000_000n, dice),
    )
    await put(`${agent.url}/v0.4/traces`, payloadOf(...traces))
  }
  const sendLines = async (...lines: string[]): Promise<void> => {
    const socket = createSocket('udp4')
    for (const line of lines) {
      await new Promise((resolve) => socket.send(line, agent.dogstatsd.port ?? 0, '127.0.0.1', resolve))
    }
    socket.close()
  }

  it('are reached by keys, and all keys are listed', async () => {
    viewer = await Viewer.open(agent.url)
    await viewer.see('.empty')
    const pages = { s: 'services', r: 'resources', m: 'metrics', l: 'logs', e: 'errors', i: 'status', t: 'traces' }
    for (const [key, page] of Object.entries(pages)) {
      await viewer.press('g', key)
      await viewer.waitForHash(new RegExp(`^#/${page}$`))
      await viewer.see('nav [aria-current=page]', new RegExp(page, 'i'))
    }
    await viewer.press('?')
    await viewer.see('dialog.help', 'critical path')
    await viewer.press('Escape')
    await viewer.waitForCount('dialog', 0)
  })

  it('say what to do while they have nothing', async () => {
    viewer = await Viewer.open(agent.url)
    for (const page of ['services', 'resources', 'errors', 'metrics', 'logs', 'compare']) {
      await viewer.go(`#/${page}`)
      await viewer.see('.empty h2')
      assert.ok((await viewer.text('.empty')).length > 60, page)
    }
    await viewer.go('#/no-such-page')
    await viewer.see('.empty h2', 'There is no such page')
  })

  it('draw a map of who calls whom', async () => {
    await sendShop()
    viewer = await Viewer.open(agent.url, '#/services')
    await viewer.see('.node .title', 'payments-mongo')
    const names = await viewer.page.locator('.node .title').allTextContents()
    assert.deepEqual(names.sort(), [
      'mailer',
      'payments',
      'payments-mongo',
      'search',
      'shop',
      'shop-postgres',
      'shop-redis',
    ])
    assert.equal(await viewer.page.locator('.edge').count(), 6)
    assert.ok((await viewer.page.locator('.node.external').count()) >= 3)
    await viewer.page.locator('.node[aria-label^="payments:"]').focus()
    await viewer.press('Enter')
    await viewer.see('.side-panel h2', 'payments')
    await viewer.see('.neighbours', 'shop')
    await viewer.page.getByRole('link', { name: 'Focus' }).click()
    await viewer.waitForCount('.node', 3)
    await viewer.press('Escape')
    await viewer.waitForCount('.node', 7)
  })

  it('tell how long each resource takes', async () => {
    await sendShop()
    viewer = await Viewer.open(agent.url, '#/resources')
    await viewer.see('.resource-row .title', 'POST /checkout')
    await viewer.page.locator('.resource-row', { hasText: 'POST /checkout' }).click()
    await viewer.see('.histogram .bars a')
    assert.match(await viewer.text('.facts'), /p95/)
    await viewer.page.locator('.histogram .bars a').first().click()
    await viewer.waitForHash(/resource_name:.*duration:>=/)
    await viewer.see('.trace-row .title', 'POST /checkout')
    await viewer.go('#/resources?service=payments')
    await viewer.waitForCount('.resource-row:not(.head)', 1)
  })

  it('gather errors by their kind', async () => {
    await sendShop()
    viewer = await Viewer.open(agent.url, '#/errors')
    await viewer.see('.error-title', 'CardDeclined the bank said no')
    const group = viewer.page.locator('.errors-list li', { hasText: 'CardDeclined' })
    assert.match(await group.innerText(), /\d+×/)
    await group.getByText('Stack').click()
    await group.locator('pre', { hasText: 'checkout.js:41:27' }).waitFor()
    await group.locator('.error-title').click()
    await viewer.see('.error-box h3', 'CardDeclined')
  })

  it('draw every metric, and show what came beside them', async () => {
    // What is sent together is to be shown together: in one of the windows of ten seconds.
    const leftMs = 10_000 - (Date.now() % 10_000)
    if (leftMs < 6000) await delay(leftMs)
    await sendLines(
      'shop.requests:3|c|#route:/items',
      'shop.requests:4|c|#route:/cart',
      'shop.latency:12.5|d',
      'shop.pool:7|g',
      '_e{6,5}:Deploy|1.4.2|t:warning',
      '_sc|shop.db|2|m:no answer',
      'nonsense',
    )
    viewer = await Viewer.open(agent.url, '#/metrics')
    await viewer.waitForCount('.chart canvas', 4)
    // A window may have ended in between, and the next one have nothing.
    const cart = '.card:has-text("/cart") .legend'
    if (!/last\s+4/.test(await viewer.text(cart))) await sendLines('shop.requests:4|c|#route:/cart')
    await viewer.see(cart, /last\s*4/)
    assert.match(await viewer.text('.card:has-text("shop.latency") .legend'), /p95 12\.\d/)
    await viewer.page.getByRole('button', { name: 'route:/items' }).click()
    await viewer.waitForCount('.chart canvas', 1)
    assert.equal(viewer.hash(), '#/metrics?q=route:/items')
    await sendLines('shop.requests:5|c|#route:/items')
    // The sum, or the second alone if a window ended in between.
    await viewer.see('.legend', /last[85]/)
    for (const [tab, text] of [
      ['Events', 'Deploy'],
      ['Checks', 'no answer'],
      ['Not understood', 'nonsense'],
    ] as const) {
      await viewer.page.getByRole('tab', { name: tab }).click()
      await viewer.see('.notes', text)
    }
  })

  it('show logs as they come, tied to their spans', async () => {
    await sendShop()
    const log = { time: Date.now(), stream: 'stdout', service: 'shop', attributes: {} } as const
    agent.logs.put({
      ...log,
      level: 'info',
      message: 'cart has 3 items',
      traceId: '1'.padStart(32, '0'),
      spanId: '1001',
    })
    viewer = await Viewer.open(agent.url, '#/logs')
    await viewer.see('.log-row.info', 'cart has 3 items')
    agent.logs.put({ ...log, level: 'error', message: 'card declined' })
    await viewer.see('.log-row.error', 'card declined')
    await viewer.page.getByRole('button', { name: 'info' }).click()
    await viewer.waitForCount('.log-row', 1)
    await viewer.page.getByRole('button', { name: 'info' }).click()
    await viewer.page.getByRole('link', { name: 'trace', exact: true }).click()
    await viewer.see('.span-panel .log-row', 'cart has 3 items')
  })

  it('compare two traces', async () => {
    const span = (trace_id: bigint, span_id: bigint, resource: string, ms: bigint) => ({
      trace_id,
      span_id,
      parent_id: span_id === 1n ? 0n : 1n,
      resource,
      duration: ms * 1_000_000n,
      start: nowNs(),
    })
    await put(
      `${agent.url}/v0.4/traces`,
      payloadOf(
        [span(1n, 1n, 'GET /', 100n), span(1n, 2n, 'select', 10n), span(1n, 3n, 'gone', 5n)],
        [span(2n, 1n, 'GET /', 300n), span(2n, 2n, 'select', 200n), span(2n, 4n, 'new', 5n)],
      ),
    )
    viewer = await Viewer.open(agent.url, `#/trace/${'1'.padStart(32, '0')}`)
    await viewer.page.getByRole('link', { name: 'Compare' }).click()
    await viewer.see('.notice', 'Choose the trace')
    await viewer.page.locator('.trace-row .title').first().click()
    await viewer.waitForHash(/^#\/compare\/0+1\/0+[12]$/)
    await viewer.go(`#/compare/${'1'.padStart(32, '0')}/${'2'.padStart(32, '0')}`)
    await viewer.see('.diff-row.slower', 'select')
    await viewer.see('.diff-row.added', 'new')
    await viewer.see('.diff-row.removed', 'gone')
    await viewer.press('s')
    await viewer.see('.diff-row.faster', 'select')
    await viewer.see('.diff-row.added', 'gone')
  })

  it('say how the agent is', async () => {
    await sendShop()
    await put(`${agent.url}/v0.4/traces`, Buffer.from([0xc1]))
    viewer = await Viewer.open(agent.url, '#/status')
    await viewer.see('.card', 'Traces')
    await viewer.see('.loss dt', 'Refused payloads')
    assert.ok((await viewer.page.locator('meter').count()) >= 3)
    assert.match((await viewer.texts('.card')).join(' '), /60 of 1,000/)
  })
})
