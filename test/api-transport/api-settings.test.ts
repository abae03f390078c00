// Where the API is and which way leads there: sites and hosts as people write them, and what NO_PROXY keeps from the proxy. The rows are
// worked out in one process of their own, whose environment they are.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { runNode } from '../support/spawn'

const FILE = join(__dirname, '../../src/api-transport/api-settings.js')
const PROXY = 'http://proxy:3128'

/** What comes of options and an environment; the text of the error where they are refused. */
interface Row {
  readonly options?: object
  readonly env?: object
}

interface Worked {
  readonly url?: string
  readonly proxy?: string
  readonly isOwnHost?: boolean
  readonly error?: string
}

async function workedOut(rows: readonly Row[]): Promise<Worked[]> {
  const code = `
    const { apiAddressOf, apiEnvironment } = require(${JSON.stringify(FILE)})
    const worked = ${JSON.stringify(rows)}.map(({ options = {}, env = {} }) => {
      apiEnvironment.use(() => env)
      try {
        const { url, proxy, isOwnHost } = apiAddressOf(options)
        return { url: url.href.replace(/\\/$/, ''), proxy, isOwnHost }
      } catch (error) {
        return { error: error.name + ': ' + error.message }
      }
    })
    console.log(JSON.stringify(worked))`
  const { stdout, stderr } = await runNode({ code })
  assert.equal(stderr, '')
  return JSON.parse(stdout) as Worked[]
}

describe('the address of the API', () => {
  const rows: [row: Row, url: string, isOwnHost: boolean][] = [
    [{}, 'https://api.datadoghq.com', false],
    [{ options: { site: 'datadoghq.eu' } }, 'https://api.datadoghq.eu', false],
    [{ options: { site: 'us3.datadoghq.com' } }, 'https://api.us3.datadoghq.com', false],
    [{ options: { site: 'us2.ddog-gov.com' } }, 'https://api.us2.ddog-gov.com', false],
    [{ options: { site: 'app.datadoghq.eu' } }, 'https://api.datadoghq.eu', false],
    [{ options: { site: 'api.datadoghq.eu' } }, 'https://api.datadoghq.eu', false],
    [{ options: { site: 'https://app.datadoghq.eu/' } }, 'https://api.datadoghq.eu', false],
    [{ options: { site: 'https://us5.datadoghq.com/monitors?x=1' } }, 'https://api.us5.datadoghq.com', false],
    [{ env: { site: 'datadoghq.eu\n' } }, 'https://api.datadoghq.eu', false],
    [{ env: { site: 'ap1.datadoghq.com' } }, 'https://api.ap1.datadoghq.com', false],
    [{ options: { site: 'example.com' } }, 'https://api.example.com', false],
    [{ options: { apiHost: 'http://localhost:8126' } }, 'http://localhost:8126', true],
    [{ options: { apiHost: 'https://proxy.example.com/datadog/' } }, 'https://proxy.example.com/datadog', true],
    [{ options: { apiHost: 'api.example.com' } }, 'https://api.example.com', true],
    [{ options: { apiHost: 'localhost:8443' } }, 'https://localhost:8443', true],
    [{ options: { apiHost: 'https://app.datadoghq.com' } }, 'https://api.datadoghq.com', false],
    [{ options: { apiHost: 'https://app.example.com' } }, 'https://app.example.com', true],
    [{ options: { apiHost: 'https://evil-datadoghq.com' } }, 'https://evil-datadoghq.com', true],
    [{ options: { apiHost: 'https://x/?a=b#c' } }, 'https://x', true],
    [{ env: { apiHost: 'http://localhost:1', site: 'datadoghq.eu' } }, 'http://localhost:1', true],
    [{ options: { site: 'datadoghq.eu' }, env: { apiHost: 'http://localhost:1' } }, 'https://api.datadoghq.eu', false],
    [{ options: { site: 'a.com', apiHost: 'http://b:2' } }, 'http://b:2', true],
  ]
  it('is that of the host, else of the site, of options before the environment', async () => {
    const worked = await workedOut(rows.map(([row]) => row))
    assert.deepEqual(
      worked.map(({ url, isOwnHost }, index) => [rows[index]?.[0], url, isOwnHost]),
      rows,
    )
  })

  const refused: [options: object, error: string][] = [
    [{ apiHost: '' }, 'TypeError: apiHost is a host or a URL, https://api.datadoghq.com'],
    [{ apiHost: 'ftp://x' }, 'TypeError: apiHost is a host or a URL, https://api.datadoghq.com'],
    [{ apiHost: 'a b' }, 'TypeError: apiHost is a host or a URL, https://api.datadoghq.com'],
    [{ apiHost: 'https://user@x' }, 'TypeError: apiHost is a URL without user and password'],
    [{ apiHost: 5 }, 'TypeError: apiHost is a text, not number'],
    [{ site: 5 }, 'TypeError: site is a text, not number'],
    [{ apiKey: {} }, 'TypeError: apiKey is a text, not object'],
    [{ proxy: 'proxy:3128' }, 'TypeError: proxy is the URL of an HTTP proxy, http://proxy:3128'],
    [{ proxy: 5 }, 'TypeError: proxy is the URL of an HTTP proxy, http://proxy:3128'],
  ]
  it('is refused where it can be none', async () => {
    const worked = await workedOut(refused.map(([options]) => ({ options })))
    assert.deepEqual(
      worked.map(({ error }, index) => [refused[index]?.[0], error]),
      refused,
    )
  })
})

