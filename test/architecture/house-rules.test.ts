// The checker of what a file touches, is called and begins with is shown made-up files, so that a rule which has stopped biting fails here and
// not in silence.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the made-up files are text

import { strict as assert } from 'node:assert'
import { violationsOf } from './house-rules'

describe('the checker of the house rules', () => {
  const none = new Set<string>(['semver'])
  const complains = (file: string, code: string) =>
    violationsOf(file, `// Why it exists.\n${code}`, none).map((text) => text.replace(`${file} `, ''))

  const touches: [what: string, where: string, codes: string[], innocent: string[]][] = [
    [
      'the environment',
      'src/config/config.ts',
      [
        'process.env',
        'process.env.DD_ENV',
        'process?.env',
        "process['env']",
        'const { env } = process',
        'const { pid, env: e } = process',
        "import { env } from 'node:process'",
        '`${process.env.A}`',
        'process\n  .env',
      ],
      [
        '// process.env',
        "'process.env'",
        '/process.env/',
        'process.pid',
        'const { env } = config',
        'this.process.environment',
        '`process.env`',
      ],
    ],
    [
      'a clock',
      'src/base/clock.ts',
      [
        'Date.now()',
        'const { now } = Date.now',
        'new Date()',
        'new Date',
        'Date()',
        'performance.now()',
        'performance.timeOrigin',
        'process.hrtime.bigint()',
        "import { performance } from 'node:perf_hooks'",
        "import { hrtime } from 'node:process'",
        'process.uptime()',
        'Date\n  .now()',
      ],
      ['// Date.now()', "'Date.now()'", 'new Date(ms)', 'value instanceof Date', 'clock.now()', 'new DateText()'],
    ],
    [
      'dice',
      'src/base/id.ts',
      [
        'Math.random()',
        'crypto.getRandomValues(a)',
        "import { randomUUID } from 'node:crypto'",
        'randomBytes(8)',
        'crypto.randomInt(5)',
      ],
      ['// Math.random()', 'Math.round(x)', "'Math.random()'", 'randomInt32()'],
    ],
    [
      'the console',
      'src/base/log.ts',
      ['console.log(1)', 'console.error(e)', 'const { log } = console', 'globalThis.console.log(1)'],
      ['// console.log', "'console.log'", 'myconsole.log()'],
    ],
    [
      'a context that nobody leaves',
      '',
      ['storage.enterWith(x)', "storage['a'].enterWith(x)"],
      ['// enterWith', '/* enterWith */', 'enter(x)'],
    ],
    [
      'any',
      'src/trace/run-in-span.ts',
      [
        'let a: any',
        'x as any',
        'Array<any>',
        'any[]',
        'a: any[]',
        'Map<string, any>',
        '(a: any) => b',
        'type A = any',
        'string | any',
        'let a:any',
      ],
      ['// any', 'in any case()', 'const anything = 1', "'any'", 'a.any(x)', 'many: string'],
    ],
  ]
  for (const [what, where, codes, innocent] of touches) {
    for (const code of codes) {
      it(`sees ${what} in ${JSON.stringify(code)}`, () => {
        assert.ok(complains('src/trace/x.ts', code).some((text) => text.startsWith(`touches ${what}`)))
        if (where !== '')
          assert.deepEqual(
            complains(where, code).filter((text) => text.startsWith(`touches ${what}`)),
            [],
          )
      })
    }
    for (const code of innocent) {
      it(`does not see ${what} in ${JSON.stringify(code)}`, () =>
        assert.deepEqual(complains('src/trace/x.ts', code), []))
    }
  }

  it('lets two files ask Node what it has measured, but not what time it is', () => {
    const asking =
      "import { monitorEventLoopDelay, performance } from 'node:perf_hooks'\nperformance.eventLoopUtilization()"
    for (const file of ['src/metrics/runtime/event-loop-metrics.ts', 'src/metrics/runtime/gc-metrics.ts']) {
      assert.deepEqual(complains(file, asking), [])
      for (const code of [
        'performance.now()',
        'performance?.now()',
        "performance['now']()",
        'const { now } = performance',
        'Date.now()',
      ])
        assert.equal(complains(file, code).length, 1, code)
    }
    assert.equal(complains('src/metrics/runtime/runtime-metrics.ts', asking).length, 1)
  })

  it('is not fooled by comments, strings, templates and patterns', () => {
    const hidden = [
      "const url = 'http://x' // y\nprocess.env",
      'const a = /[/\'"]/g\nprocess.env',
      "const a = 'it\\'s' + `\n${f({ a: `}` })}`\nprocess.env",
      'a = b / c // "\nprocess.env',
      "/* ' */ process.env",
      'const a = `${process.env.A}`',
      'if (/"/.test(a)) process.env',
    ]
    for (const code of hidden) assert.equal(complains('src/trace/x.ts', code).length, 1, code)
    const harmless = [
      "const a = '// process.env'",
      '/* process.env\n process.env */',
      'const a = "\\"process.env"',
      'const a = `// ${b} process.env`',
      'return /console/.test(a)',
    ]
    for (const code of harmless) assert.deepEqual(complains('src/trace/x.ts', code), [], code)
  })

  it('wants a comment at the top and a name that says something', () => {
    const rows: [file: string, source: string, complaints: number][] = [
      ['src/base/id.ts', '// Ids.\n', 0],
      ['src/cli/dog.ts', '#!/usr/bin/env node\n// The command.\n', 0],
      ['src/base/id.ts', 'export const a = 1\n// Late.', 1],
      ['src/base/id.ts', '\n// After an empty line.', 1],
      ['src/base/id.ts', '//\n', 1],
      ['src/base/id.ts', '', 1],
      ['src/base/utils.ts', '// Everything.\n', 1],
      ['src/base/helper.ts', '// Everything.\n', 1],
      ['src/trace/common/a.ts', '// Everything.\n', 1],
      ['src/base/myFile.ts', '// Camel.\n', 1],
      ['src/elsewhere/a.ts', '// Lost.\n', 1],
    ]
    for (const [file, source, complaints] of rows)
      assert.equal(violationsOf(file, source, none).length, complaints, file + source)
  })
})
