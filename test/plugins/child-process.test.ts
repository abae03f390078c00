// The child_process plugin: commands look the same with and without it, and each is one span that ends with its process.

import { strict as assert } from 'node:assert'
import child_process, { type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { tracer } from '../../src'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles, type Probe } from '../support/call-styles'
import { Tracing } from '../support/tracing'

interface Row extends CallStyle<undefined> {
  readonly resource?: string
  readonly words?: readonly string[]
  readonly line?: string
  readonly exit?: string
  readonly failed?: boolean
  readonly spans?: number
}

const ended = (child: ChildProcess, probe: Probe) => {
  child.stdout?.on(
    'data',
    probe.optional('data', () => {}),
  )
  child.on('error', probe.optional('error'))
  child.on('close', probe.callback('close'))
}
const told = ({ stdout }: { stdout: string }) => stdout
const code = (error: { code?: unknown; status?: unknown }) => [error.code, error.status]
const echo = { words: ['/bin/echo', 'one', 'two'], resource: 'echo', exit: '0' }
const hello = { line: 'echo hello', resource: 'sh', exit: '0' }
const { exec, execFile } = child_process

const rows: Row[] = [
  { name: 'spawn', run: (_, probe) => ended(child_process.spawn('/bin/echo', ['one', 'two']), probe), ...echo },
  {
    name: 'spawn in a shell',
    run: (_, probe) => ended(child_process.spawn('echo', ['hello'], { shell: true }), probe),
    ...hello,
  },
  {
    name: 'execFile and a callback',
    run: (_, probe) => void child_process.execFile('/bin/echo', ['one', 'two'], probe.callback()),
    ...echo,
  },
  {
    name: 'execFile, as a promise',
    run: () => promisify(child_process.execFile)('/bin/echo', ['one', 'two']).then(told),
    ...echo,
  },
  { name: 'exec and a callback', run: (_, probe) => void child_process.exec('echo hello', probe.callback()), ...hello },
  { name: 'exec, as a promise', run: () => promisify(child_process.exec)('echo hello').then(told), ...hello },
  {
    name: 'exec, as a promise that has its child',
    run(_, probe) {
      const promise = promisify(child_process.exec)('echo hello')
      probe.note('child', typeof promise.child.pid)
      return promise.then(told)
    },
    ...hello,
  },
  { name: 'exec of a reference that was kept', run: () => promisify(exec)('echo hello').then(told), ...hello },
  {
    name: 'execFile of a reference that was kept',
    run: () => promisify(execFile)('/bin/echo', ['one', 'two']).then(told),
    ...echo,
  },
  {
    name: 'fork',
    run: (_, probe) =>
      ended(
        child_process.fork(join(__dirname, '..', 'support', 'nothing.js'), [], { silent: true, execArgv: [] }),
        probe,
      ),
    resource: 'node',
    exit: '1',
  },
  { name: 'spawnSync', run: () => String(child_process.spawnSync('/bin/echo', ['one', 'two']).stdout), ...echo },
  {
    name: 'spawnSync in a shell',
    run: () => String(child_process.spawnSync('echo hello', { shell: true }).stdout),
    ...hello,
  },
  {
    name: 'execFileSync',
    run: () => child_process.execFileSync('/bin/echo', ['one', 'two'], { encoding: 'utf8' }),
    ...echo,
  },
  { name: 'execSync', run: () => child_process.execSync('echo hello', { encoding: 'utf8' }), ...hello },
  {
    name: 'a command that exits with 3',
    run: (_, probe) => ended(child_process.spawn('/bin/sh', ['-c', 'exit 3']), probe),
    exit: '3',
    words: ['/bin/sh', '-c', 'exit 3'],
    resource: 'sh',
  },
  {
    name: 'exec that exits with 3',
    run: () => promisify(child_process.exec)('exit 3').catch(code),
    line: 'exit 3',
    exit: '3',
    resource: 'sh',
  },
  {
    name: 'spawnSync that exits with 3',
    run: () => child_process.spawnSync('exit 3', { shell: true }).status,
    line: 'exit 3',
    exit: '3',
    resource: 'sh',
  },
  {
    name: 'execSync that exits with 3',
    run() {
      try {
        return child_process.execSync('exit 3', { stdio: 'ignore' })
      } catch (error) {
        return code(error as object)
      }
    },
    line: 'exit 3',
    exit: '3',
    resource: 'sh',
    failed: true,
  },
  {
    name: 'a command that is killed',
    run: (_, probe) => {
      const child = child_process.spawn('/bin/sleep', ['20'])
      ended(child, probe)
      child.kill()
    },
    words: ['/bin/sleep', '20'],
    resource: 'sleep',
  },
  {
    name: 'a command that there is not',
    run: (_, probe) => void child_process.spawn('/dd-test-gone').on('error', probe.callback('error')),
    words: ['/dd-test-gone'],
    resource: 'dd-test-gone',
    failed: true,
  },
  {
    name: 'a command that there is not, and nobody cares',
    run(_, probe) {
      child_process.spawn('/dd-test-gone')
      return probe.unhandled()
    },
    words: ['/dd-test-gone'],
    resource: 'dd-test-gone',
    failed: true,
  },
  {
    name: 'spawnSync of a command that there is not',
    run: () => code(child_process.spawnSync('/dd-test-gone').error as object),
    words: ['/dd-test-gone'],
    resource: 'dd-test-gone',
    failed: true,
  },
  { name: 'an argument that is refused', run: () => child_process.spawn(7 as never), spans: 0 },
  {
    name: 'an option that is refused',
    run: () => child_process.spawn('/bin/echo', [], { cwd: '/dd-test-gone', uid: 1.5 }),
    spans: 0,
  },
]

