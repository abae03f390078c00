// The plugins of Node's own modules that are off until they are named.

import { strict as assert } from 'node:assert'
import child_process from 'node:child_process'
import dns from 'node:dns'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { plugins } from '../../plugins'
import { type PluginSetting, patch, patchAll, tracer } from '../../src'
import { assertSameExports } from '../support/same-exports'

const current: Record<string, () => unknown> = {
  child_process: () => child_process.execSync,
  dns: () => dns.lookup,
  fs: () => fs.readFileSync,
  net: () => net.Socket.prototype.connect,
  http: () => http.request,
}
const originals = new Map(Object.entries(current).map(([name, get]) => [name, get()]))
const on = () => Object.keys(current).filter((name) => current[name]!() !== originals.get(name))

describe('plugins that are off by default', () => {
  afterEach(async () => {
    delete process.env['DD_TRACE_DNS_ENABLED']
    delete process.env['DD_TRACE_CHILD_PROCESS_ENABLED']
    delete process.env['DD_TRACE_DISABLED_INSTRUMENTATIONS']
    await tracer.shutdown()
    assert.deepEqual(on(), [])
  })
  const all = (settings?: Record<string, PluginSetting>) => {
    patchAll(settings)
    return on()
  }

  it('are those of Node that few want', () => {
    const names = plugins.filter(({ isOffByDefault }) => isOffByDefault).map(({ name }) => name)
    assert.deepEqual(names, ['child_process', 'dns', 'net', 'fs', 'console'])
  })
  it('stay off', () => assert.deepEqual(all(), ['http']))
  it('are on where they are named', () => assert.deepEqual(all({ fs: true, dns: {} }), ['dns', 'fs', 'http']))
  it('are on where they are asked for alone', () => {
    patch({ net: true })
    assert.deepEqual(on(), ['net'])
  })
  it('are on where their variable says so', () => {
    Object.assign(process.env, { DD_TRACE_DNS_ENABLED: 'true', DD_TRACE_CHILD_PROCESS_ENABLED: '1' })
    assert.deepEqual(all(), ['child_process', 'dns', 'http'])
  })
  it('are off where an argument says so, whatever their variable', () => {
    process.env['DD_TRACE_DNS_ENABLED'] = 'true'
    assert.deepEqual(all({ dns: false }), ['http'])
  })
  it('are off as others are', () => {
    process.env['DD_TRACE_DISABLED_INSTRUMENTATIONS'] = 'http'
    assert.deepEqual(all({ fs: false }), [])
  })

  it('change nothing that a program would see in the modules', async function () {
    this.timeout(60_000)
    const variables = Object.keys(current).map((name) => [`DD_TRACE_${name.toUpperCase()}_ENABLED`, 'true'])
    await assertSameExports(
      ['child_process', 'dns', 'dns/promises', 'fs', 'fs/promises', 'http', 'http2', 'https', 'net'],
      Object.fromEntries(variables),
    )
  })
})
