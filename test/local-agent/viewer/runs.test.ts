// Earlier runs on the page: chosen under Status, shown in its views, and left again.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteProblem } from '../../../src/local-agent/runs/sqlite'
import { type LocalAgent, startLocalAgent } from '../../../src/local-agent/start-local-agent'
import { skipNamed } from '../../services'
import { put } from '../send'
import { closeBrowser, openBrowser, Viewer } from './browser'
import { Dice, payloadOf, shopTrace } from './sample-traces'

describe('earlier runs on the page', () => {
  let folder: string
  let agent: LocalAgent
  let viewer: Viewer | undefined

  before(async function () {
    if (sqliteProblem() !== undefined) skipNamed(this, 'no SQLite in this Node', sqliteProblem(), true)
    await openBrowser.call(this)
  })
  after(closeBrowser)
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dd-runs-'))
  })
  afterEach(async () => {
    await viewer?.close()
    await agent.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const sendTraces = async (count: number): Promise<void> => {
    const dice = new Dice()
    const nowNs = BigInt(Date.now()) * 1_000_000n
    const traces = Array.from({ length: count }, (_, n) => shopTrace(BigInt(n + 1), nowNs - BigInt(n), dice))
    await put(`${agent.url}/v0.4/traces`, payloadOf(...traces))
  }

  it('are chosen under Status, shown in the views, and left again', async () => {
    const runs = { file: join(folder, 'runs.sqlite') }
    agent = await startLocalAgent({ port: 0, runs })
    await sendTraces(7)
    await agent.close()
    agent = await startLocalAgent({ port: 0, runs })
    await sendTraces(3)

    viewer = await Viewer.open(agent.url, '#/traces')
    await viewer.waitForCount('.trace-row[id]', 3)
    await viewer.go('#/status')
    await viewer.see('.card', /Runs.*7 traces/s)
    await viewer.page.click('.card button.link')
    await viewer.see('.banner', 'earlier run')
    await viewer.waitForCount('.trace-row[id]', 7)
    // What comes now is not of that run.
    await sendTraces(5)
    await viewer.go('#/resources')
    await viewer.see('main', /\/checkout|\/items/)
    await viewer.go('#/traces')
    await viewer.waitForCount('.trace-row[id]', 7)
    await viewer.page.click('.banner button')
    await viewer.waitForCount('.banner', 0)
    await viewer.waitForCount('.trace-row[id]', 5)
  })
})
