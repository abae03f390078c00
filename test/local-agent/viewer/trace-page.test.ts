// One trace in a real browser: the tree, the panel, the search inside it, zoom, the flame graph, the table, and ten thousand spans.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type LocalAgent, startLocalAgent } from '../../../src/local-agent/start-local-agent'
import { put } from '../send'
import type { SpanFields } from '../wire-span'
import { closeBrowser, openBrowser, Viewer } from './browser'
import { largeTrace, payloadOf } from './sample-traces'

const MS = 1_000_000n
const START = BigInt(Date.now()) * MS
const ID = 'b'.padStart(32, '0')
const HASH = `#/trace/${ID}`

/** web 1 → (db 2, api 3 → (cache 4, db 5)), of 100 ms. */
const SPANS: SpanFields[] = [
  {
    span_id: 1n,
    resource: 'GET /cart',
    duration: 100n * MS,
    meta: { 'http.status_code': '500', customer: 'ada' },
    error: 1,
  },
  {
    span_id: 2n,
    parent_id: 1n,
    service: 'db',
    name: 'pg.query',
    resource: "select id, name from item where id = $1 and name like 'a%' order by name",
    type: 'sql',
    start: START + 10n * MS,
    duration: 20n * MS,
  },
  {
    span_id: 3n,
    parent_id: 1n,
    service: 'api',
    resource: 'POST /price',
    start: START + 40n * MS,
    duration: 50n * MS,
    error: 1,
    meta: {
      'error.type': 'RangeError',
      'error.message': 'price below zero',
      'error.stack':
        'RangeError: price below zero\n    at price (/srv/price.js:7:9)\n    at next (/srv/node_modules/express/next.js:1:1)',
      events: JSON.stringify([{ name: 'retry', time_unix_nano: String(START + 50n * MS), attributes: { attempt: 2 } }]),
      '_dd.span_links': JSON.stringify([{ trace_id: ID, span_id: '0000000000000002', attributes: {} }]),
    },
  },
  { span_id: 4n, parent_id: 3n, service: 'cache', resource: 'GET price:1', start: START + 45n * MS, duration: 5n * MS },
  { span_id: 5n, parent_id: 3n, service: 'db', resource: 'update price', start: START + 55n * MS, duration: 30n * MS },
]

