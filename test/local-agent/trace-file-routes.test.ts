// The addresses by which traces become files and come back from them, over HTTP, of a real agent.

import assert from 'node:assert/strict'
import { startLocalAgent } from '../../src/local-agent/start-local-agent'
import { MAX_FILE_BYTES } from '../../src/local-agent/trace-file'
import { send } from './send'
import { agent, ID, read, useTwoTraces } from './two-traces'

describe('trace routes: files', () => {
  useTwoTraces()

  const importing = (body: Buffer | string, headers: Record<string, string> = {}) =>
    send(`${agent.url}/api/traces/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })

  it('go from one agent to another', async () => {
    const { text, headers } = await send(`${agent.url}/api/traces/${ID}/export`)
    assert.equal(headers['content-disposition'], `attachment; filename="trace-${ID}.json"`)
    assert.match(String(headers['content-security-policy']), /default-src 'none'/)
    const other = await startLocalAgent({ port: 0 })
    try {
      const url = `${other.url}/api/traces/import`
      const taken = await send(url, { method: 'POST', body: text })
      assert.deepEqual([taken.status, JSON.parse(taken.text)], [200, { traces: [ID] }])
      const again = await send(`${other.url}/api/traces/${ID}`)
      assert.deepEqual(
        { ...JSON.parse(again.text), revision: 2 },
        { ...(await read(`/api/traces/${ID}`)), revision: 2 },
      )
      assert.equal((await send(`${other.url}/api/traces/${ID}/export`)).text, text)
    } finally {
      await other.close()
    }
  })

  it('are refused with a reason, and leave nothing behind', async () => {
    const refusals: [status: number, reason: RegExp, body: string, headers?: Record<string, string>][] = [
      [400, /not JSON/, '{'],
      [400, /format is not dd-trace/, '{}'],
      [
        400,
        /span 1 of trace 2/,
        '{"format":"dd-trace","version":1,"traces":[[{"trace_id":"5","span_id":"1","start":"1","duration":"1"}],[7]]}',
      ],
      [415, /compressed/, '{}', { 'content-encoding': 'gzip' }],
      [403, /other pages/, '{}', { origin: 'http://evil.example' }],
    ]
    for (const [status, reason, body, headers] of refusals) {
      const sent = await importing(body, headers)
      assert.equal(sent.status, status)
      assert.match(JSON.parse(sent.text).error, reason)
    }
    assert.equal((await read('/api/traces')).total, 2)
  })

  it('may be so long and no longer', async () => {
    const file = '{"format":"dd-trace","version":1,"traces":[]}'
    assert.equal((await importing(file.padEnd(MAX_FILE_BYTES))).status, 200)
    assert.equal((await importing(file.padEnd(MAX_FILE_BYTES + 1))).status, 413)
    assert.equal((await importing(file)).text, '{"traces":[]}')
  })
})
