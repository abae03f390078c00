// Runs in a file, by the command: what an agent had is there after it was killed; a file that cannot be written to is shown all the same.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteProblem } from '../../../src/local-agent/runs/sqlite'
import { DOG } from '../../cli/dog-process'
import { skipNamed } from '../../services'
import { registerChild } from '../../support/child-registry'
import { put, send } from '../send'
import { v04, wireSpan } from '../wire-span'

/** Of nobody, who may read only. */
const NOBODY = 65_534

interface Dog {
  readonly output: string
  readonly url: string
  readonly code: number | null
  stop(signal: NodeJS.Signals): Promise<void>
}

/** Resolves when it is ready, or has ended. */
function dog(args: string[], asNobody = false): Promise<Dog> {
  const identity = asNobody && process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  const child = spawn(process.execPath, [DOG, 'agent', '--port', '0', '--dogstatsd-port', '0', ...args], {
    ...identity,
    cwd: '/',
  })
  registerChild(child, () => {})
  let output = ''
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    const told = () =>
      resolve({
        output,
        url: /shown on (\S+)/.exec(output)?.[1] ?? '',
        code: child.exitCode,
        stop: async (signal) => {
          child.kill(signal)
          await ended
        },
      })
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part: Buffer) => {
        output += part.toString()
        if (output.includes('Ctrl+C ends it')) told()
      })
    }
    void ended.then(told)
  })
}

describe('dog agent --store', function () {
  this.timeout(60_000)
  let folder: string
  let file: string
  before(function () {
    if (sqliteProblem() !== undefined) skipNamed(this, 'no SQLite in this Node', sqliteProblem(), true)
  })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dd-dog-runs-'))
    file = join(folder, 'runs.sqlite')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const runsOf = async (url: string) => JSON.parse((await send(`${url}/api/runs`)).text)

  it('has what it had before it was killed', async () => {
    const first = await dog(['--otlp-port', '0', '--store', file])
    assert.match(first.output, /What comes is kept in .*runs\.sqlite/)
    assert.doesNotMatch(first.output, /Warning/)
    await put(`${first.url}/v0.4/traces`, v04([wireSpan()]))
    // Asking for the runs writes what waits.
    assert.equal((await runsOf(first.url)).runs[0].spans, 1)
    await first.stop('SIGKILL')
    const second = await dog(['--otlp-port', '0', '--store', file])
    const { runs, store } = await runsOf(second.url)
    assert.deepEqual([runs.length, runs[0].spans, runs[0].isCurrent], [1, 1, false])
    assert.deepEqual([store.maxRuns, store.maxBytes, store.isReadOnly], [10, 512 * 1024 * 1024, false])
    await second.stop('SIGTERM')
  })

  it('has what came last when it is told to stop', async () => {
    const first = await dog(['--otlp-port', '0', '--store', file])
    await put(`${first.url}/v0.4/traces`, v04([wireSpan()]))
    await first.stop('SIGTERM')
    const second = await dog(['--otlp-port', '0', '--store', file, '--store-runs', '3', '--store-mb', '7'])
    const { runs, store } = await runsOf(second.url)
    assert.deepEqual([runs[0].spans, store.maxRuns, store.maxBytes], [1, 3, 7 * 1024 * 1024])
    await second.stop('SIGTERM')
  })

  it('shows runs of a file that cannot be written to, and keeps nothing', async function () {
    const first = await dog(['--otlp-port', '0', '--store', file])
    await put(`${first.url}/v0.4/traces`, v04([wireSpan()]))
    await first.stop('SIGTERM')
    chmodSync(file, 0o444)
    chmodSync(folder, 0o555)
    const before = readFileSync(file)
    const second = await dog(['--otlp-port', '0', '--store', file], true).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EACCES') throw error
      skipNamed(this, 'only root may run this Node', process.execPath, true)
    })
    assert.ok(second)
    assert.match(second.output, /Earlier runs are shown from .*, which cannot be written to/)
    await put(`${second.url}/v0.4/traces`, v04([wireSpan({ trace_id: 9n })]))
    const { runs, store } = await runsOf(second.url)
    assert.deepEqual([runs.length, runs[0].spans, store.isReadOnly, store.dropped], [1, 1, true, 0])
    const { traces } = JSON.parse((await send(`${second.url}/api/traces?run=${runs[0].id}`)).text)
    assert.equal(traces.length, 1)
    await second.stop('SIGTERM')
    chmodSync(folder, 0o755)
    assert.ok(readFileSync(file).equals(before))
  })

  it('ends with a reason where the file or an option is no good', async () => {
    const rows: [string[], RegExp, number][] = [
      [['--store', join(folder, 'none', 'f')], /^dog: there is no folder/m, 1],
      [['--store', __filename], /is not a file of dog, and stays as it is: choose another name/, 1],
      [['--store', file, '--store-runs', '0'], /--store-runs takes a number from 1 to 999999, not 0/, 2],
    ]
    for (const [args, reason, code] of rows) {
      const { output, code: ended } = await dog(['--otlp-port', '0', ...args])
      assert.match(output, reason)
      assert.equal(ended, code)
    }
  })
})

describe('dog agent --otlp-port', function () {
  this.timeout(60_000)

  it('says where OpenTelemetry comes to, or why not', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    const without = await dog(['--otlp-port', String(port)])
    assert.match(without.output, new RegExp(`TCP port ${port} is taken.* OTLP comes to ${without.url} only`))
    await without.stop('SIGTERM')
    await new Promise((resolve) => taken.close(resolve))
    const having = await dog(['--otlp-port', String(port)])
    assert.match(having.output, new RegExp(`OpenTelemetry is collected on http://localhost:${port} `))
    const { status } = await send(`http://127.0.0.1:${port}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    assert.equal(status, 200)
    await having.stop('SIGTERM')
  })
})
