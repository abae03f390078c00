// Who may talk to the local agent: programs and its own page. Not a page of another site, whatever it pretends to be.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LocalAgent, startLocalAgent } from '../../src/local-agent/start-local-agent'
import { viewerFiles } from '../../src/local-agent/viewer-files'
import { repoRoot } from '../support/repo-root'
import { send } from './send'

/** Of the page, as they are written. */
const SOURCES = readdirSync(join(repoRoot, 'src', 'local-agent', 'viewer'), {
  recursive: true,
  encoding: 'utf8',
}).filter((name) => /\.(tsx?|css|html|svg)$/.test(name))

describe('local agent access', () => {
  let agent: LocalAgent
  before(async () => {
    agent = await startLocalAgent({ port: 0 })
  })
  after(() => agent.close())

  const statusWith = async (headers: Record<string, string>, method = 'GET', path = '/info') =>
    (await send(agent.url + path, { method, headers })).status

  it('is given by the names of this machine', async () => {
    for (const host of ['localhost', 'LocalHost', '127.0.0.1', '127.1.2.3', '[::1]']) {
      assert.equal(await statusWith({ host }), 200, host)
      assert.equal(await statusWith({ host: `${host}:8126` }), 200, host)
    }
  })

  it('is refused to any other name, on every path', async () => {
    const names = [
      'example.com',
      'localhost.example.com',
      '127.0.0.1.nip.io',
      '0.0.0.0',
      '192.168.0.1',
      'xlocalhost',
      '::1',
    ]
    for (const host of names) {
      assert.equal(await statusWith({ host }), 403, host)
    }
    for (const path of ['/', '/api/traces', '/api/live', '/nothing']) {
      assert.equal(await statusWith({ host: 'evil.example:8126' }, 'GET', path), 403, path)
    }
    assert.equal(await statusWith({ host: 'evil.example:8126' }, 'PUT', '/v0.4/traces'), 403)
  })

  it('is refused to pages of another origin, another port of this machine too', async () => {
    const host = `localhost:${agent.port}`
    assert.equal(await statusWith({ host, origin: `http://${host}` }), 200)
    assert.equal(await statusWith({ host, origin: `http://LOCALHOST:${agent.port}` }), 200)
    const foreign = [
      'http://example.com',
      'http://localhost:3000',
      `https://${host}`,
      `http://127.0.0.1:${agent.port}`,
      'null',
      '',
    ]
    for (const origin of foreign) {
      assert.equal(await statusWith({ host, origin }), 403, origin)
    }
    assert.equal(await statusWith({ 'sec-fetch-site': 'cross-site' }), 403)
    for (const site of ['same-origin', 'same-site', 'none']) {
      assert.equal(await statusWith({ 'sec-fetch-site': site }), 200, site)
    }
  })

  it('comes with headers that let the page load its own files only', async () => {
    for (const path of ['/', '/app.js', '/api/status', '/nothing']) {
      const { headers } = await send(agent.url + path)
      const policy = String(headers['content-security-policy'])
      assert.match(
        policy,
        /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'/,
      )
      assert.match(policy, /base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/)
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
      assert.equal(headers['referrer-policy'], 'no-referrer')
      assert.equal(headers['access-control-allow-origin'], undefined)
    }
  })

  it('serves the files of the page with their types', async () => {
    const types = {
      '/': 'text/html',
      '/app.css': 'text/css',
      '/app.js': 'text/javascript',
      '/icon.svg': 'image/svg+xml',
    }
    for (const [path, type] of Object.entries(types)) {
      const { status, headers, text } = await send(agent.url + path)
      assert.equal(status, 200, path)
      assert.ok(headers['content-type']?.startsWith(type), path)
      assert.ok(text.length > 100, path)
    }
    assert.deepEqual([...viewerFiles().keys()].sort(), Object.keys(types).sort())
  })

  it('has a page that makes no HTML of texts, and loads nothing from elsewhere', () => {
    assert.ok(SOURCES.length > 50)
    for (const name of SOURCES) {
      const source = readFileSync(join(repoRoot, 'src', 'local-agent', 'viewer', name), 'utf8')
      const code = source.replace(/^ *\/\/.*$/gm, '')
      assert.doesNotMatch(
        code,
        /innerHTML|InnerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser/,
        name,
      )
      assert.doesNotMatch(code, /(?:src|href|from|url)\W{0,3}(?:https?:)?\/\//, name)
      if (name.endsWith('.html')) assert.doesNotMatch(source, / on\w+=| style=|<style|<script>/, name)
    }
  })
})
