// A real browser for the tests of the viewer, and what must never happen in it: an error in the console, a violation of the policy, a
// request to anywhere but the agent.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { installDebianPackage } from '../../services/debian-package'

const CHROMIUM = process.env['DD_TEST_CHROMIUM'] ?? '/usr/bin/chromium'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** It may wait for what other tests install. */
const INSTALL_TIMEOUT_MS = 900_000
/** A page on a busy machine; nothing of what is waited for takes a tenth of it. */
const PATIENCE_MS = 30_000
/** Of a test in a browser, on a machine that does much else. */
const TEST_TIMEOUT_MS = 120_000

const DESKTOP = { width: 1280, height: 800 }
export const PHONE = { width: 390, height: 844 }

let browser: Browser | undefined

/** Before all tests of a file. Without a Chromium, which is installed where it can be, they are skipped, and under CI they fail. */
export async function openBrowser(this: Mocha.Context): Promise<void> {
  this.timeout(INSTALL_TIMEOUT_MS)
  this.test?.parent?.eachTest((test) => test.timeout(TEST_TIMEOUT_MS))
  let why = ''
  if (!existsSync(CHROMIUM)) {
    await installDebianPackage('chromium').catch((error: Error) => {
      why = `, and it cannot be installed: ${error.message}`
    })
  }
  if (existsSync(CHROMIUM)) {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
    return
  }
  const reason = `there is no ${CHROMIUM}${why}: apt-get install chromium, or DD_TEST_CHROMIUM`
  if (process.env['CI']) throw new Error(reason)
  const { parent } = this.test ?? {}
  if (parent) parent.title += ` (${reason})`
  this.skip()
}

export async function closeBrowser(): Promise<void> {
  await browser?.close()
  browser = undefined
}

export class Viewer {
  readonly #faults: string[] = []

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly url: string,
  ) {
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('pageerror', (error) => this.#faults.push(`error: ${error.stack ?? error.message}`))
    page.on('console', (message) => {
      // What the agent refuses or has not is no fault of the page, but the browser says it all the same.
      const isAnswer = /^Failed to load resource: (the server responded with a status of (400|404)|net::ERR_)/.test(
        message.text(),
      )
      if (['error', 'warning'].includes(message.type()) && !isAnswer) this.#faults.push(`console: ${message.text()}`)
    })
    page.on('request', (request) => {
      const target = request.url()
      if (!target.startsWith(`${url}/`) && !/^(data|blob):/.test(target)) this.#faults.push(`request: ${target}`)
    })
  }

  static async open(url: string, hash = '#/traces', options: BrowserContextOptions = {}): Promise<Viewer> {
    assert.ok(browser)
    const context = await browser.newContext({ viewport: DESKTOP, colorScheme: 'dark', ...options })
    const viewer = new Viewer(await context.newPage(), context, url)
    await viewer.page.addInitScript(
      "window.violations = []; addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + ' ' + event.blockedURI))",
    )
    await viewer.go(hash)
    return viewer
  }

  /** Leaves the page and comes back, as a new visit does. */
  async go(hash: string): Promise<void> {
    await this.page.goto('about:blank')
    await this.page.goto(`${this.url}/${hash}`)
  }

  hash(): string {
    return decodeURIComponent(new URL(this.page.url()).hash)
  }

  /** Waits until the address matches: some of it is written a moment later. */
  async waitForHash(pattern: RegExp): Promise<void> {
    await this.page.waitForURL((url) => pattern.test(decodeURIComponent(url.hash)))
  }

  text(selector: string): Promise<string> {
    return this.page.locator(selector).first().innerText()
  }

  texts(selector: string): Promise<string[]> {
    return this.page.locator(selector).allInnerTexts()
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key)
  }

  /** Waits until something is on the page. */
  async see(selector: string, text?: string | RegExp): Promise<void> {
    await this.page
      .locator(selector, text === undefined ? {} : { hasText: text })
      .first()
      .waitFor()
  }

  async waitForCount(selector: string, count: number): Promise<void> {
    const all = this.page.locator(selector)
    await all.nth(count).waitFor({ state: 'detached' })
    if (count > 0) await all.nth(count - 1).waitFor({ state: 'attached' })
  }

  /** Ends the visit; fails if anything was wrong in it. */
  async close(): Promise<void> {
    const violations = await this.page.evaluate('window.violations ?? []').catch(() => [])
    await this.context.close()
    assert.deepEqual([...this.#faults, ...(violations as string[])], [])
  }
}
