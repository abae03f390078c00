// The README's page on Datadog's API is copied from files that run: each does what its words say, against a real server.

import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { DogHttpApi } from '../../src/api'
import { METHODS } from '../../src/api/api-methods'
import { methodsTable } from '../support/api-methods-table'
import { ExampleFolder } from '../support/example-folder'
import { listen, shut } from '../support/loopback'
import { tableIn } from '../support/options-table'
import { repoRoot } from '../support/repo-root'
import { runNode } from '../support/spawn'

const FILES = ['deployed.js', 'monitors.js', 'tracer.js']
const readme = readFileSync(join(repoRoot, 'README.md'), 'utf8')

describe('the example of the API client', () => {
  const folder = new ExampleFolder('api')
  const asked: string[] = []
  let answers: [status: number, body: unknown][] = []
  let server: Server
  let env: Record<string, string>

  before(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url?.replace(/(start|end)=\d+/g, '$1=…')}`)
      const [status, body] = answers.shift() ?? [500, {}]
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    env = {
      DATADOG_HOST: `http://127.0.0.1:${await listen(server)}`,
      DD_API_KEY: 'a'.repeat(32),
      DD_APP_KEY: 'b'.repeat(40),
    }
  })
  beforeEach(() => void asked.splice(0))
  after(async () => {
    folder.remove()
    await shut(server)
  })

  async function run(file: string, execArgv: string[] = []) {
    const program = { file: join(folder.path, file), cwd: folder.path }
    const { code, stdout, stderr } = await runNode({ ...program, env, execArgv })
    return [code, stdout, stderr]
  }

  for (const file of FILES) {
    it(`${file} stands in the README as it is`, () => {
      const text = readFileSync(join(repoRoot, 'examples', 'api', file), 'utf8')
      assert.ok(readme.includes(`\`\`\`js\n${text}\`\`\``), text)
    })
  }

  it('tells of a deployment', async () => {
    answers = [[202, { status: 'ok', event: { id: 7 } }]]
    assert.deepEqual(await run('deployed.js'), [0, 'event 7\n', ''])
    assert.deepEqual(asked, ['POST /api/v1/events'])
  })

  it('does not fail where it cannot', async () => {
    answers = [[403, { errors: ['Forbidden'] }]]
    const [code, stdout, stderr] = await run('deployed.js')
    assert.deepEqual([code, stdout], [0, ''])
    assert.match(
      String(stderr),
      /^dd: a call of Datadog's API failed: .* 403: Forbidden\..*\nDatadog was not told: Forbidden\n$/,
    )
  })

  it('makes a monitor and a downtime', async () => {
    answers = [
      [200, []],
      [200, { id: 1234 }],
      [200, { data: { id: 'd-1' } }],
    ]
    assert.deepEqual(await run('monitors.js'), [0, 'monitor 1234 is silent until downtime d-1 ends\n', ''])
    assert.deepEqual(asked.slice(1), ['POST /api/v1/monitor', 'POST /api/v2/downtime'])
  })

  it('changes the monitor that there is, and says what the API says', async () => {
    answers = [
      [200, [{ id: 7, name: 'Load of the shop' }]],
      [400, { errors: ['The value provided for parameter query is invalid'] }],
    ]
    const said = '400: The value provided for parameter query is invalid (no advice)\n'
    assert.deepEqual(await run('monitors.js'), [1, '', said])
    assert.deepEqual(asked.slice(1), ['PUT /api/v1/monitor/7'])
  })

  it('asks by the tracer', async () => {
    answers = [[200, { snapshot_url: 'https://p.datadoghq.com/snapshot/view/a.png' }]]
    const [code, stdout] = await run('tracer.js', ['--require', 'dd/init'])
    assert.deepEqual([code, stdout], [0, "{ snapshot_url: 'https://p.datadoghq.com/snapshot/view/a.png' }\n"])
    assert.deepEqual(asked, ['GET /api/v1/graph/snapshot?metric_query=system.load.1%7B*%7D&start=…&end=…'])
  })
})

describe('the README about the API client', () => {
  it('has the table of methods that the code has', () => {
    assert.deepEqual(tableIn(readme, 'api-methods'), methodsTable(), `it should be:\n${methodsTable().join('\n')}\n`)
  })

  it('has every method in it', () => {
    const text = methodsTable().join('\n')
    for (const name of Object.keys(METHODS)) assert.ok(text.includes(`\`${name}(`), name)
  })

  it('has every option of the client', () => {
    const rows = (tableIn(readme, 'api-options') ?? []).slice(2).map((row) => /^\| `(\w+)`/.exec(row)?.[1])
    assert.throws(
      () => new DogHttpApi({ nonsense: 1 } as never),
      (error: Error) => {
        const [, known = ''] = /there is no option nonsense; there is (.*)$/.exec(error.message) ?? []
        assert.deepEqual(rows, known.split(', '))
        return true
      },
    )
  })
})
