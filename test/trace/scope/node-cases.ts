// The rows for what Node's modules call back: streams, ports, files, sockets, processes.

import { execFile, spawn } from 'node:child_process'
import { pbkdf2, randomBytes, scrypt, subtle } from 'node:crypto'
import { lookup, promises as resolver } from 'node:dns'
import { once } from 'node:events'
import { createReadStream, promises as fs, readFile } from 'node:fs'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect, createServer as createSocketServer } from 'node:net'
import { createInterface } from 'node:readline'
import { finished, PassThrough, pipeline, Readable, Transform, Writable } from 'node:stream'
import { pipeline as pipelined } from 'node:stream/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { callbackify, promisify } from 'node:util'
import { MessageChannel, Worker } from 'node:worker_threads'
import { createGzip, gzip } from 'node:zlib'
import type { ContextCase, Reach } from './context-case'

const nothing = (): void => {}

const lines = () => createInterface({ input: Readable.from(['one\n', 'two\n']) })
const discard = () => new Writable({ write: (_chunk, _encoding, done) => done() })

const streams: readonly ContextCase[] = [
  { title: 'data of a stream', run: (reach) => Readable.from(['a']).on('data', reach) },
  {
    title: 'iteration over a stream',
    run: async (reach) => {
      for await (const _ of Readable.from(['a'])) reach()
    },
  },
  { title: 'pipe, its finish', run: (reach) => Readable.from(['a']).pipe(discard()).on('finish', reach) },
  { title: 'pipeline', run: (reach) => pipeline(Readable.from(['a']), new PassThrough(), discard(), reach) },
  { title: 'the promise of pipeline', run: (reach) => pipelined(Readable.from(['a']), discard()).then(reach) },
  { title: 'finished', run: (reach) => finished(Readable.from([]).resume(), reach) },
  {
    title: 'the function of a Transform',
    run: (reach) =>
      Readable.from(['a'])
        .pipe(new Transform({ objectMode: true, transform: (_chunk, _encoding, done) => [reach(), done()] }))
        .resume(),
  },
  { title: 'map of a stream', run: (reach) => Readable.from(['a']).map(reach).toArray() },
  {
    title: 'a generator that is read as a stream',
    run: (reach) => {
      async function* source() {
        await turn()
        reach()
        yield 'a'
      }
      return Readable.from(source()).resume()
    },
  },
  { title: 'a line of readline', run: (reach) => lines().once('line', reach) },
  {
    title: 'iteration over readline',
    run: async (reach) => {
      for await (const _ of lines()) break
      reach()
    },
  },
  { title: 'a stream from a file', run: (reach) => createReadStream(__filename, { end: 10 }).on('data', reach) },
  { title: 'createGzip', run: (reach) => Readable.from(['a']).pipe(createGzip()).resume().on('end', reach) },
  {
    title: 'the callback of a write to a stream that all share',
    share: () => {
      const stream = new Writable({ write: (_chunk, _encoding, done) => void setImmediate(done) })
      return (reach) => stream.write('a', reach)
    },
    sees: ['own', 'other'],
    because: 'a write that waits is done, and called back, where the one before it ended; bind the callback',
  },
  {
    title: 'a web stream',
    run: (reach) => {
      const stream = new ReadableStream({ start: (controller) => void setImmediate(() => controller.enqueue('a')) })
      return stream.getReader().read().then(reach)
    },
  },
]

const ports: readonly ContextCase[] = [
  {
    title: 'a MessageChannel made here',
    run: (reach) => {
      const { port1, port2 } = new MessageChannel()
      port2.once('message', () => [port1.close(), reach()])
      port1.postMessage('a')
    },
  },
  {
    title: 'a MessagePort that another made',
    share: () => {
      const { port1, port2 } = new MessageChannel()
      const reaches: Reach[] = []
      port2.on('message', () => {
        reaches.shift()?.()
        if (reaches.length === 0) port1.close()
      })
      return (reach) => {
        reaches.push(reach)
        port1.postMessage('a')
      }
    },
    sees: 'maker',
    because: 'a port belongs to who made it',
  },
  {
    title: 'a worker started here',
    run: (reach) =>
      new Worker("require('worker_threads').parentPort.postMessage(1)", { eval: true }).once('message', reach),
  },
]

const nodes: readonly ContextCase[] = [
  { title: 'crypto.pbkdf2', run: (reach) => pbkdf2('a', 'b', 1, 8, 'sha1', reach) },
  { title: 'crypto.scrypt', run: (reach) => scrypt('a', 'b', 8, { N: 2 }, reach) },
  { title: 'crypto.randomBytes', run: (reach) => randomBytes(8, reach) },
  { title: 'crypto.subtle', run: (reach) => subtle.digest('SHA-1', new Uint8Array(1)).then(reach) },
  { title: 'zlib.gzip', run: (reach) => gzip('text', reach) },
  { title: 'dns.lookup', run: (reach) => lookup('127.0.0.1', reach) },
  { title: 'dns.lookup of a name', run: (reach) => lookup('localhost', reach) },
  { title: 'dns.promises.lookup', run: (reach) => resolver.lookup('localhost').then(reach) },
  { title: 'fs.readFile', run: (reach) => readFile(__filename, reach) },
  { title: 'fs.promises', run: (reach) => fs.readFile(__filename).then(reach) },
  {
    title: 'fs.promises, a FileHandle',
    run: async (reach) => {
      const handle = await fs.open(__filename)
      await handle.read(Buffer.alloc(1))
      await handle.close()
      reach()
    },
  },
  { title: 'util.promisify', run: (reach) => promisify(gzip)('text').then(reach) },
  { title: 'util.callbackify', run: (reach) => callbackify(() => turn())(reach) },
  { title: 'child_process.execFile', run: (reach) => execFile('true', reach) },
  { title: 'child_process.spawn', run: (reach) => spawn('true').on('close', reach) },
  {
    title: 'http, client and server in one process',
    run: (reach) => {
      const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo
        request({ port, host: '127.0.0.1', agent: false }, (response) => {
          response.resume().on('end', () => [server.close(), reach()])
        }).end()
      })
    },
  },
  {
    title: 'fetch',
    run: async (reach) => {
      const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
      await once(server, 'listening')
      await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).text()
      server.close()
      reach()
    },
  },
  {
    title: 'net, the connection and the end of a socket',
    run: (reach) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.destroy())
        socket.on('close', () => [server.close(), reach()])
      })
    },
  },
  {
    title: 'net, a connection to a server that another made',
    share: () => {
      const reaches: Reach[] = []
      const server = createSocketServer((socket) => {
        reaches.shift()?.()
        socket.destroy()
        if (reaches.length === 0) server.close()
      }).listen(0, '127.0.0.1')
      return async (reach) => {
        reaches.push(reach)
        if (!server.listening) await once(server, 'listening')
        connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', nothing)
      }
    },
    sees: 'maker',
    because: 'a server belongs to who made it; its requests get spans of their own',
  },
]

export const nodeCases: Readonly<Record<string, readonly ContextCase[]>> = {
  streams,
  'ports and workers': ports,
  "Node's modules": nodes,
}
