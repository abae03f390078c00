// Bodies in memory: how long one may be, how much all together may hold, and that what is given up is given back.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { PassThrough } from 'node:stream'
import { BodyReader, MAX_BODY_BYTES } from '../../src/local-agent/body-reader'
import { startLocalAgent } from '../../src/local-agent/start-local-agent'
import { put, send } from './send'
import { v04, wireSpan } from './wire-span'

describe('body reader', () => {
  /** A body of which so many bytes have come, and which goes on. */
  const under = async (reader: BodyReader, bytes: number) => {
    const body = new PassThrough({ highWaterMark: MAX_BODY_BYTES })
    const read = reader.read(body)
    read.catch(() => undefined)
    body.write(Buffer.alloc(bytes))
    await new Promise(setImmediate)
    return { body, read }
  }

  it('gives the whole body', async () => {
    const { body, read } = await under(new BodyReader(), 3)
    body.end('abc')
    assert.equal((await read).toString(), '\0\0\0abc')
  })

  it('takes so many bytes and no more', async () => {
    const { body, read } = await under(new BodyReader(), MAX_BODY_BYTES)
    body.end()
    assert.equal((await read).length, MAX_BODY_BYTES)
    const over = await under(new BodyReader(), MAX_BODY_BYTES + 1)
    await assert.rejects(over.read, { status: 413 })
  })

  it('holds so many bytes of all bodies and no more, until one ends or breaks off', async () => {
    const reader = new BodyReader()
    const held = []
    for (let count = 0; count < 4; count++) held.push(await under(reader, MAX_BODY_BYTES))
    await assert.rejects((await under(reader, 1)).read, { status: 429 })
    const [first, second] = held
    first?.body.end()
    await first?.read
    const next = await under(reader, MAX_BODY_BYTES)
    await assert.rejects((await under(reader, 1)).read, { status: 429 })
    second?.body.destroy()
    await assert.rejects(second?.read ?? Promise.resolve(), { status: 400 })
    const last = await under(reader, MAX_BODY_BYTES)
    for (const { body, read } of [next, last]) {
      body.end()
      assert.equal((await read).length, MAX_BODY_BYTES)
    }
  })

  it('survives a client that hangs up in the middle', async () => {
    const agent = await startLocalAgent({ port: 0 })
    try {
      const cut = request(`${agent.url}/v0.4/traces`, { method: 'PUT', headers: { 'content-length': 1000 } })
      cut.once('error', () => undefined)
      cut.write('x')
      await once(cut, 'socket').then(([socket]) => once(socket, 'connect'))
      cut.destroy()
      assert.equal((await put(`${agent.url}/v0.4/traces`, v04([wireSpan()]))).status, 200)
      assert.equal(JSON.parse((await send(`${agent.url}/api/status`)).text).traces, 1)
    } finally {
      await agent.close()
    }
  })
})
