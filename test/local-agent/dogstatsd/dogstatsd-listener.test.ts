// Where the local agent listens for metrics: real sockets, with the limits of the Agent, and what is in the way of them.

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUFFER_BYTES, DogstatsdListener } from '../../../src/local-agent/dogstatsd/dogstatsd-listener'
import { FrameReader } from '../../../src/local-agent/dogstatsd/frame-reader'
import { runNode } from '../../support/spawn'

const framed = (text: string | Buffer) => {
  const body = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(body.length)
  return Buffer.concat([length, body])
}

describe('DogStatsD listener', () => {
  let folder: string
  let path: string
  const open: { close(): unknown }[] = []
  let packets: string[]
  let heard: () => void
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dd-dogstatsd-'))
    path = join(folder, 'socket')
    packets = []
    heard = () => {}
  })
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close()
    rmSync(folder, { recursive: true })
  })

  const listen = async (options: { port?: number; socketPath?: string; host?: string }) => {
    const take = (packet: Buffer) => {
      packets.push(packet.toString())
      heard()
    }
    const listener = await DogstatsdListener.open({ host: '127.0.0.1', ...options, take })
    open.push(listener)
    return listener
  }
  const until = async (isThere: () => boolean) => {
    while (!isThere()) await new Promise<void>((resolve) => setTimeout(resolve, 2))
  }
  const client = async (socketPath: string): Promise<Socket> => {
    const socket = connect(socketPath)
    open.push({ close: () => socket.destroy() })
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }

  describe('over UDP', () => {
    const send = (port: number, packet: string, host = '127.0.0.1') =>
      new Promise<void>((resolve, reject) => {
        const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
        socket.send(packet, port, host, (error) => {
          socket.close()
          if (error) reject(error)
          else resolve()
        })
      })

    it('takes datagrams', async () => {
      const listener = await listen({ port: 0 })
      await send(listener.port!, 'a:1|c\nb:1|c')
      await until(() => packets.length === 1)
      assert.deepEqual(packets, ['a:1|c\nb:1|c'])
      assert.deepEqual(listener.problems, [])
      const { datagrams, cutDatagrams, bytes } = listener.counters
      assert.deepEqual({ datagrams, cutDatagrams, bytes }, { datagrams: 1, cutDatagrams: 0, bytes: 11 })
    })

    it('cuts what is longer than the buffer of the Agent, and no less', async () => {
      const listener = await listen({ port: 0 })
      await send(listener.port!, 'x'.repeat(BUFFER_BYTES))
      await send(listener.port!, 'y'.repeat(BUFFER_BYTES + 1))
      await send(listener.port!, 'z'.repeat(60_000))
      await until(() => packets.length === 3)
      assert.deepEqual(
        packets.map((packet) => packet.length),
        [BUFFER_BYTES, BUFFER_BYTES, BUFFER_BYTES],
      )
      assert.equal(listener.counters.cutDatagrams, 2)
    })

    it('goes without a port that is taken, and says so', async () => {
      const first = await listen({ port: 0 })
      const second = await listen({ port: first.port! })
      assert.equal(second.port, undefined)
      assert.deepEqual(second.problems, [`UDP port ${first.port} is taken`])
      await second.close()
      await send(first.port!, 'a:1|c')
      await until(() => packets.length === 1)
    })

    it('lets go of its port when it is closed', async () => {
      const first = await listen({ port: 0 })
      const port = first.port!
      await first.close()
      const second = await listen({ port })
      assert.equal(second.port, port)
    })

    it('listens on IPv6 where it is told to', async function () {
      const listener = await listen({ port: 0, host: '::1' })
      if (listener.port === undefined) this.skip()
      await send(listener.port, 'a:1|c', '::1')
      await until(() => packets.length === 1)
    })

    it('listens on nothing if it is told to', async () => {
      const listener = await listen({})
      assert.deepEqual([listener.port, listener.socketPath, listener.problems], [undefined, undefined, []])
    })
  })

  describe('over a Unix socket', () => {
    it('takes frames, however the stream was cut', async () => {
      const listener = await listen({ socketPath: path })
      const socket = await client(path)
      const bytes = Buffer.concat([framed('a:1|c'), framed('b:1|c\nc:1|c'), framed('é:1|c')])
      for (const byte of bytes) {
        socket.write(Buffer.from([byte]))
        await new Promise(setImmediate)
      }
      await until(() => packets.length === 3)
      socket.write(bytes)
      await until(() => packets.length === 6)
      assert.deepEqual(packets.slice(3), ['a:1|c', 'b:1|c\nc:1|c', 'é:1|c'])
      socket.end()
      await once(socket, 'close')
      const { frames, connections, brokenConnections } = listener.counters
      assert.deepEqual({ frames, connections, brokenConnections }, { frames: 6, connections: 1, brokenConnections: 0 })
    })

    it('takes a frame as long as the buffer of the Agent', async () => {
      await listen({ socketPath: path })
      const socket = await client(path)
      socket.write(framed('x'.repeat(BUFFER_BYTES)))
      await until(() => packets.length === 1)
      assert.equal(packets[0]?.length, BUFFER_BYTES)
    })

    const bad: [title: string, bytes: Buffer][] = [
      ['a byte longer', framed('x'.repeat(BUFFER_BYTES + 1))],
      ['of no bytes', framed('')],
      ['of four billion bytes', Buffer.alloc(8, 0xff)],
      ['that is no frame', Buffer.from('a:1|c\n')],
    ]
    for (const [title, bytes] of bad) {
      it(`ends the connection for a frame ${title}, and only that one`, async () => {
        const listener = await listen({ socketPath: path })
        const good = await client(path)
        const socket = await client(path)
        socket.resume()
        socket.write(Buffer.concat([framed('a:1|c'), bytes, framed('b:1|c')]))
        await once(socket, 'close')
        await until(() => listener.counters.brokenConnections === 1)
        assert.deepEqual(packets, ['a:1|c'])
        good.write(framed('c:1|c'))
        await until(() => packets.length === 2)
      })
    }

    it('counts a connection that ends inside a frame', async () => {
      const listener = await listen({ socketPath: path })
      for (const bytes of [framed('a:1|c').subarray(0, 3), framed('a:1|c').subarray(0, 8)]) {
        const socket = await client(path)
        socket.end(bytes)
      }
      await until(() => listener.counters.brokenConnections === 2)
      assert.deepEqual(packets, [])
    })

    it('takes the place of a socket that nobody listens on any more', async () => {
      const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
      await runNode({ code })
      assert.ok(existsSync(path))
      const listener = await listen({ socketPath: path })
      assert.deepEqual(listener.problems, [])
      const socket = await client(path)
      socket.write(framed('a:1|c'))
      await until(() => packets.length === 1)
    })

    it('leaves alone what is in use, or no socket, and says so', async () => {
      const server = createServer().listen(path)
      open.push(server)
      await once(server, 'listening')
      assert.match((await listen({ socketPath: path })).problems[0]!, / is taken$/)
      const file = join(folder, 'file')
      writeFileSync(file, 'precious')
      const listener = await listen({ socketPath: file })
      assert.deepEqual(
        [listener.socketPath, listener.problems],
        [undefined, [`${file} is there already, and is no socket`]],
      )
      assert.match((await listen({ socketPath: join(folder, 'none', 'socket') })).problems[0]!, /EACCES|ENOENT/)
      assert.ok(server.listening && existsSync(file))
    })

    it('ends its connections when it is closed, and takes its path away', async () => {
      const listener = await listen({ socketPath: path })
      assert.equal(listener.socketPath, path)
      const socket = await client(path)
      await Promise.all([once(socket, 'close'), listener.close()])
      assert.ok(!existsSync(path))
    })
  })

  it('holds no more of a stream than a frame', () => {
    const reader = new FrameReader(100, () => {})
    const frame = framed('x'.repeat(100))
    for (let i = 0; i < 1000; i++) {
      assert.equal(reader.push(Buffer.concat([frame, frame.subarray(0, 103)])), undefined)
      assert.ok(reader.pendingBytes <= 103)
      assert.equal(reader.push(frame.subarray(103)), undefined)
      assert.equal(reader.pendingBytes, 0)
    }
  })
})
