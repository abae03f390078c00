// vitest and packages that are ES modules: the two ways the README names to have them traced, and what happens without.

import { strict as assert } from 'node:assert'
import { satisfies } from 'semver'
import { hasThreadHooks } from '../../src/plugin/node-hooks'
import { absentAgentUrl } from '../support/agent'
import { ExampleFolder } from '../support/example-folder'
import { describePackages } from '../support/library'
import { runNode } from '../support/spawn'

const RUN_TIMEOUT_MS = 30_000
const isNew = satisfies(process.version, '^22.12 || ^24 || >=26')
const VITEST: Readonly<Record<string, string>> = isNew ? { vitest: '5.1.1', vite: '8.3.8' } : { vitest: '3.2.7' }
const PACKAGES = { ...VITEST, hono: '4.13.19', '@hono/node-server': '1.19.19' }

const RECORDED = 'recordSpans({ patch: { http: true, hono: true } })'
const IMPORT = "import { recordSpans } from 'dd/testing'"
const HONO = "import { Hono } from 'hono'\nimport { getRequestListener } from '@hono/node-server'"

/** A file of one test: a request to a hono program. */
const program = (imports: string): string => `
import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test } from 'vitest'
${imports}
test('a package that is an ES module', async () => {
  const app = new Hono()
  app.get('/a', (context) => context.text('a'))
  const server = createServer(getRequestListener(app.fetch)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  await (await fetch('http://127.0.0.1:' + server.address().port + '/a')).text()
  server.close()
  await recorded.waitFor({ kind: 'server' })
  expect(recorded.find({ kind: 'server' }).name).toBe('hono.request')
})
`

describePackages('vitest with hono', PACKAGES, undefined, (set) => {
  let folder: ExampleFolder
  beforeEach(() => {
    folder = new ExampleFolder('testing-vitest', set.folder)
  })
  afterEach(() => folder.remove())

  /** The exit code. */
  const run = async (): Promise<number | null> => {
    const file = folder.command('vitest', 'vitest.mjs')
    const env = { CI: 'true', NO_COLOR: '1', DD_TRACE_AGENT_URL: await absentAgentUrl() }
    const { code } = await runNode({
      file,
      args: ['run', 'hono.test.js'],
      cwd: folder.path,
      env,
      timeoutMs: RUN_TIMEOUT_MS,
    })
    return code
  }

  it(`${hasThreadHooks ? 'traces' : 'cannot trace'} it where a file that is imported first begins the recording`, async () => {
    folder.write('recorded.js', `${IMPORT}\nexport const recorded = ${RECORDED}\n`)
    folder.write('hono.test.js', program(`import { recorded } from './recorded.js'\n${HONO}`))
    assert.equal(await run(), hasThreadHooks ? 0 : 1)
  }).timeout(RUN_TIMEOUT_MS)

  it('does not trace it where the recording begins after the imports', async () => {
    folder.write('hono.test.js', program(`${IMPORT}\n${HONO}\nconst recorded = ${RECORDED}`))
    assert.equal(await run(), 1)
  }).timeout(RUN_TIMEOUT_MS)

  it('traces it where dd/register is loaded into the workers', async () => {
    const flags = { execArgv: ['--import', 'dd/register'] }
    const settings = isNew ? { pool: 'forks', ...flags } : { pool: 'forks', poolOptions: { forks: flags } }
    folder.write('vitest.config.js', `export default { test: ${JSON.stringify(settings)} }`)
    folder.write('hono.test.js', program(`${IMPORT}\n${HONO}\nconst recorded = ${RECORDED}`))
    assert.equal(await run(), 0)
  }).timeout(RUN_TIMEOUT_MS)
})
