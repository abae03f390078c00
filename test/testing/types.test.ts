// The types of `dd/testing`, as an installed package shows them to a strict compiler: what is meant compiles, what is not does not.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { ExampleFolder } from '../support/example-folder'
import { repoRoot } from '../support/repo-root'
import { runNode } from '../support/spawn'

const COMPILE_TIMEOUT_MS = 60_000

/** Each stands in a line of its own. */
const RIGHT = [
  "const recorded: Recording = recordSpans({ service: 'shop', env: 'test', patch: { http: true, pg: { service: 'db' } } })",
  'recordSpans(); recordSpans({ patch: true })',
  "const span: RecordedSpan = recorded.find('op')",
  "recorded.find({ name: /x/, kind: 'server', error: true, childOf: span, tags: { a: 1, b: 'x', c: /x/, d: true, e: undefined } })",
  'recorded.findAll({ childOf: null }).map(({ durationMs }) => durationMs * 2)',
  "const late: Promise<RecordedSpan> = recorded.waitFor('op', { timeoutMs: 5 })",
  'const children: readonly RecordedNode[] = recorded.tree().flatMap(({ children }) => children)',
  "const text: string | undefined = span.tags['a']; const number: number | undefined = span.metrics['a']",
  "const snapshot: SnapshotSpan[] = recorded.snapshot({ ignore: ['a', /b/], mask: [/c/] })",
  "createTestTracer({ service: 'b' }).tracer.trace('op', (span) => span.setTag('a', 1))",
  'async function stops(): Promise<void> { recorded.clear(); await recorded.stop(); using other = recordSpans(); other.spans() }',
  'const failures = (error: unknown) => error instanceof NoSpanError || error instanceof RecordingError',
  "const steps: Generator<number, string, boolean> = recorded.tracer.wrap('op', function* (a: number): Generator<number, string, boolean> { return (yield a) ? 'a' : 'b' })(5)",
]

const WRONG: readonly [code: string, error: string][] = [
  ['recordSpans({ servise: 5 })', 'servise'],
  ['recordSpans({ service: 5 })', 'number'],
  ["recordSpans({ patch: 'http' })", 'patch|string'],
  ['recordSpans({ patch: false })', 'false|boolean'],
  ['recorded.find()', 'arguments'],
  ['recorded.find(/x/)', 'RegExp|assignable|properties'],
  ["recorded.find({ nane: 'op' })", 'nane'],
  ["recorded.find({ kind: 'sever' })", 'sever'],
  ['recorded.find({ tags: { a: null } })', 'null'],
  ["recorded.waitFor('op', { timeout: 5 })", 'timeout'],
  ["span.name = 'x'", 'read-only'],
  ["span.tags.a = 'x'", 'read|permits|index'],
  ['const kind: string = span.kind', 'undefined'],
  ["const sum: number = span.tags['a']", 'string'],
  ['new Recording()', 'import type'],
  ['recorded.snapshot({ ignore: 5 })', 'number'],
  ['createTestTracer({ patch: true })', 'patch'],
]

describe('the types of dd/testing', () => {
  it('let pass what is meant, and nothing else', async () => {
    const folder = new ExampleFolder('testing-node')
    try {
      const head = [
        "import { createTestTracer, NoSpanError, type RecordedNode, type RecordedSpan, type Recording, RecordingError, recordSpans, type SnapshotSpan } from 'dd/testing'",
        'export {}',
      ]
      folder.write('program.ts', [...head, ...RIGHT, ...WRONG.map(([code]) => `{ ${code} }`)].join('\n'))
      const options = {
        strict: true,
        noEmit: true,
        module: 'nodenext',
        target: 'es2022',
        noUncheckedIndexedAccess: true,
      }
      const lib = ['es2023', 'esnext.disposable']
      const typeRoots = [join(repoRoot, 'node_modules', '@types')]
      const compilerOptions = { ...options, lib, typeRoots, types: ['node'] }
      folder.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['program.ts'] }))
      const file = join(repoRoot, 'node_modules', 'typescript', 'bin', 'tsc')
      const { stdout } = await runNode({ file, cwd: folder.path, timeoutMs: COMPILE_TIMEOUT_MS })
      const errors = new Map<number, string>()
      for (const [, line, text] of stdout.matchAll(/program\.ts\((\d+),\d+\): error (.*)/g)) {
        errors.set(Number(line) - head.length - 1, String(text))
      }
      assert.equal(stdout.match(/error TS/g)?.length ?? 0, errors.size, stdout)
      for (const [i, code] of RIGHT.entries()) assert.equal(errors.get(i), undefined, code)
      for (const [i, [code, error]] of WRONG.entries()) {
        assert.match(errors.get(RIGHT.length + i) ?? 'it compiles', new RegExp(error), code)
      }
    } finally {
      folder.remove()
    }
  }).timeout(COMPILE_TIMEOUT_MS)
})