describe('the page of a trace', () => {
  let agent: LocalAgent
  let viewer: Viewer

  before(openBrowser)
  after(closeBrowser)
  beforeEach(async () => {
    agent = await startLocalAgent({ port: 0 })
    await put(`${agent.url}/v0.4/traces`, payloadOf(SPANS.map((span) => ({ trace_id: 11n, start: START, ...span }))))
  })
  afterEach(async () => {
    try {
      await viewer.close()
    } finally {
      await agent.close()
    }
  })

  const rows = () => viewer.texts('.span-row .resource')
  /** Waits for it: keys take effect a moment later. */
  const isSelected = (resource: string) => viewer.see('.span-row[aria-selected=true] .resource', resource)

  it('has a head, a tree in reading order, and bars where they belong', async () => {
    viewer = await Viewer.open(agent.url, HASH)
    await viewer.see('.span-row')
    assert.deepEqual(await rows(), ['GET /cart', SPANS[1]!.resource, 'POST /price', 'GET price:1', 'update price'])
    const head = await viewer.text('.trace-head')
    for (const part of ['web', 'GET /cart', '500', '2 errors', '100 ms', '5 spans'])
      assert.ok(head.includes(part), part)
    assert.deepEqual(
      await viewer.page.locator('.span-row').evaluateAll((all) => all.map((row) => row.getAttribute('aria-level'))),
      ['1', '2', '2', '3', '3'],
    )
    const lane = await viewer.page.locator('.span-row .lane').nth(2).boundingBox()
    const bar = await viewer.page.locator('.span-row .bar').nth(2).boundingBox()
    assert.ok(lane && bar)
    assert.ok(Math.abs((bar.x - lane.x) / lane.width - 0.4) < 0.01)
    assert.ok(Math.abs(bar.width / lane.width - 0.5) < 0.01)
  })

  it('is folded and walked through by keys', async () => {
    viewer = await Viewer.open(agent.url, HASH)
    await viewer.see('.span-row')
    await viewer.press('j', 'j', 'j')
    await isSelected('POST /price')
    await viewer.press('ArrowLeft')
    await viewer.waitForCount('.span-row', 3)
    assert.equal(await viewer.page.locator('.span-row[aria-selected=true]').getAttribute('aria-expanded'), 'false')
    await viewer.press('ArrowRight')
    await viewer.waitForCount('.span-row', 5)
    await viewer.press('ArrowRight')
    await isSelected('GET price:1')
    await viewer.press('ArrowLeft')
    await isSelected('POST /price')
    await viewer.press('[')
    await viewer.waitForCount('.span-row', 3)
    await viewer.press(']')
    await viewer.waitForCount('.span-row', 5)
    await viewer.press('Home', 'x')
    await isSelected('POST /price')
    await viewer.press('x')
    await isSelected('GET /cart')
    await viewer.press('Enter')
    await viewer.see('.side-panel')
    await viewer.press('Escape')
    assert.equal(await viewer.page.locator('.side-panel').count(), 0)
    await viewer.press('Escape')
    await viewer.see('.trace-row')
  })

  it('tells all about a span: its error, tags, events and links', async () => {
    viewer = await Viewer.open(agent.url, HASH)
    await viewer.page.locator('.span-row', { hasText: 'POST /price' }).click()
    await viewer.see('.error-box')
    assert.equal(await viewer.text('.error-box h3 span'), 'RangeError')
    assert.equal(await viewer.text('.error-box p'), 'price below zero')
    assert.equal((await viewer.text('.error-box pre')).trim().split('\n')[0], 'at price (/srv/price.js:7:9)')
    assert.match(await viewer.text('.error-box .foreign'), /node_modules/)
    await viewer.see('.event b', 'retry')
    await viewer.see('.event dd', '2')
    await viewer.page.locator('.event > a').click()
    await viewer.see('.sql .keyword', 'select')
    assert.deepEqual(
      (await viewer.text('.sql')).split('\n').map((line) => line.trim().split(' ')[0]),
      ['select', 'from', 'where', 'and', 'order'],
    )
  })

  it('says nothing of an error where there is none', async () => {
    viewer = await Viewer.open(agent.url, `${HASH}?span=5`)
    await viewer.see('.span-panel h3', 'Tags')
    const stray = await viewer.page
      .locator('.span-panel')
      .evaluate((panel) => [...panel.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent))
    assert.deepEqual([stray, await viewer.page.locator('.error-box').count()], [[], 0])
  })

  it('leads from a tag to the traces that have it', async () => {
    viewer = await Viewer.open(agent.url, `${HASH}?span=1`)
    await viewer.see('.tags dt', 'customer')
    await viewer.page.getByRole('link', { name: 'Traces with this customer' }).click()
    await viewer.waitForHash(/q=@customer:ada/)
    await viewer.waitForCount('.trace-row .title', 1)
  })

  it('has an address that holds the span, the part of the time and the view', async () => {
    viewer = await Viewer.open(agent.url, HASH)
    await viewer.see('.span-row')
    await viewer.page.locator('.span-row', { hasText: 'update price' }).click()
    await viewer.press('z', 'c')
    await viewer.waitForHash(/span=5&zoom=52000-88000&critical=1/)
    await viewer.go(viewer.hash())
    await viewer.see('.span-panel', 'update price')
    await viewer.see('.lane .wait')
    assert.equal(await viewer.text('.bar-actions .button[aria-pressed=true]'), 'Critical path')
    await viewer.press('0')
    await viewer.waitForHash(/^(?!.*zoom)/)
    await viewer.press('2')
    await viewer.waitForHash(/tab=flame/)
    await viewer.see('.flame canvas')
  })

  it('owns Ctrl+F, counts matches and goes through them', async () => {
    viewer = await Viewer.open(agent.url, HASH)
    await viewer.see('.span-row')
    await viewer.press('Control+f')
    await viewer.page.keyboard.type('price')
    await viewer.waitForCount('.span-row.match', 3)
    await viewer.see('.in-trace', '3')
    await viewer.press('Enter')
    await isSelected('POST /price')
    await viewer.press('Escape', 'Control+f')
    await viewer.page.keyboard.type('service:db')
    await viewer.waitForCount('.span-row.match', 2)
    await viewer.page.locator('.trace-head h1').click()
    await viewer.press('n')
    await isSelected('update price')
    await viewer.press('N')
    await isSelected('select id, name')
  })

  it('finds a span in a folded part', async () => {
    viewer = await Viewer.open(agent.url, HASH)
    await viewer.see('.span-row')
    await viewer.press('[')
    await viewer.waitForCount('.span-row', 3)
    await viewer.press('Control+f')
    await viewer.page.keyboard.type('cache')
    await viewer.see('.in-trace', '1')
    await viewer.press('Enter')
    await viewer.waitForCount('.span-row', 5)
    await isSelected('GET price:1')
  })

  it('has a flame graph whose boxes can be hit', async () => {
    viewer = await Viewer.open(agent.url, `${HASH}?tab=flame`)
    const at = async (share: number, lane: number): Promise<[number, number]> => {
      const box = await viewer.page.locator('.flame canvas').boundingBox()
      assert.ok(box)
      return [box.x + box.width * share, box.y + 22 + lane * 20 + 10]
    }
    await viewer.page.mouse.move(...(await at(0.6, 1)))
    await viewer.see('.tip', 'POST /price')
    await viewer.page.mouse.click(...(await at(0.6, 1)))
    await viewer.see('.span-panel', 'price below zero')
    await viewer.page.mouse.click(...(await at(0.6, 2)))
    await viewer.see('.span-panel', 'update price')
  })

  it('has a table of spans in groups, sorted as one likes', async () => {
    viewer = await Viewer.open(agent.url, `${HASH}?tab=spans&by=service`)
    await viewer.waitForCount('.line-row:not(.head)', 4)
    assert.equal(await viewer.text('.line-row:not(.head) .title'), 'db')
    await viewer.page.getByRole('button', { name: 'Errors', exact: true }).click()
    assert.match(await viewer.text('[aria-sort=descending]'), /Errors/)
    await viewer.page.getByRole('radio', { name: 'each span' }).click()
    await viewer.waitForCount('.line-row:not(.head)', 5)
  })

  it('grows with the trace', async () => {
    viewer = await Viewer.open(agent.url, HASH)
    await viewer.waitForCount('.span-row', 5)
    await put(
      `${agent.url}/v0.4/traces`,
      payloadOf([{ trace_id: 11n, span_id: 6n, parent_id: 1n, start: START + 95n * MS, resource: 'late one' }]),
    )
    await viewer.see('.span-row .resource', 'late one')
  })

  it('says so when the trace is gone', async () => {
    viewer = await Viewer.open(agent.url, `#/trace/${'c'.padStart(32, '0')}`)
    await viewer.see('.empty h2', 'This trace is not here')
  })

  it('is exported and imported', async () => {
    viewer = await Viewer.open(agent.url, HASH)
    await viewer.see('.span-row')
    const downloading = viewer.page.waitForEvent('download')
    await viewer.page.getByRole('link', { name: 'Export' }).click()
    const buffer = readFileSync(await (await downloading).path())
    await viewer.close()
    await agent.close()
    agent = await startLocalAgent({ port: 0 })
    viewer = await Viewer.open(agent.url)
    await viewer.page
      .locator('input[type=file]')
      .setInputFiles({ name: 'trace.json', mimeType: 'application/json', buffer: Buffer.from('{"format":"other"}') })
    await viewer.see('.toast')
    await viewer.page
      .locator('input[type=file]')
      .setInputFiles({ name: 'trace.json', mimeType: 'application/json', buffer })
    await viewer.waitForHash(new RegExp(`#/trace/${ID}`))
    await viewer.waitForCount('.span-row', 5)
  })

  it('opens ten thousand spans and moves through them', async function () {
    this.timeout(60_000)
    await put(`${agent.url}/v0.4/traces`, payloadOf(largeTrace(777n, START, 10_000)))
    viewer = await Viewer.open(agent.url)
    await viewer.see('.trace-row .title', 'nightly import')
    const { page } = viewer
    const took = async (what: () => Promise<unknown>): Promise<number> => {
      const began = performance.now()
      await what()
      return Math.round(performance.now() - began)
    }
    const openMs = await took(async () => {
      await page.evaluate(`location.hash = '#/trace/${(777).toString(16).padStart(32, '0')}'`)
      await viewer.see('.span-row .resource', 'nightly import')
    })
    assert.ok((await page.locator('.span-row').count()) < 80)
    /** The longest time between two frames while one scrolls from top to bottom. */
    const scroll = `new Promise((resolve) => {
      const list = document.querySelector('.span-rows')
      const gaps = []
      let last = performance.now()
      let step = 0
      requestAnimationFrame(function frame(now) {
        gaps.push(now - last)
        last = now
        list.scrollTop = (list.scrollHeight * ++step) / 120
        if (step < 120) requestAnimationFrame(frame)
        else resolve(gaps.slice(1).sort((a, b) => a - b))
      })
    })`
    const gaps = (await page.evaluate(scroll)) as number[]
    const last = await viewer.texts('.span-row .resource')
    assert.ok(last.length > 10)
    const searchMs = await took(async () => {
      await viewer.press('Control+f')
      await page.keyboard.type('Timeout')
      await viewer.see('.in-trace .number', /^\d+$/)
    })
    await viewer.press('Enter')
    await viewer.see('.span-row[aria-selected=true].match')
    const flameMs = await took(async () => {
      await viewer.press('Escape', '2')
      await viewer.see('.flame canvas')
      await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
    })
    const tableMs = await took(async () => {
      await viewer.press('3')
      await viewer.see('.line-row:not(.head)')
    })
    console.log(
      `      10,000 spans: opened in ${openMs} ms, searched in ${searchMs} ms, flame graph in ${flameMs} ms, table in ${tableMs} ms, ` +
        `frames while scrolling ${gaps[60]?.toFixed(0)} ms (median), ${gaps[113]?.toFixed(0)} ms (95 %)`,
    )
  })
})
