// What pm2 hands its processes: in cluster mode one variable with all others in it, and in both modes a main file of its own.

import { strict as assert } from 'node:assert'
import { programEnvironment, programFile } from '../../src/config/program-environment'

const container = '/app/node_modules/pm2/lib/ProcessContainer.js'
const handed = {
  pm2_env: JSON.stringify({ DD_SERVICE: 'shop', pm_exec_path: '/app/server.js', instances: 2, args: [] }),
}

describe('the environment of the program', () => {
  it('is that of the process', () => {
    const env = { DD_SERVICE: 'shop' }
    assert.equal(programEnvironment(env), env)
    assert.equal(programEnvironment(), process.env)
  })
  it('has what pm2 will set, which wins', () => {
    const env = programEnvironment({ ...handed, DD_SERVICE: 'daemon', DD_ENV: 'staging' })
    assert.deepEqual(
      { ...env, ...handed },
      { ...handed, DD_SERVICE: 'shop', DD_ENV: 'staging', pm_exec_path: '/app/server.js' },
    )
  })
  for (const value of ['', '{', 'null', '7', '"text"', '[]'])
    it(`stays what it is with ${value || 'nothing'} in pm2's place`, () => {
      assert.equal(programEnvironment({ DD_SERVICE: 'shop', pm2_env: value })['DD_SERVICE'], 'shop')
    })
})

describe("the program's file", () => {
  it('is the one that Node was given', () => {
    assert.equal(programFile(), process.argv[1])
    assert.equal(programFile('/app/server.js', { pm_exec_path: '/app/other.js' }), '/app/server.js')
  })
  it('is the one that pm2 runs, in cluster mode and without', () => {
    assert.equal(programFile(container, handed), '/app/server.js')
    const env = { pm_exec_path: '/app/server.js' }
    assert.equal(programFile('/app/node_modules/pm2/lib/ProcessContainerFork.js', env), '/app/server.js')
  })
  it('is a file of that name, where pm2 has no part in it', () => assert.equal(programFile(container, {}), container))
})
