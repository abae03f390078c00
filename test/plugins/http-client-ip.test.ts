// The address of who asked: off unless wanted, the first public one of the headers that proxies set, else a private one, else the
// connection's.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { clientIp } from '../../plugins/http/client-ip'
import type { InitOptions } from '../../src'
import { find } from '../support/agent'
import { Tracing } from '../support/tracing'

type Headers = Record<string, string>

const ROWS: [what: string, headers: Headers, address: string | undefined, header?: string][] = [
  ['nothing but the connection', {}, '203.0.113.99'],
  ['one address', { 'x-forwarded-for': '8.8.8.8' }, '8.8.8.8'],
  ['the first public one', { 'x-forwarded-for': '10.0.0.1, 8.8.8.8, 9.9.9.9' }, '8.8.8.8'],
  ['a public one of a later header', { 'x-forwarded-for': '10.0.0.1', 'x-real-ip': '8.8.8.8' }, '8.8.8.8'],
  [
    'the first private one, where none is public',
    { 'x-real-ip': '10.0.0.2', 'x-forwarded-for': '10.0.0.1' },
    '10.0.0.1',
  ],
  ['the order of the headers', { 'cf-connecting-ip': '1.1.1.1', 'true-client-ip': '2.2.2.2' }, '2.2.2.2'],
  ['every header', { 'cf-connecting-ipv6': '2606:4700::1' }, '2606:4700::1'],
  ['a port', { 'x-forwarded-for': '8.8.8.8:4711' }, '8.8.8.8'],
  ['IPv6', { 'x-forwarded-for': '2001:db8::1' }, '2001:db8::1'],
  ['IPv6 in brackets', { 'x-forwarded-for': '[2001:db8::1]' }, '2001:db8::1'],
  ['IPv6 in brackets with a port', { 'x-forwarded-for': '[2001:db8::1]:4711' }, '2001:db8::1'],
  ['IPv6 with a zone', { 'x-forwarded-for': '2001:db8::1%eth0' }, '2001:db8::1'],
  ['IPv4 as IPv6, private', { 'x-forwarded-for': '::ffff:10.0.0.1, 8.8.8.8' }, '8.8.8.8'],
  ['what is no address', { 'x-forwarded-for': 'unknown, _hidden, 1.2.3, 8.8.8.8' }, '8.8.8.8'],
  ['nothing that is an address', { 'x-forwarded-for': "'; drop table users --" }, '203.0.113.99'],
  ['empty', { 'x-forwarded-for': '' }, '203.0.113.99'],
  ['`forwarded`', { forwarded: 'for=8.8.8.8;proto=http;by=1.1.1.1' }, '8.8.8.8'],
  ['`forwarded` with several', { forwarded: 'for=10.0.0.1, For="[2001:db8::1]:4711"' }, '2001:db8::1'],
  ['`forwarded` without an address', { forwarded: 'for=_hidden;by=1.1.1.1' }, '203.0.113.99'],
  ['one header alone', { 'x-mine': '8.8.8.8', 'x-forwarded-for': '9.9.9.9' }, '8.8.8.8', 'X-Mine'],
  ['one header alone, private', { 'x-mine': '10.0.0.1', 'x-forwarded-for': '9.9.9.9' }, '10.0.0.1', 'x-mine'],
  ['one header alone that is not there', { 'x-forwarded-for': '9.9.9.9' }, undefined, 'x-mine'],
]

const PRIVATE = [
  '127.0.0.1',
  '10.255.255.255',
  '172.16.0.0',
  '172.31.255.255',
  '192.168.0.1',
  '169.254.1.1',
  '100.64.0.0',
  '100.127.255.255',
  '::1',
  'fec0::1',
  'feff::1',
  'fe80::1',
  'febf::1',
  'fc00::1',
  'fdff::1',
]
const PUBLIC = [
  '126.255.255.255',
  '128.0.0.0',
  '11.0.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '169.253.255.255',
  '169.255.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '::2',
  'fbff::1',
  'fe00::1',
  'ff00::1',
]

describe("a client's address", () => {
  for (const [what, headers, address, header] of ROWS) {
    it(`is found in ${what}`, () => assert.equal(clientIp(headers, header, '203.0.113.99'), address))
  }
  for (const address of PRIVATE) {
    it(`is not ${address} where there is another`, () => {
      assert.equal(clientIp({ 'x-forwarded-for': `${address}, 8.8.8.8` }, undefined, undefined), '8.8.8.8')
      assert.equal(clientIp({ 'x-forwarded-for': address }, undefined, undefined), address)
    })
  }
  for (const address of PUBLIC) {
    it(`is ${address} before others`, () =>
      assert.equal(clientIp({ 'x-forwarded-for': `${address}, 8.8.8.8` }, undefined, undefined), address))
  }

  it('takes no time to speak of, whatever the header', () => {
    const hostile = [
      'a'.repeat(16_384),
      ','.repeat(16_384),
      'for='.repeat(4096),
      '['.repeat(16_384),
      ' '.repeat(16_384),
      '"'.repeat(16_384),
      ':'.repeat(16_384),
      '1.'.repeat(8192),
    ]
    for (const value of hostile) {
      assert.equal(clientIp({ 'x-forwarded-for': value, forwarded: value }, undefined, undefined), undefined)
    }
  })

  describe('of a request', () => {
    let tracing: Tracing
    afterEach(() => tracing.stop())
    const ipOf = async (options: InitOptions, headers: Headers) => {
      tracing = await Tracing.start({ http: true }, options)
      const server = http.createServer((_request, response) => response.end()).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const request = http.get({
        host: '127.0.0.1',
        port: (server.address() as AddressInfo).port,
        agent: false,
        headers,
      })
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      await once(response.resume(), 'close')
      server.close()
      return find(await tracing.spans(), 'web.request').meta['http.client_ip']
    }

    it('is no tag unless it is wanted', async () => assert.equal(await ipOf({}, { 'x-real-ip': '8.8.8.8' }), undefined))
    it('is a tag where it is', async () =>
      assert.equal(await ipOf({ clientIp: true }, { 'x-real-ip': '8.8.8.8' }), '8.8.8.8'))
    it("is the connection's", async () => assert.equal(await ipOf({ clientIp: true }, {}), '127.0.0.1'))
    it('is that of the header that is trusted', async () => {
      const headers = { 'x-real-ip': '8.8.8.8', 'x-mine': '9.9.9.9' }
      assert.equal(await ipOf({ clientIp: true, clientIpHeader: 'X-Mine' }, headers), '9.9.9.9')
    })
  })
})
