// That `dd/api`, which reads the environment without the table of options, reads what the table says.

import { strict as assert } from 'node:assert'
import { apiEnvironmentOf, readApiEnvironment } from '../../src/config/api-environment'
import { API_VARIABLES } from '../../src/config/api-variables'
import { readConfig } from '../../src/config/config'

describe('the environment of the API client', () => {
  const variables = Object.values(API_VARIABLES).flat()
  const same = (env: Record<string, string>) =>
    assert.deepEqual(
      // The defaults of the table are those of the client itself.
      { ...readApiEnvironment(env), site: readApiEnvironment(env).site ?? 'datadoghq.com', logLevel: 'warn' },
      { ...apiEnvironmentOf(readConfig(undefined, env)), logLevel: 'warn' },
      JSON.stringify(env),
    )

  it('is read as the tracer reads it: nothing, each variable, each that is empty', () => {
    same({})
    for (const variable of variables) {
      same({ [variable]: 'one' })
      same({ [variable]: '' })
      same({ [variable]: ' two ' })
    }
  })

  it('has the same order of precedence', () => {
    for (const names of Object.values<readonly string[]>(API_VARIABLES)) {
      for (const [at] of names.entries()) {
        const env = Object.fromEntries(names.map((name, i) => [name, i < at ? '' : `value ${i}`]))
        same(env)
      }
    }
  })

  it('has the level of the log, if there is such a one', () => {
    const levelFor = (DD_TRACE_LOG_LEVEL: string) => readApiEnvironment({ DD_TRACE_LOG_LEVEL }).logLevel
    assert.deepEqual(['off', 'debug', 'loud', ''].map(levelFor), ['off', 'debug', undefined, undefined])
  })

  it('is that of this process unless another is given', () => {
    assert.deepEqual(readApiEnvironment(), readApiEnvironment(process.env))
  })
})
