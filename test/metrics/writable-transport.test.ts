// Packets into any Writable: slow ones, broken ones, and those that stay the program's own.

import { strict as assert } from 'node:assert'
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { WritableTransport } from '../../src/metrics/transport/writable-transport'
import { StreamServer } from '../support/metric-servers'
import { HeardStats, send } from './heard-packets'

/** Takes a chunk when it is told to. */
class Slow extends Writable {
  text = ''
  #next: ((error?: Error) => void) | undefined

  constructor() {
    super({ highWaterMark: 6, decodeStrings: false })
  }

  override _write(chunk: string, _encoding: string, done: (error?: Error) => void): void {
    this.text += chunk
    this.#next = done
  }

  async take(error?: Error): Promise<void> {
    const next = this.#next
    this.#next = undefined
    next?.(error)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

let stats: HeardStats

function over(stream: Writable, options: ConstructorParameters<typeof WritableTransport>[1] = {}): WritableTransport {
  const transport = new WritableTransport(stream, options)
  transport.listen(stats)
  return transport
}

describe('the transport over a Writable', () => {
  beforeEach(() => {
    stats = new HeardStats()
  })

  it('writes each packet with a newline, and leaves the stream open', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dd-writable-'))
    const file = join(folder, 'metrics')
    const stream = createWriteStream(file)
    const transport = over(stream)
    send(transport, 'a:1|c', '', 'b:1|c\nc:1|c')
    await transport.close()
    assert.deepEqual([stream.writable, stats.packetsSent, stats.bytesSent], [true, 2, 16])
    await new Promise<void>((resolve) => stream.end('by the program\n', resolve))
    assert.equal(readFileSync(file, 'utf8'), 'a:1|c\nb:1|c\nc:1|c\nby the program\n')
    rmSync(folder, { recursive: true })
  })

  it('ends the stream where that is asked for', async () => {
    const stream = new Slow()
    const transport = over(stream, { endsStream: true })
    await transport.close()
    assert.equal(stream.writableEnded, true)
  })

  it('writes to a socket of the program', async () => {
    const server = await StreamServer.tcp()
    const socket = connect(server.port, '127.0.0.1')
    send(over(socket), 'a:1|c')
    assert.equal(await server.got('\n'), 'a:1|c\n')
    socket.destroy()
    await server.stop()
  })

  for (const whenFull of ['drop-oldest', 'drop-newest'] as const) {
    it(`keeps what the stream has no room for, within limits, with ${whenFull}`, async () => {
      const stream = new Slow()
      const transport = over(stream, { maxWaitingPackets: 2, whenFull })
      // The first fills the stream's buffer.
      send(transport, 'a:1|c', 'b:1|c', 'c:1|c', 'd:1|c')
      assert.deepEqual([stats.droppedQueue, stats.linesSent], [1, 0])
      const flushed = transport.flush()
      for (let i = 0; i < 4; i++) await stream.take()
      await flushed
      assert.equal(stream.text, whenFull === 'drop-oldest' ? 'a:1|c\nc:1|c\nd:1|c\n' : 'a:1|c\nb:1|c\nc:1|c\n')
      assert.deepEqual([stats.linesSent, stats.droppedQueue], [3, 1])
      await transport.close()
    })
  }

  it('counts what a broken stream takes no more, and tells why', async () => {
    const stream = new Slow()
    const transport = over(stream)
    send(transport, 'a:1|c', 'b:1|c', 'c:1|c')
    await stream.take(new Error('disk full'))
    await transport.flush()
    send(transport, 'd:1|c')
    assert.deepEqual([stats.linesSent, stats.droppedWriter], [0, 4])
    assert.equal(stats.failures[0]!.message, 'disk full')
    await transport.close()
  })

  it('counts what a destroyed stream takes no more', async () => {
    const stream = new Slow()
    const transport = over(stream)
    send(transport, 'a:1|c', 'b:1|c')
    stream.destroy()
    await transport.flush()
    assert.deepEqual([stats.linesSent, stats.droppedWriter], [0, 2])
  })

  it('drops what is not taken in time when it is closed, and all that comes later', async () => {
    const stream = new Slow()
    const transport = over(stream)
    send(transport, 'a:1|c', 'b:1|c')
    await transport.close(5)
    send(transport, 'c:1|c')
    assert.deepEqual([stats.linesSent, stats.droppedWriter], [0, 2])
    // The stream holds it still.
    await stream.take()
    assert.deepEqual([stats.linesSent, stats.droppedWriter], [1, 2])
  })

  it('leaves no listener of its own', async () => {
    const stream = new Slow()
    const listeners = () => ['drain', 'error', 'close'].map((name) => stream.listenerCount(name))
    const before = listeners()
    await over(stream).close()
    assert.deepEqual(listeners(), before)
  })

  it('refuses what is no Writable', () => {
    for (const stream of [undefined, null, {}, 'stdout', { write() {} }]) {
      assert.throws(() => new WritableTransport(stream as never), {
        name: 'TypeError',
        message: /stream is a Writable/,
      })
    }
  })
})