describe('child_process', () => {
  let tracing: Tracing

  describeCallStyles<undefined, Row>('asked by', rows, {
    without: { open: () => undefined },
    with: {
      before: async () => {
        tracing = await Tracing.start({ child_process: true })
      },
      open: () => tracing.clear() as undefined,
      async check({ resource, words, line, exit, failed = false, spans: count = 1 }) {
        await tracing.spans()
        const spans = await tracing.agent.waitForSpans(count)
        assert.equal(spans.length, count)
        const [span] = spans
        if (span === undefined) return
        assert.equal(span.name, 'command_execution')
        assert.equal(span.type, 'system')
        assert.equal(span.service, 'test')
        assert.equal(span.meta['component'], 'subprocess')
        assert.equal(span.resource, resource)
        assert.equal(span.error, failed ? 1 : 0)
        assert.equal(span.meta['cmd.exit_code'], exit)
        assert.equal(span.meta['cmd.shell'], line)
        if (words !== undefined) assert.deepEqual(JSON.parse(span.meta['cmd.exec'] ?? ''), words)
        assert.equal(span.meta['cmd.truncated'], undefined)
      },
      after: () => tracing.stop(),
    },
  })

  describe('in a program', () => {
    beforeEach(async () => {
      tracing = await Tracing.start({ child_process: true })
    })
    afterEach(() => tracing.stop())

    it('keeps what a process says in the context of whoever started it', async () => {
      const one = (n: number) =>
        tracer.trace('request', { resource: `r${n}` }, async (span) => {
          const child = child_process.spawn('/bin/echo', [String(n)])
          child.stdout.on('data', () => assert.equal(tracer.activeSpan, span))
          child.on('exit', () => assert.equal(tracer.activeSpan, span))
          await once(child, 'close')
          assert.equal(tracer.activeSpan, span)
        })
      await Promise.all(Array.from({ length: 5 }, (_, n) => one(n)))
      const spans = await tracing.spans()
      for (let n = 0; n < 5; n++) {
        const request = find(spans, { name: 'request', resource: `r${n}` })
        assert.deepEqual(
          childrenOf(request, spans).map(({ meta }) => meta['cmd.exec']),
          [`["/bin/echo","${n}"]`],
        )
      }
    })

    it('adds no listener that a program would count', () => {
      const child = child_process.spawn('/bin/echo')
      assert.deepEqual(
        ['exit', 'close', 'error'].map((event) => child.listenerCount(event)),
        [0, 0, 0],
      )
      return once(child, 'close')
    })

    it('cuts a long command, and says so', async () => {
      child_process.spawnSync('/bin/echo', ['x'.repeat(5000)])
      const span = find(await tracing.spans(), 'command_execution')
      assert.equal(span.meta['cmd.truncated'], 'true')
    })
  })
})
