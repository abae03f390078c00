// The live stream: what changes arrives, nothing is lost between two connections, and nobody can pile up memory.

import assert from 'node:assert/strict'
import { get, type IncomingMessage } from 'node:http'
import { MAX_READERS } from '../../src/local-agent/live-stream'
import { type LocalAgent, startLocalAgent } from '../../src/local-agent/start-local-agent'
import { put, send } from './send'
import { v04, wireSpan } from './wire-span'

interface Event {
  readonly id: string | undefined
  readonly event: string | undefined
  readonly data: Record<string, unknown>
}

/** Reads events one by one, as a browser does. */
class Reader {
  readonly #chunks: AsyncIterator<Buffer>
  #text = ''

  private constructor(readonly response: IncomingMessage) {
    this.#chunks = response[Symbol.asyncIterator]()
  }

  static open(url: string, headers: Record<string, string> = {}): Promise<Reader> {
    return new Promise((resolve, reject) => {
      get(`${url}/api/live`, { headers, agent: false }, (response) => resolve(new Reader(response))).once(
        'error',
        reject,
      )
    })
  }

  async next(kind: string): Promise<Event> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end < 0) {
        const { value, done } = await this.#chunks.next()
        if (done) throw new Error(`the stream ended before an event ${kind}`)
        this.#text += String(value)
        continue
      }
      const block = this.#text.slice(0, end)
      this.#text = this.#text.slice(end + 2)
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      if (field('event') === kind) {
        return { id: field('id'), event: kind, data: JSON.parse(field('data') ?? '{}') }
      }
    }
  }

  close(): void {
    this.response.destroy()
  }
}

describe('live stream', () => {
  let agent: LocalAgent
  const readers: Reader[] = []
  const open = async (headers?: Record<string, string>, url = agent.url) => {
    const reader = await Reader.open(url, headers)
    readers.push(reader)
    return reader
  }
  const sendTrace = (trace_id: bigint, span_id = 1n) =>
    put(`${agent.url}/v0.4/traces`, v04([wireSpan({ trace_id, span_id })]))

  beforeEach(async () => {
    agent = await startLocalAgent({ port: 0 })
  })
  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.close()
    await agent.close()
  })

  it('sends what is there, then what is new or changed', async () => {
    await sendTrace(1n)
    const reader = await open()
    assert.equal(reader.response.headers['content-type'], 'text/event-stream')
    assert.match(String(reader.response.headers['content-security-policy']), /default-src 'none'/)
    const first = await reader.next('trace')
    assert.equal(first.data['id'], '1'.padStart(32, '0'))
    assert.equal(first.data['spanCount'], 1)
    await sendTrace(2n)
    assert.equal((await reader.next('trace')).data['id'], '2'.padStart(32, '0'))
    await sendTrace(1n, 2n)
    const changed = await reader.next('trace')
    assert.deepEqual([changed.data['id'], changed.data['spanCount']], ['1'.padStart(32, '0'), 2])
    assert.notEqual(changed.id, first.id)
  })

  it('resumes behind the last event', async () => {
    const before = await open()
    await sendTrace(1n)
    await sendTrace(2n)
    await before.next('trace')
    const { id = '' } = await before.next('trace')
    before.close()
    await sendTrace(3n)
    await sendTrace(1n, 2n)
    const after = await open({ 'last-event-id': id })
    const missed = [await after.next('trace'), await after.next('trace')]
    assert.deepEqual(
      missed.map(({ data }) => String(data['id']).at(-1)),
      ['3', '1'],
    )
    await sendTrace(4n)
    assert.equal(String((await after.next('trace')).data['id']).at(-1), '4')
  })

  it('starts over for an id that is of another run, or nonsense', async () => {
    await sendTrace(1n)
    for (const id of ['00000000-99', '99', 'x', '-', '']) {
      const reader = await open({ 'last-event-id': id })
      assert.equal(String((await reader.next('trace')).data['id']).at(-1), '1', id)
    }
  })

  it('has a heartbeat that says how the agent is', async () => {
    const lively = await startLocalAgent({ port: 0, heartbeatIntervalMs: 1 })
    try {
      const reader = await open({}, lively.url)
      const [first, second] = [await reader.next('status'), await reader.next('status')]
      assert.equal(first.data['run'], second.data['run'])
      assert.deepEqual([second.data['payloads'], second.data['liveReaders']], [0, 1])
    } finally {
      await lively.close()
    }
  })

  it('takes so many readers and no more, until one leaves', async () => {
    for (let count = 0; count < MAX_READERS; count++) await (await open()).next('status')
    assert.equal((await send(`${agent.url}/api/live`)).status, 503)
    readers[0]?.close()
    let isFree = false
    while (!isFree) isFree = JSON.parse((await send(`${agent.url}/api/status`)).text).liveReaders < MAX_READERS
    await (await open()).next('status')
  })

  it('cuts off a reader that does not read, and goes on for the others', async () => {
    const stuck = await open()
    stuck.response.pause()
    const reading = await open()
    const isCut = () => JSON.parse(status.text).liveReaders < 2
    let status = await send(`${agent.url}/api/status`)
    // Traces of many services have summaries of 10 kB; loopback and both sockets hold a few MB.
    const chunks = Array.from({ length: 40 }, (_, trace) =>
      Array.from({ length: 100 }, (_, index) =>
        wireSpan({ trace_id: BigInt(trace + 1), span_id: BigInt(index + 1), service: String(index).padEnd(100, 'x') }),
      ),
    )
    const body = v04(...chunks)
    for (let payload = 0; payload < 200 && !isCut(); payload++) {
      await put(`${agent.url}/v0.4/traces`, body)
      for (let event = 0; event < chunks.length; event++) await reading.next('trace')
      status = await send(`${agent.url}/api/status`)
    }
    assert.ok(isCut())
    await sendTrace(99n)
    assert.equal(String((await reading.next('trace')).data['id']).slice(-2), '63')
  })
})
