// What holds for every view: small, safe, in both themes, on a phone.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { type LocalAgent, startLocalAgent } from '../../../src/local-agent/start-local-agent'
import { put, send } from '../send'
import { closeBrowser, openBrowser, PHONE, Viewer } from './browser'
import { Dice, payloadOf, shopTrace } from './sample-traces'

const FILES = join(__dirname, '..', '..', '..', 'src', 'local-agent', 'viewer')

/** Scripts and styles together, as they go over the wire. */
const MAX_GZIP_BYTES = 70_000

const HOSTILE = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>"'\`\${1}`
const TRACE = '1'.padStart(32, '0')

const VIEWS = [
  '#/traces',
  `#/trace/${TRACE}`,
  `#/trace/${TRACE}?span=1001`,
  `#/trace/${TRACE}?tab=flame`,
  `#/trace/${TRACE}?tab=spans`,
  '#/errors',
  '#/services',
  '#/services?service=shop',
  '#/resources',
  '#/metrics',
  '#/metrics?tab=events',
  '#/metrics?tab=rejected',
  '#/logs',
  `#/compare/${TRACE}/${'2'.padStart(32, '0')}`,
  '#/status',
]

describe('the page', () => {
  let agent: LocalAgent
  before(async () => {
    agent = await startLocalAgent({ port: 0 })
    const dice = new Dice()
    const traces = Array.from({ length: 40 }, (_, index) =>
      shopTrace(BigInt(index + 1), BigInt(Date.now()) * 1_000_000n, dice),
    )
    // Texts that would do harm if they were not text, wherever a view shows one.
    for (const span of traces[0] ?? []) {
      span.meta = {
        ...span.meta,
        [HOSTILE]: HOSTILE,
        'http.status_code': HOSTILE,
        env: HOSTILE,
        'error.type': HOSTILE,
        'error.message': HOSTILE,
        'error.stack': `${HOSTILE}\n    at ${HOSTILE}`,
      }
      Object.assign(span, { service: HOSTILE, name: HOSTILE, resource: `select '${HOSTILE}'`, error: 1, type: HOSTILE })
    }
    await put(`${agent.url}/v0.4/traces`, payloadOf(...traces))
    agent.metrics.take(Buffer.from(`${HOSTILE}:1|c|#${HOSTILE}\n_e{3,${HOSTILE.length}}:abc|${HOSTILE}\n${HOSTILE}`))
    agent.logs.put({
      time: Date.now(),
      stream: 'stderr',
      level: 'error',
      service: HOSTILE,
      message: HOSTILE,
      traceId: TRACE,
      spanId: '1001',
      attributes: {},
    })
  })
  after(() => agent.close())

  it(`is no more than ${MAX_GZIP_BYTES / 1000} kB, packed`, () => {
    const sizes = ['app.js', 'app.css'].map((name) => gzipSync(readFileSync(join(FILES, name)), { level: 9 }).length)
    const all = sizes.reduce((sum, size) => sum + size, 0)
    assert.ok(all <= MAX_GZIP_BYTES, `${sizes.join(' + ')} = ${all} bytes`)
  })

  it('is sent packed to those who can unpack, and not again to those who have it', async () => {
    const packed = await fetch(`${agent.url}/app.js`, { headers: { 'accept-encoding': 'gzip' } })
    assert.equal(packed.headers.get('content-encoding'), 'gzip')
    const plain = await send(`${agent.url}/app.js`)
    assert.equal(plain.headers['content-encoding'], undefined)
    assert.equal(await packed.text(), plain.text)
    assert.equal(plain.text, String(gunzipSync(gzipSync(readFileSync(join(FILES, 'app.js'))))))
    const tag = String(plain.headers.etag)
    const again = await send(`${agent.url}/app.js`, { headers: { 'if-none-match': tag } })
    assert.deepEqual([again.status, again.text], [304, ''])
    assert.match(String(again.headers['content-security-policy']), /default-src 'none'/)
  })

  describe('in a browser', () => {
    let viewer: Viewer
    before(openBrowser)
    after(closeBrowser)
    afterEach(() => viewer.close())

    const isShown = async (): Promise<void> => {
      await viewer.see('main > *')
      await viewer.waitForCount('.loading', 0)
    }

    it('takes every text for text', async () => {
      viewer = await Viewer.open(agent.url)
      for (const view of VIEWS) {
        await viewer.go(view)
        await isShown()
        assert.equal(await viewer.page.evaluate('window.hacked'), undefined, view)
        assert.equal(await viewer.page.locator('img').count(), 1, view)
        assert.equal(await viewer.page.locator('script').count(), 1, view)
      }
      await viewer.go(`#/trace/${TRACE}?span=1001`)
      await viewer.see('.error-box h3 span', HOSTILE)
      await viewer.see('.tags dt', HOSTILE)
    })

    it('fits a phone in every view, without scrolling sideways', async () => {
      viewer = await Viewer.open(agent.url, '#/traces', { viewport: PHONE })
      for (const view of VIEWS) {
        await viewer.go(view)
        await isShown()
        assert.ok(Number(await viewer.page.evaluate('document.documentElement.scrollWidth')) <= PHONE.width, view)
        const wide = await viewer.page
          .locator('main, .toolbar, .table, .panel-body, .span-rows')
          .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className))
        assert.deepEqual(wide, [], view)
      }
    })

    it('makes the rows of every list as high as it reckons with, on a screen and on a phone', async () => {
      viewer = await Viewer.open(agent.url)
      let rows = 0
      for (const width of [1280, PHONE.width]) {
        await viewer.page.setViewportSize({ width, height: PHONE.height })
        for (const view of VIEWS) {
          await viewer.go(view)
          await isShown()
          const lists = await viewer.page.locator('.virtual').evaluateAll((all) =>
            all.map((one) => {
              const drawn = one.firstElementChild
              const height = Number(/--row: (\d+)px/.exec(one.getAttribute('style') ?? '')?.[1])
              return { count: drawn?.childElementCount ?? 0, height, drawnHeight: drawn?.clientHeight }
            }),
          )
          for (const { count, height, drawnHeight } of lists) {
            assert.equal(drawnHeight, count * height, `${view} at ${width} px`)
            rows += count
          }
        }
      }
      assert.ok(rows > 100, `${rows} rows`)
    })

    it('follows the system in dark and light, and remembers what one chose', async () => {
      viewer = await Viewer.open(agent.url, '#/traces', { colorScheme: 'light' })
      const theme = () =>
        viewer.page.evaluate('[document.documentElement.dataset.theme, getComputedStyle(document.body).color].join()')
      const light = await theme()
      assert.match(String(light), /^light,/)
      await viewer.page.emulateMedia({ colorScheme: 'dark' })
      await viewer.see('html[data-theme=dark]')
      assert.notEqual(
        String(await theme())
          .split(',')
          .slice(1)
          .join(),
        String(light).split(',').slice(1).join(),
      )
      await viewer.page.getByRole('button', { name: 'Light theme' }).click()
      await viewer.see('html[data-theme=light]')
      await viewer.go('#/errors')
      await viewer.see('html[data-theme=light]')
      await viewer.press('\\')
      await viewer.see('html[data-theme=dark]')
    })

    it('gives each service one colour, and keeps it', async () => {
      viewer = await Viewer.open(agent.url)
      await viewer.see('.facet.service')
      const colours = () =>
        viewer.page
          .locator('.facet.service')
          .evaluateAll((all) =>
            Object.fromEntries(all.map((one) => [one.textContent?.replace(/\d+$/, ''), one.className])),
          )
      const first = await colours()
      assert.equal(new Set(Object.values(first)).size, Object.keys(first).length)
      await viewer.go('#/services')
      await viewer.see('.node')
      await viewer.go('#/traces')
      await viewer.see('.facet.service')
      assert.deepEqual(await colours(), first)
    })

    it('shows where the focus is, and reaches all by the tab key', async () => {
      viewer = await Viewer.open(agent.url)
      await viewer.see('.trace-row .title')
      const seen = new Set<string>()
      for (let press = 0; press < 16; press++) {
        await viewer.press('Tab')
        seen.add(
          String(
            await viewer.page.evaluate(
              "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent",
            ),
          ),
        )
      }
      for (const name of ['Errors', 'Keys', 'Facets', 'Search traces', 'Import'])
        assert.ok(
          [...seen].some((one) => one.startsWith(name)),
          name,
        )
      await viewer.page.locator('.button').first().focus()
      assert.notEqual(await viewer.page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'none')
    })
  })
})
