// Child processes are how the tests see exits, signals and preloads, so their runner is checked for what it must not get
// wrong: a clean environment, a resolvable `dd`, no child and no folder left behind, and no wait without an end.

import { strict as assert } from 'node:assert'
import { existsSync } from 'node:fs'
import { type NodeChild, runNode, startNode } from './spawn'

const staying = "setInterval(() => {}, 1000); console.log('READY http://127.0.0.1:1')"

describe('runNode', () => {
  it('gives back output, exit code and duration', async () => {
    const code = "console.log('out'); console.error('err'); process.exitCode = 3"
    const { durationMs, ...rest } = await runNode({ code })
    assert.deepEqual(rest, { code: 3, signal: null, stdout: 'out\n', stderr: 'err\n' })
    assert.ok(durationMs > 5 && durationMs < 15_000)
  })

  it('resolves dd and the packages of the repository, from CommonJS and from an ES module', async () => {
    const cjs = "console.log(require('dd/package.json').name, typeof require('express'), __filename)"
    const esm =
      "import dd from 'dd/package.json' with { type: 'json' }; import e from 'express'; console.log(dd.name, typeof e)"
    const run = await runNode({ code: cjs })
    const [name, express, file] = run.stdout.trim().split(' ')
    assert.deepEqual([name, express, run.stderr], ['dd', 'function', ''])
    assert.equal(existsSync(file!), false, 'the program is removed')
    const { stdout } = await runNode({ code: esm, module: 'esm', execArgv: ['--no-warnings'] })
    assert.equal(stdout, 'dd function\n')
  })

  it('inherits nothing that steers Node or dd', async () => {
    process.env['DD_SERVICE'] = 'inherited'
    process.env['NODE_OPTIONS'] = '--no-deprecation'
    try {
      const code = 'console.log(JSON.stringify([process.env.DD_SERVICE, process.env.NODE_OPTIONS, process.env.DD_ENV]))'
      assert.equal((await runNode({ code, env: { DD_ENV: 'given' } })).stdout, '[null,null,"given"]\n')
      assert.match((await runNode({ code, nodeOptions: '--no-warnings' })).stdout, /--no-warnings/)
    } finally {
      delete process.env['DD_SERVICE']
      delete process.env['NODE_OPTIONS']
    }
  })

  it('sends a signal when the output matches', async () => {
    const { signal, code } = await runNode({ code: staying, killAfterOutput: /READY/, signal: 'SIGINT' })
    assert.deepEqual({ signal, code }, { signal: 'SIGINT', code: null })
  })

  it('kills what does not end and shows what it wrote', async () => {
    await assert.rejects(runNode({ code: staying, timeoutMs: 2000 }), /did not end within 2000 ms; stdout:\nREADY/)
  })

  it('says when the program cannot be started', async () => {
    await assert.rejects(runNode({ code: '', nodePath: '/nowhere/node' }), /ENOENT/)
  })
})

describe('startNode', () => {
  let left: NodeChild | undefined

  it('waits for the READY line', async () => {
    await using child = await startNode({ code: staying })
    assert.equal(child.url, 'http://127.0.0.1:1')
    assert.equal((await child.stop()).signal, 'SIGTERM')
  })

  it('does not wait for a line that cannot come any more', async () => {
    await assert.rejects(startNode({ code: "console.error('broken')" }), /ended without writing[\s\S]*broken/)
  })

  it('may leave a child to the end of the test', async () => {
    left = await startNode({ code: staying })
  })

  it('finds no child of the test before', async () => {
    assert.equal((await left!.waitForExit()).signal, 'SIGKILL')
  })
})
