// The host of a metric that names none: DD_HOSTNAME or the machine's name, on EC2 the id of the instance. The metadata service is a real
// server; the `fetch` that is handed in only leads to it from the address that AWS has for it.

import { strict as assert } from 'node:assert'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DogHttpApi, type DogHttpApiOptions, type DogHttpApiParts } from '../../src/api'
import { API_KEY, apiSuite } from '../support/api-suite'
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server'
import { runNode } from '../support/spawn'

const TOKEN = 'AQAEAtoken=='

describe('the host of a metric', () => {
  const suite = apiSuite()
  let metadata: ScriptedServer
  /** Whose requests went where, while nothing may be traced. */
  let muted: string[]

  beforeEach(async () => {
    metadata = await startScriptedServer()
    muted = []
    metadata.always = ({ verb, path, headers }) => {
      if (path === '/latest/api/token') {
        const isRight = verb === 'PUT' && Number(headers['x-aws-ec2-metadata-token-ttl-seconds']) > 0
        return isRight ? { text: TOKEN } : { status: 400 }
      }
      const isRight = path === '/latest/meta-data/instance-id' && headers['x-aws-ec2-metadata-token'] === TOKEN
      return isRight ? { text: 'i-0123456789\n' } : { status: 401 }
    }
  })
  afterEach(() => metadata.close())

  let isMuted = false
  const parts: DogHttpApiParts = {
    mute(fn) {
      isMuted = true
      try {
        return fn()
      } finally {
        isMuted = false
      }
    },
  }
  const led: typeof fetch = (url, init) => {
    const { host, pathname } = new URL(String(url))
    muted.push(`${host} ${pathname} ${isMuted}`)
    return fetch(host === '169.254.169.254' ? metadata.url + pathname : url, init)
  }
  const client = (options: DogHttpApiOptions = {}) =>
    new DogHttpApi(
      {
        apiKey: API_KEY,
        apiHost: suite.server.url,
        fetch: led,
        useEc2InstanceId: true,
        hostname: 'named',
        swallow: false as const,
        ...options,
      },
      parts,
    )
  const hosts = () =>
    suite.server.asked.map(({ body }) => (body as { series?: { host: string }[] } | undefined)?.series?.[0]?.host)

  it('is the machine’s name', async () => {
    const api = new DogHttpApi({ apiKey: API_KEY, apiHost: suite.server.url, hostname: undefined })
    await api.metric('m', 1)
    await api.distribution('m', 1)
    assert.ok(hosts().every((host) => host === hostname()))
  })

  it('is what DD_HOSTNAME or the option says', async () => {
    const code = `
      const { DogHttpApi } = require(${JSON.stringify(join(__dirname, '../../src/alone/api.js'))})
      const api = (options) => new DogHttpApi({ apiKey: '${API_KEY}', apiHost: '${suite.server.url}', ...options })
      api().metric('m', 1).then(() => api({ hostname: 'of-option' }).metric('m', 1))`
    assert.equal((await runNode({ code, env: { DD_HOSTNAME: 'of-environment' } })).stderr, '')
    assert.deepEqual(hosts(), ['of-environment', 'of-option'])
  })

  it('is the id of the instance, asked for once with a token, by the first that needs it', async () => {
    const api = client()
    await api.metric('m', 1, { host: 'given' })
    assert.deepEqual(metadata.lines, [])
    await Promise.all([api.metric('m', 1), api.distribution('m', 1), api.with({ timeout: 5 }).metric('m', 1)])
    await api.metric('m', 1)
    assert.deepEqual(metadata.lines, ['PUT /latest/api/token', 'GET /latest/meta-data/instance-id'])
    assert.deepEqual(hosts(), ['given', ...Array.from({ length: 4 }, () => 'i-0123456789')])
  })

  it('is asked for without being traced, and without a key', async () => {
    await client().metric('m', 1)
    assert.equal(muted[0], '169.254.169.254 /latest/api/token true')
    for (const { headers } of metadata.asked) {
      assert.equal(headers['dd-api-key'], undefined)
      assert.ok(!JSON.stringify(headers).includes(API_KEY))
    }
  })

  it('is not asked for by calls that name their hosts, nor where it is not wanted', async () => {
    suite.server.always = { json: { tags: [] } }
    const api = client()
    await api.hostTags('h').catch(() => {})
    await api.metrics([{ metric: 'm', points: [[1, 1]] }])
    await api.serviceCheck('c', 'h', 0)
    await client({ useEc2InstanceId: false }).metric('m', 1)
    assert.deepEqual(metadata.lines, [])
    assert.equal(hosts().at(-1), 'named')
  })

  const absences: [name: string, change: () => void][] = [
    [
      'there is none',
      () => {
        metadata.always = { status: 404 }
      },
    ],
    [
      'it gives no token',
      () => {
        metadata.always = { status: 403 }
      },
    ],
    [
      'it gives no id',
      () => {
        metadata.always = { text: '' }
      },
    ],
    [
      'it cuts the connection',
      () => {
        metadata.always = 'cut'
      },
    ],
    [
      'it says nothing',
      () => {
        metadata.always = 'hang'
      },
    ],
    [
      'its answer stops',
      () => {
        metadata.always = 'trickle'
      },
    ],
  ]
  for (const [name, change] of absences) {
    it(`is the name again where ${name}; it is asked once all the same`, async () => {
      change()
      const api = client()
      await api.metric('m', 1)
      const count = metadata.asked.length
      assert.ok(count > 0)
      await api.metric('m', 1)
      assert.deepEqual(hosts(), ['named', 'named'])
      assert.equal(metadata.asked.length, count)
      assert.deepEqual(suite.lines, [])
    })
  }
})
