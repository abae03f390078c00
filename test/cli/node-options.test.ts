// The preload must arrive whatever its path looks like, so Node.js itself is asked.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withRequire } from '../../src/cli/node-options'

describe('NODE_OPTIONS', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dog-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  for (const name of ['plain', 'with blank', 'with "quotes"', 'with \\ backslash', 'ünïcode']) {
    it(`carries a preload from a folder ${name}`, () => {
      mkdirSync(join(folder, name))
      const preload = join(folder, name, 'preload.js')
      writeFileSync(preload, 'process.stdout.write("preloaded " + process.title)')
      const NODE_OPTIONS = withRequire('--title=kept', preload)
      const { stdout } = spawnSync(process.execPath, ['-e', ''], {
        env: { ...process.env, NODE_OPTIONS },
        encoding: 'utf8',
      })
      assert.equal(stdout, 'preloaded kept')
    })
  }

  it('is only the preload if there was nothing', () => {
    assert.equal(withRequire(undefined, '/a/init.js'), '--require /a/init.js')
    assert.equal(withRequire('  ', '/a/init.js'), '--require /a/init.js')
    assert.equal(withRequire(' --x ', '/a/init.js'), '--x --require /a/init.js')
  })
})