describe('the way to the API', () => {
  const API = 'https://api.datadoghq.com'
  const rules: [noProxy: string, host: string, isThroughProxy: boolean][] = [
    ['', API, true],
    ['*', API, false],
    ['api.datadoghq.com', API, false],
    ['API.DATADOGHQ.COM', API, false],
    ['datadoghq.com', API, false],
    ['.datadoghq.com', API, false],
    ['*.datadoghq.com', API, false],
    ['com', API, false],
    ['hq.com', API, true],
    ['datadoghq.eu', API, true],
    ['datadoghq.com.evil', API, true],
    ['example.com, other.com  datadoghq.com', API, false],
    [' , ,', API, true],
    ['datadoghq.com:443', API, false],
    ['datadoghq.com:8443', API, true],
    ['datadoghq.com:8443', 'https://api.datadoghq.com:8443', false],
    ['datadoghq.com', 'https://api.datadoghq.com:8443', false],
    [':443', API, true],
    ['10.0.0.1', 'https://10.0.0.1', false],
    ['10.0.0.1', 'https://10.0.0.11', true],
    ['[fe80::1]', 'https://[fe80::1]:8443', false],
    ['fe80::1', 'https://[fe80::1]', false],
    ['[fe80::1]:8443', 'https://[fe80::1]:8443', false],
    ['fe80::2', 'https://[fe80::1]', true],
    // This machine is never asked for through a proxy, nor is what goes without TLS.
    ['', 'https://localhost:8126', false],
    ['', 'https://127.0.0.1:8126', false],
    ['', 'https://127.8.8.8', false],
    ['', 'https://[::1]:8126', false],
    ['', 'https://128.0.0.1', true],
    ['', 'https://localhost.example.com', true],
    ['', 'http://api.datadoghq.com', false],
  ]
  it('goes through the proxy of the environment, but for what NO_PROXY names', async () => {
    const worked = await workedOut(
      rules.map(([noProxy, apiHost]) => ({ options: { apiHost }, env: { proxy: PROXY, noProxy } })),
    )
    assert.deepEqual(
      worked.map(({ proxy, error }, index) => [...(rules[index]?.slice(0, 2) ?? []), error ?? proxy === PROXY]),
      rules,
    )
  })

  it('goes through the proxy of the option in any case but an empty one', async () => {
    const env = { proxy: 'http://other:1', noProxy: '*' }
    const worked = await workedOut([
      { options: { proxy: PROXY }, env },
      { options: { proxy: PROXY, apiHost: 'https://localhost' }, env },
      { options: { proxy: '' }, env: { proxy: PROXY } },
      { env: { proxy: 'proxy:3128' } },
      { env: { proxy: 'https://user:password@proxy' } },
    ])
    assert.deepEqual(
      worked.map(({ proxy }) => proxy),
      [PROXY, PROXY, undefined, PROXY, 'https://user:password@proxy'],
    )
  })
})
