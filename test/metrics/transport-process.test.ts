// Transports in processes of their own: a program ends by itself with all that it sent, and what an `exit` handler sends arrives where
// there is a connection.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StreamServer, UdpServer } from '../support/metric-servers'
import { runNode } from '../support/spawn'

const metrics = join(__dirname, '..', '..', 'src', 'metrics')

/** A program that has a transport to `url`, which gives up later than a slow machine takes to run it. */
const program = (url: string, code: string, timeoutMs = 10_000) => ({
  code: `
    const { openTransport } = require(${JSON.stringify(join(metrics, 'transport', 'open-transport.js'))})
    const transport = openTransport(${JSON.stringify(url)}, { framing: 'newline', timeoutMs: ${timeoutMs} })
    const send = (packet) => transport.send(packet, packet.length, 1)
    ${code}`,
})

interface Place {
  readonly url: string
  /** Resolves with all that was received when the last of it is there. */
  got(last: string): Promise<string>
  stop(): Promise<void>
}

async function udp(host: string): Promise<Place> {
  const server = await UdpServer.start()
  const got = async (last: string) => {
    await server.until(() => server.packets.includes(last))
    return server.packets.join('\n')
  }
  return { url: `udp://${host}:${server.port}`, got, stop: () => server.stop() }
}

async function tcp(): Promise<Place> {
  const server = await StreamServer.tcp()
  return streamPlace(server, `tcp://localhost:${server.port}`)
}

async function unix(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'dd-process-'))
  const path = join(folder, 'socket')
  const place = streamPlace(await StreamServer.unix(path), `unix://${path}`)
  const stop = async () => {
    await place.stop()
    rmSync(folder, { recursive: true })
  }
  return { ...place, stop }
}

function streamPlace(server: StreamServer, url: string): Place {
  const got = async (last: string) => (await server.got(`${last}\n`)).trimEnd()
  return { url, got, stop: () => server.stop() }
}

const places: [name: string, start: () => Promise<Place>][] = [
  ['UDP to an address', () => udp('127.0.0.1')],
  ['UDP to a name', () => udp('localhost')],
  ['TCP', tcp],
  ['a Unix socket', unix],
]

// Linux has room for 270 or so small packets in a Unix socket that is not read meanwhile.
const packets = Array.from({ length: 100 }, (_, i) => `m${i}:1|c`)
const sendAll = `for (let i = 0; i < 100; i++) send('m' + i + ':1|c')`

for (const [name, start] of places) {
  describe(`a program that sends over ${name}`, () => {
    let place: Place

    beforeEach(async () => {
      place = await start()
    })
    afterEach(() => place.stop())

    it('ends by itself, with all that it sent', async () => {
      const { code, stderr, durationMs } = await runNode(program(place.url, sendAll))
      assert.deepEqual([code, stderr], [0, ''])
      assert.equal(await place.got('m99:1|c'), packets.join('\n'))
      assert.ok(durationMs < 8000, `${durationMs} ms`)
    })

    it('ends by itself when it has sent nothing', async () => {
      assert.equal((await runNode(program(place.url, ''))).code, 0)
    })

    const ends: [title: string, code: string, exitCode: number][] = [
      ['process.exit()', 'process.exit(3)', 3],
      ['an uncaught exception', "throw new Error('on purpose')", 1],
      ['the end of its work', '', 0],
    ]
    for (const [title, end, exitCode] of ends) {
      it(`sends in an exit handler after ${title}`, async () => {
        const connected = program(
          place.url,
          `send('first:1|c')
           process.on('exit', () => { ${sendAll} })
           transport.flush().then(() => { ${end} })`,
        )
        assert.equal((await runNode(connected)).code, exitCode)
        assert.equal(await place.got('m99:1|c'), ['first:1|c', ...packets].join('\n'))
      })
    }

    it('waits for a flush, and for the end of a close', async () => {
      const flushing = program(
        place.url,
        `${sendAll}
         transport.flush().then(() => console.log('flushed')).then(() => transport.close()).then(() => console.log('closed'))`,
      )
      assert.equal((await runNode(flushing)).stdout, 'flushed\nclosed\n')
      assert.equal(await place.got('m99:1|c'), packets.join('\n'))
    })
  })
}

describe('a program whose server', () => {
  it('is away ends at once', async () => {
    const server = await StreamServer.tcp()
    await server.stop()
    const { code, stderr, durationMs } = await runNode(program(`tcp://127.0.0.1:${server.port}`, sendAll))
    assert.deepEqual([code, stderr], [0, ''])
    assert.ok(durationMs < 8000, `${durationMs} ms`)
  })

  it('takes nothing ends after the timeout', async () => {
    const server = await StreamServer.tcp()
    server.isReading = false
    // More than the system takes by itself.
    const { code, durationMs } = await runNode(
      program(`tcp://127.0.0.1:${server.port}`, "send('x'.repeat(32e6))", 2000),
    )
    assert.equal(code, 0)
    assert.ok(durationMs > 1900 && durationMs < 9000, `${durationMs} ms`)
    await server.stop()
  })

  it('is away waits no longer for a close than it is told', async () => {
    const server = await StreamServer.tcp()
    await server.stop()
    const closing = program(
      `tcp://127.0.0.1:${server.port}`,
      `send('a:1|c'); transport.close(50).then(() => console.log('closed'))`,
    )
    const { stdout, durationMs } = await runNode(closing)
    assert.equal(stdout, 'closed\n')
    assert.ok(durationMs < 8000, `${durationMs} ms`)
  })
})
