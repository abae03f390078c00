// The logs of the local agent: bounded, found by query and by span, and announced to those who look.

import assert from 'node:assert/strict'
import { get as httpGet } from 'node:http'
import type { NewLog } from '../../../src/local-agent/logs/log'
import { LogStore } from '../../../src/local-agent/logs/log-store'
import { type LocalAgent, startLocalAgent } from '../../../src/local-agent/start-local-agent'
import { send } from '../send'

const NOW = 1_700_000_000_000
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const log = (fields: Partial<NewLog> = {}): NewLog => ({
  time: NOW,
  stream: 'stdout',
  level: 'info',
  service: 'app',
  message: 'm',
  attributes: {},
  ...fields,
})

describe('the log store', () => {
  it('keeps so many logs, both sides of the limit', () => {
    const store = new LogStore({ maxLogs: 3 })
    for (let nth = 1; nth <= 3; nth++) store.put(log({ message: `m${nth}` }))
    assert.deepEqual([store.size, store.evicted], [3, 0])
    store.put(log({ message: 'm4' }))
    assert.deepEqual([store.size, store.evicted, store.received], [3, 1, 4])
    assert.deepEqual(
      store.latest({ limit: 9 }).map(({ message, id }) => [message, id]),
      [
        ['m4', 4],
        ['m3', 3],
        ['m2', 2],
      ],
    )
    assert.deepEqual(
      store.latest({ limit: 1, before: 4 }).map(({ id }) => id),
      [3],
    )
  })

  it('keeps so many bytes, and counts them right', () => {
    const store = new LogStore({ maxBytes: 100_000 })
    for (let nth = 0; nth < 5000; nth++) store.put(log({ message: 'x'.repeat(nth % 500), attributes: { nth } }))
    assert.ok(store.bytes <= 100_000 && store.size > 50)
    store.put(log({ message: 'x'.repeat(60_000) }))
    // Longer than all that may be kept.
    assert.deepEqual([store.size, store.bytes], [0, 0])
  })

  it('takes lines as a program writes them, without empty ones', () => {
    const store = new LogStore({ now: () => NOW })
    store.add({ stream: 'stdout', service: 'app', text: 'one\n\n  \ntwo' })
    store.add({ stream: 'stderr', service: 'app', text: 'three' })
    const logs = store.latest({ limit: 9 })
    assert.deepEqual(
      logs.map(({ message, stream, level }) => [message, stream, level]),
      [
        ['three', 'stderr', 'error'],
        ['two', 'stdout', 'info'],
        ['one', 'stdout', 'info'],
      ],
    )
  })

  it('keeps a stack trace with its error', () => {
    let now = NOW
    const store = new LogStore({ now: () => now })
    const add = (text: string, stream: 'stdout' | 'stderr' = 'stderr') => store.add({ stream, service: 'app', text })
    for (const line of [
      'Error: x',
      '    at f (a.js:1:1)',
      '    at g (a.js:2:1)',
      '  [cause]: TypeError: y',
      '      at h',
    ])
      add(line)
    add('    at elsewhere', 'stdout')
    add('Error: z')
    now += 501
    add('    at late')
    assert.deepEqual(
      store.latest({ limit: 9 }).map(({ message }) => message.split('\n').length),
      [1, 1, 1, 5],
    )
    const { bytes } = store
    for (let nth = 0; nth < 20_000; nth++) store.put(log())
    assert.ok(store.bytes > bytes)
    store.add({ stream: 'stdout', service: 'app', text: '    at nothing that is kept' })
  })

  it('cuts what is very long, and says how often', () => {
    const store = new LogStore()
    store.put(log({ message: 'x'.repeat(65_536) }))
    assert.equal(store.cut, 0)
    store.put(log({ message: 'x'.repeat(65_537) }))
    store.put(log({ attributes: { a: 'x'.repeat(60_000), b: 'x'.repeat(60_000), c: 1 } }))
    assert.equal(store.cut, 2)
    const [cutAttributes, cutMessage] = store.latest({ limit: 2 })
    assert.equal(cutMessage!.message.length, 65_537)
    assert.deepEqual(Object.keys(cutAttributes!.attributes), ['a', 'c'])
  })
})

