// What the Agent exporter takes from a reply: the rates and their version, and nothing from what is no such thing.

import { strict as assert } from 'node:assert'
import { collectLog } from '../support/log-lines'
import { agent, type Change, exporterTo, rawAgent, useAgent } from './agents-and-exporters'
import { uniqueChunk } from './made-chunk'

describe('the Agent exporter takes from the reply', () => {
  useAgent()
  const lines = collectLog()

  const sentWith = async (change: Change, payloads = 1) => {
    const exporter = exporterTo(agent.url, change)
    for (let i = 0; i < payloads; i++) {
      exporter.export(uniqueChunk())
      await exporter.flush()
    }
    return exporter
  }

  it('the rates', async () => {
    const seen: unknown[] = []
    agent.rates = { 'service:shop,env:test': 0.25, 'service:,env:': 1 }
    await sentWith({ onRates: (rates) => void seen.push(rates) })
    assert.deepEqual(seen, [agent.rates])
  })

  for (const [title, body] of [
    ['no rates', '{}'],
    ['the word of an old Agent', 'OK\n'],
    ['nothing', ''],
    ['null', 'null'],
    ['rates of null', '{"rate_by_service":null}'],
    ['a page', '<html>'],
    ['broken JSON', '{"rate_by_service":{'],
  ] as const) {
    it(`nothing where it holds ${title}, and counts it as sent`, async () => {
      const { url } = await rawAgent((_request, response) => response.end(body))
      const seen: unknown[] = []
      const exporter = exporterTo(url, { onRates: (rates) => void seen.push(rates) })
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual([exporter.counts.sentChunks, lines, seen], [1, [], []])
    })
  }

  it('the version of the rates, and tells it with every later payload', async () => {
    const { url, requests } = await rawAgent((_request, response, count) => {
      if (count === 1) response.setHeader('Datadog-Rates-Payload-Version', 'v7')
      response.end(count === 1 ? '{"rate_by_service":{"service:,env:":1}}' : '{}')
    })
    const exporter = exporterTo(url)
    for (let i = 0; i < 3; i++) {
      exporter.export(uniqueChunk())
      await exporter.flush()
    }
    assert.deepEqual(
      requests.map(({ headers }) => headers['datadog-rates-payload-version']),
      [undefined, 'v7', 'v7'],
    )
  })

  it('no harm from a listener that throws', async () => {
    const exporter = await sentWith({
      onRates: () => {
        throw new Error('listener')
      },
    })
    assert.equal(exporter.counts.sentChunks, 1)
  })
})
