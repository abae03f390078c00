// The URLs of servers of metrics, and what each opens.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTransport } from '../../src/metrics/transport/open-transport'
import type { Transport } from '../../src/metrics/transport/transport'
import { StreamServer, UdpServer } from '../support/metric-servers'

const sendTo = async (transport: Transport) => {
  transport.send('a:1|c', 5, 1)
  await transport.flush()
}

describe('the URL of a server of metrics', () => {
  it('opens UDP', async () => {
    const server = await UdpServer.start()
    const transport = openTransport(`udp://127.0.0.1:${server.port}`)
    await sendTo(transport)
    assert.deepEqual(await server.got(1), ['a:1|c'])
    await transport.close()
    await server.stop()
  })

  it('opens TCP', async () => {
    const server = await StreamServer.tcp()
    const transport = openTransport(`TCP://127.0.0.1:${server.port}/`)
    await sendTo(transport)
    assert.equal(await server.got('\n'), 'a:1|c\n')
    await transport.close()
    await server.stop()
  })

  const framings: [url: string, framing: 'newline' | 'length' | undefined, bytes: string][] = [
    ['unix://', undefined, '05000000613a317c63'],
    ['unixstream://', 'length', '05000000613a317c63'],
    ['unix://', 'newline', '613a317c630a'],
  ]
  for (const [scheme, framing, bytes] of framings) {
    it(`opens ${scheme} with ${framing ?? 'the default'} as framing`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'dd-url-'))
      const path = join(folder, 'dsd socket%20')
      const server = await StreamServer.unix(path)
      const transport = openTransport(scheme + path, { framing })
      assert.equal(transport.kind, 'uds-stream')
      await sendTo(transport)
      await server.got('c')
      await server.until(() => server.received[0]!.length >= bytes.length / 2)
      assert.equal(server.received[0]!.toString('hex'), bytes)
      await transport.close()
      await server.stop()
      rmSync(folder, { recursive: true })
    })
  }

  const kinds: [url: string, kind: Transport['kind'], maxPacketBytes: number][] = [
    ['udp://localhost', 'udp', 1432],
    ['udp://[::1]:8125', 'udp', 1432],
    ['udp://some_service:9', 'udp', 1432],
    ['tcp://localhost', 'tcp', 8192],
    ['unix:///var/run/datadog/dsd.socket', 'uds-stream', 8192],
    ['unixstream://relative/path', 'uds-stream', 8192],
    ['\\\\.\\pipe\\dogstatsd', 'pipe', 1432],
    ['//./pipe/dogstatsd', 'pipe', 1432],
  ]
  for (const [url, kind, maxPacketBytes] of kinds) {
    it(`${url} is ${kind}`, async () => {
      const transport = openTransport(url)
      assert.deepEqual([transport.kind, transport.maxPacketBytes], [kind, maxPacketBytes])
      await transport.close(0)
    })
  }

  const wrong: [url: unknown, message: RegExp][] = [
    ['unixgram:///var/run/datadog/dsd.socket', /no Unix datagram sockets.*dogstatsd_stream_socket.*unixstream:\/\//],
    ['http://localhost:8125', /http:\/\/localhost:8125 is no URL of a server of metrics: udp:\/\//],
    ['localhost:8125', /is no URL/],
    ['', /is no URL/],
    ['udp://', /names no host and port/],
    ['udp://:8125', /names no host/],
    ['udp://a:b:c', /names no host/],
    ['udp://host:99999', /port is a whole number from 1 to 65535, not 99999/],
    ['udp://host:8125/path', /names no host/],
    ['unix://', /names no path/],
    [undefined, /is a string, not undefined/],
  ]
  for (const [url, message] of wrong) {
    it(`refuses ${JSON.stringify(url)}`, () => {
      assert.throws(() => openTransport(url as string), { name: 'TypeError', message })
    })
  }
})