describe('local agent, logs', () => {
  let agent: LocalAgent
  beforeEach(async () => {
    agent = await startLocalAgent({ port: 0 })
  })
  afterEach(() => agent.close())

  const found = async (query: Record<string, string> = {}) => {
    const { status, text } = await send(`${agent.url}/api/logs?${new URLSearchParams(query)}`)
    const body = JSON.parse(text)
    return status === 200 ? body.logs.map(({ message }: { message: string }) => message) : { status, ...body }
  }

  it('are found by the search syntax', async () => {
    const { logs } = agent
    logs.put(log({ message: 'hello world', service: 'web', attributes: { user: { id: 7 }, path: '/a' } }))
    logs.put(log({ message: 'slow query', service: 'db', level: 'warn', attributes: { ms: 120 } }))
    logs.put(log({ message: 'broken', service: 'web', level: 'error', stream: 'stderr' }))
    assert.deepEqual(await found(), ['broken', 'slow query', 'hello world'])
    assert.deepEqual(await found({ query: 'service:web' }), ['broken', 'hello world'])
    assert.deepEqual(await found({ query: 'service:web -level:error' }), ['hello world'])
    assert.deepEqual(await found({ query: '@ms:>=100' }), ['slow query'])
    assert.deepEqual(await found({ query: '@user.id:7' }), ['hello world'])
    assert.deepEqual(await found({ query: 'status:error' }), ['broken'])
    assert.deepEqual(await found({ query: 'WORLD OR stream:stderr' }), ['broken', 'hello world'])
    assert.deepEqual(await found({ query: '"slow query"' }), ['slow query'])
    assert.deepEqual(await found({ limit: '1' }), ['broken'])
    assert.deepEqual(await found({ before: '3', limit: '1' }), ['slow query'])
    const wrong = await found({ query: '(a' })
    assert.equal(wrong.status, 400)
    assert.equal(typeof wrong.at, 'number')
    assert.equal((await found({ limit: '0' })).status, 400)
  })

  it('are found by their trace and span, by either kind of id', async () => {
    const low = '8448eb211c80319c'
    agent.logs.put(log({ message: 'whole', traceId: TRACE, spanId: '7' }))
    agent.logs.put(log({ message: 'half', traceId: '0'.repeat(16) + low, spanId: '8' }))
    agent.logs.put(log({ message: 'other', traceId: `${'1'.repeat(16)}${low}` }))
    agent.logs.put(log({ message: 'none' }))
    assert.deepEqual(await found({ trace: TRACE }), ['half', 'whole'])
    assert.deepEqual(await found({ trace: TRACE.toUpperCase(), span: '7' }), ['whole'])
    assert.deepEqual(await found({ trace: String(BigInt(`0x${low}`)) }), ['other', 'half', 'whole'])
    assert.deepEqual(await found({ trace: '1' }), [])
  })

  it('are announced on the live stream, at once and then at most once a second', async () => {
    const events = await new Promise<string[]>((resolve, reject) => {
      const seen: string[] = []
      httpGet(`${agent.url}/api/live`, (response) => {
        response.setEncoding('utf8')
        response.on('data', (part: string) => {
          if (seen.length === 0) for (let nth = 0; nth < 100; nth++) agent.logs.put(log())
          seen.push(...part.split('\n\n').filter((event) => event !== ''))
          if (seen.filter((event) => event.startsWith('event: log')).length < 2) return
          response.destroy()
          resolve(seen)
        })
      }).once('error', reject)
    })
    const notices = events.filter((event) => event.startsWith('event: log'))
    assert.deepEqual(notices, ['event: log\ndata: {"received":1}', 'event: log\ndata: {"received":100}'])
  })
})
