// `npm run picture`: the README's picture of the viewer, dark and light. Starts the demo, sends its shop requests as its customers would,
// opens the page of a checkout that failed in a headless Chromium (`DD_TEST_CHROMIUM`, by default Debian's), and writes docs/viewer-*.png.

import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const WINDOW = { width: 1280, height: 720 }
/** Two dots for one, so that it is sharp where the README is read; one where that would be more than a README should load. */
const SCALES = [2, 1.5, 1]
const MAX_BYTES = 300_000

const REQUESTS = [
  ['GET', '/items'],
  ['GET', '/items/1'],
  ['GET', '/search?q=tea'],
  ['GET', '/items/2'],
  ['POST', '/checkout', { item: 1, card: 'valid' }],
  ['GET', '/offer'],
  ['GET', '/items/3'],
]
/** The code of the shop is compiled by then, and the times are those of a program that has run for a while. */
const ROUNDS = 8
/** All of its spans; they come from two programs. */
const SPANS = 12
const FAILED = 'resource_name:"POST /checkout" status:error'
const PATIENCE_MS = 60_000

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'docs')
const demo = spawn(process.execPath, [join(root, 'demo', 'run.mjs')], { stdio: ['ignore', 'pipe', 'pipe'] })
let printed = ''
for (const stream of [demo.stdout, demo.stderr]) {
  stream.setEncoding('utf8').on('data', (text) => {
    printed += text
  })
}
try {
  const [, agent] = await prints(/traces appear here and on (http:\S+)/)
  const [, shop] = await prints(/more traces with {2}curl (http:\/\/[^/\s]+)/)
  for (let round = 0; round < ROUNDS; round++) {
    for (const request of REQUESTS) await send(shop, request)
  }
  // One was among the demo's own, when all was cold.
  const earlier = await wholeTrace(agent)
  await send(shop, ['POST', '/checkout', { item: 2, card: 'expired' }])
  const trace = await wholeTrace(agent, earlier.id)
  mkdirSync(folder, { recursive: true })
  const executablePath = process.env.DD_TEST_CHROMIUM ?? '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    for (const scheme of ['dark', 'light']) await take(browser, `${agent}/#/trace/${trace.id}`, scheme)
  } finally {
    await browser.close()
  }
} catch (error) {
  console.error(printed)
  throw error
} finally {
  demo.kill('SIGTERM')
}

async function prints(pattern) {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const found = pattern.exec(printed)
    if (found !== null) return found
    if (demo.exitCode !== null || Date.now() > deadline) throw new Error(`the demo did not print ${pattern}`)
    await delay(100)
  }
}

async function send(shop, [method, path, body]) {
  const json = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const response = await fetch(shop + path, { method, ...json })
  await response.arrayBuffer()
}

/** The latest that failed and is another than `earlier`, when both services have sent their part of it. */
async function wholeTrace(agent, earlier) {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const response = await fetch(`${agent}/api/traces?limit=1&query=${encodeURIComponent(FAILED)}`)
    const [trace] = (await response.json()).traces
    if (trace?.spanCount === SPANS && trace.id !== earlier) return trace
    if (Date.now() > deadline) throw new Error(`no whole trace for ${FAILED}`)
    await delay(200)
  }
}

async function take(browser, url, colorScheme) {
  const path = join(folder, `viewer-${colorScheme}.png`)
  for (const deviceScaleFactor of SCALES) {
    const context = await browser.newContext({
      viewport: WINDOW,
      colorScheme,
      deviceScaleFactor,
      reducedMotion: 'reduce',
    })
    const page = await context.newPage()
    await page.goto(url)
    await page.locator('.span-row', { hasText: /^checkout/ }).click()
    await page.locator('.side-panel').waitFor()
    await page.locator('.side-panel .error-box').waitFor()
    // Its pointer would light up a row.
    await page.mouse.move(WINDOW.width / 2, WINDOW.height - 10)
    await page.evaluate(() => document.fonts.ready)
    await delay(500)
    await page.screenshot({ path })
    await context.close()
    const { length } = readFileSync(path)
    console.log(`${path}: ${WINDOW.width * deviceScaleFactor} × ${WINDOW.height * deviceScaleFactor}, ${length} bytes`)
    if (length <= MAX_BYTES) return
  }
  throw new Error(`${path} is larger than ${MAX_BYTES} bytes`)
}
