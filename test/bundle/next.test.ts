// Next.js with `output: 'standalone'`, the real one: it leaves `pg` outside of its bundles, and takes `dd` with it when the program's
// configuration names that. Its server is then traced by either flag.

import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describeWith, postgres } from '../services'
import { outline, startAgent } from '../support/agent'
import { cleanEnv } from '../support/clean-env'
import { freePort } from '../support/free-port'
import { describePackages } from '../support/library'
import { repoRoot } from '../support/repo-root'
import { startNode } from '../support/spawn'

const run = promisify(execFile)

const PACKAGES = { next: '16.4.6', pg: '8.23.1', react: '19.2.4', 'react-dom': '19.2.4', semver: '7.8.6' }
const BUILD_TIMEOUT_MS = 300_000

/** As the README says. */
const FILES = {
  'next.config.mjs': `export default {
  output: 'standalone',
  outputFileTracingRoot: import.meta.dirname,
  outputFileTracingIncludes: { '/*': ['./node_modules/dd/**/*', './node_modules/semver/**/*'] },
}`,
  'app/layout.js': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>',
  'app/page.js': 'export default () => <p>hello</p>',
  'app/api/users/route.js': `import pg from 'pg'
export const dynamic = 'force-dynamic'
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
export async function GET() {
  const { rows } = await pool.query('select 7::int as id')
  return Response.json(rows[0])
}`,
}

describePackages('a standalone program of Next.js', PACKAGES, undefined, (set) => {
  before('build it', async function () {
    this.timeout(BUILD_TIMEOUT_MS)
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(set.folder, path)), { recursive: true })
      writeFileSync(join(set.folder, path), text)
    }
    const dd = join(set.folder, 'node_modules', 'dd')
    rmSync(dd, { recursive: true, force: true })
    for (const part of ['src', 'plugins'])
      cpSync(join(__dirname, '..', '..', part), join(dd, 'dist', part), { recursive: true })
    cpSync(join(repoRoot, 'package.json'), join(dd, 'package.json'))
    const next = join(set.folder, 'node_modules', 'next', 'dist', 'bin', 'next')
    const env = cleanEnv({ NEXT_TELEMETRY_DISABLED: '1' })
    await run(process.execPath, [next, 'build', '--webpack'], { cwd: set.folder, env, timeout: BUILD_TIMEOUT_MS })
  })

  describeWith(postgres, 'with a server', (server) => {
    for (const nodeOptions of ['--require dd/init', '--import dd/register']) {
      it(`is traced with ${nodeOptions}`, async () => {
        const agent = await startAgent()
        const cwd = join(set.folder, '.next', 'standalone')
        const port = await freePort()
        const env = {
          DATABASE_URL: server().url,
          PORT: String(port),
          HOSTNAME: '127.0.0.1',
          DD_SERVICE: 'shop',
          DD_TRACE_AGENT_URL: agent.url,
        }
        await using program = await startNode({
          file: join(cwd, 'server.js'),
          cwd,
          nodeOptions,
          env,
          ready: /Ready in/,
        })
        const response = await fetch(`http://127.0.0.1:${port}/api/users`)
        assert.deepEqual([response.status, await response.json()], [200, { id: 7 }])
        await program.stop()
        assert.equal(
          outline(agent.spans()),
          '  web.request [GET] of shop\n    pg.query [select 7::int as id] of shop-postgres',
        )
        assert.equal(program.stderr, '')
        await agent.close()
      })
    }
  })
})
