// Where the Agent may be: below a path, behind IPv6, TLS or a unix socket.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createSecureServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAgent } from '../support/agent'
import { selfSigned } from '../support/certificate'
import { collectLog } from '../support/log-lines'
import { listen } from '../support/loopback'
import { runNode } from '../support/spawn'
import { childWith, closeAfterTest, exporterTo, ok, rawAgent, useAgent } from './agents-and-exporters'
import { uniqueChunk } from './made-chunk'

describe('the Agent exporter goes to', () => {
  useAgent()
  const lines = collectLog()

  it('a base path, with or without a slash at its end', async () => {
    const { url, requests } = await rawAgent(ok)
    for (const path of ['', '/', '/agent', '/agent/', '/a/b']) {
      const exporter = exporterTo(url + path)
      exporter.export(uniqueChunk())
      await exporter.flush()
    }
    assert.deepEqual(
      requests.map((request) => request.url),
      ['/v0.4/traces', '/v0.4/traces', '/agent/v0.4/traces', '/agent/v0.4/traces', '/a/b/v0.4/traces'],
    )
  })

  it('an IPv6 address', async function () {
    const { url, requests } = await rawAgent(ok, '::1').catch(() => ({ url: '', requests: [] }))
    // A host without IPv6 cannot tell.
    if (url === '') return this.skip()
    const exporter = exporterTo(url)
    exporter.export(uniqueChunk())
    await exporter.flush()
    assert.deepEqual([requests.length, exporter.counts.sentChunks], [1, 1])
  })

  it('a server that speaks TLS', async () => {
    const { key, cert } = selfSigned()
    const urls: (string | undefined)[] = []
    const server = createSecureServer({ key, cert }, (request, response) => {
      urls.push(request.url)
      request.resume().on('end', () => response.end('{}'))
    })
    const port = await listen(server)
    closeAfterTest(server)
    const folder = mkdtempSync(join(tmpdir(), 'dd-tls-'))
    try {
      writeFileSync(join(folder, 'ca.pem'), cert)
      const run = await runNode({
        code: `${childWith(`https://localhost:${port}/base`)}
          exporter.flush().then(() => console.log(exporter.counts.sentChunks))`,
        env: { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
      })
      assert.deepEqual([run.stderr, run.stdout], ['', '1\n'])
      assert.deepEqual(urls, ['/base/v0.4/traces'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('a unix socket', async () => {
    const local = await startAgent({ socketPath: join(tmpdir(), `dd-exporter ${process.pid}.sock`) })
    const exporter = exporterTo(local.socketUrl!)
    exporter.export(uniqueChunk())
    await exporter.flush()
    assert.deepEqual([local.spans().length, local.violations], [1, []])
    await local.close()
  })

  it('nobody: a unix socket that does not exist is tried again and named', async () => {
    const exporter = exporterTo('unix:///no/such.socket', { limits: { retryDelaysMs: [1] } })
    exporter.export(uniqueChunk())
    await exporter.flush()
    assert.deepEqual(lines, ['traces cannot be sent to the Agent at unix:///no/such.socket (ENOENT); 1 dropped so far'])
  })
})
