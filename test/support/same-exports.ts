// Asserts that preloading `dd` changes nothing about what modules export: see exports-program.ts.

import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { runNode } from './spawn'

const program = join(__dirname, 'exports-program.js')
/** Of the build that runs. */
const init = join(__dirname, '..', '..', 'src', 'init.js')
const TIMEOUT_MS = 60_000

/** @param env says which plugins are on, where that is not all */
export async function assertSameExports(modules: readonly string[], env: Record<string, string> = {}): Promise<void> {
  const shapes = async (execArgv: string[]) => {
    const options = { file: program, args: [...modules], execArgv, timeoutMs: TIMEOUT_MS, nodeOptions: '--no-warnings' }
    // An Agent that is not there; nothing is sent.
    const { code, stdout, stderr } = await runNode({
      ...options,
      env: { ...env, DD_TRACE_AGENT_URL: 'http://127.0.0.1:1' },
    })
    assert.equal(code, 0, stderr)
    assert.equal(stderr, '')
    return JSON.parse(stdout) as unknown[]
  }
  const [without, preloaded] = await Promise.all([shapes([]), shapes(['--require', init])])
  assert.ok(JSON.stringify(without).length > 100, 'there is nothing to compare')
  if (hash(without) !== hash(preloaded)) assert.deepEqual(preloaded, without)
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
