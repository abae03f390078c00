// The line that DD_TRACE_STARTUP_LOGS asks for, as an operator reads it in the log of a program; and that nobody reads it otherwise.

import { strict as assert } from 'node:assert'
import { dirname, join } from 'node:path'
import { runNode } from '../support/spawn'
import { INIT } from './traced'

const INDEX = join(dirname(INIT), 'index.js')

describe('the start-up line', () => {
  const said = async (env: Record<string, string>, code = '') => {
    const { stderr, code: exitCode } = await runNode({
      code: `${code};setTimeout(() => {}, 50)`,
      execArgv: ['--require', INIT],
      env,
    })
    assert.equal(exitCode, 0)
    return stderr
  }
  const asked = { DD_TRACE_STARTUP_LOGS: 'true', DD_SERVICE: 'shop' }

  it('is not there unless it is asked for', async () => {
    assert.equal(await said({ DD_SERVICE: 'shop' }), '')
    assert.equal(await said({ ...asked, DD_TRACE_ENABLED: 'false' }), '')
  })

  it('tells what was started, whatever the level of the log', async () => {
    const line = await said({
      ...asked,
      DD_ENV: 'test',
      DD_VERSION: '1.2',
      DD_TRACE_AGENT_URL: 'http://user:secret@agent.example:8126/',
      DD_TRACE_LOG_LEVEL: 'off',
      DD_TRACE_PG_ENABLED: 'false',
    })
    assert.match(
      line,
      /^dd: \d+\.\d+\.\d+ traces service shop, env test, version 1\.2; to the Agent at http:\/\/agent\.example:8126; sampling by the Agent's rates; \d+ plugins on, off: .*\bpg\b.*\bfs\b.*; Node\.js v\d+\.\d+\.\d+\n$/,
    )
    assert.doesNotMatch(line, /secret/)
  })

  const samplings: [env: Record<string, string>, expected: RegExp][] = [
    [{ DD_TRACE_SAMPLE_RATE: '0.5' }, /sampling by rate 0\.5, at most 100 traces a second/],
    [
      { DD_TRACE_SAMPLING_RULES: '[{"service":"a","sample_rate":1},{"sample_rate":0}]', DD_TRACE_RATE_LIMIT: '7' },
      /sampling by 2 rules, at most 7 traces a second/,
    ],
  ]
  for (const [env, expected] of samplings) {
    it(`tells of ${Object.keys(env).join(' and ')}`, async () =>
      assert.match(await said({ ...asked, ...env }), expected))
  }

  it('knows the plugins that a program chooses itself', async () => {
    const code = `const { tracer, unpatchAll, patch } = require(${JSON.stringify(INDEX)}); unpatchAll(); patch({ pg: true })`
    assert.match(await said(asked, code), /; 1 plugin on, off: http,/)
  })
})
