// The house rules that a compiler cannot see, enforced by reading the sources: who may import whom, where a clock, the dice, the
// environment and the console may be touched, what a file may be called and how it begins. The checker itself is shown made-up
// files first, so that a rule which has stopped biting fails here and not in silence.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the made-up files are text

import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, dirname, join, normalize, relative, sep } from 'node:path'
import { codeOf, type Import, importsOf } from './read-source'
import { repoRoot } from './support/repo-root'

/** The folder of a file, or the name of one that stands directly in `src`. `plugins` are one folder. */
type Part = string

const BELOW_START: readonly Part[] = [
  'base',
  'config',
  'trace',
  'plugin',
  'export',
  'metrics',
  'api-transport',
  'api',
  'local-agent',
  'plugins',
]

/** Who may import whom, besides its own folder. Folders on one line of the plan do not know each other. */
const ALLOWED: Readonly<Record<Part, readonly Part[]>> = {
  base: [],
  config: ['base'],
  trace: ['base'],
  plugin: ['base', 'trace'],
  export: ['base', 'trace'],
  'api-transport': ['base'],
  metrics: ['base', 'trace', 'api-transport'],
  api: ['base', 'api-transport'],
  'local-agent': ['base'],
  plugins: ['plugin'],
  start: [...BELOW_START, 'start-clients', 'start-parts', 'alone'],
  'start-clients': [...BELOW_START, 'alone'],
  'start-parts': ['base', 'config', 'trace', 'export'],
  alone: ['base', 'config', 'metrics', 'api', 'api-transport'],
  index: [...BELOW_START, 'start'],
  init: ['start'],
  register: ['init', 'start'],
  bundle: ['plugin', 'plugins'],
  testing: [...BELOW_START, 'start'],
  cli: [...BELOW_START, 'start'],
}

/** The only files of a folder that another folder may know. */
const DOORS: Readonly<Record<string, RegExp>> = {
  'plugins → plugin': /^src\/plugin\/(index|clients)$/,
  'start → plugins': /^plugins\/index$/,
  'bundle → plugins': /^plugins\/index$/,
  'metrics → trace': /^src\/trace\/(scope\/scope|context)$/,
}

/** Where what a rule names may be touched all the same. */
const RULES: readonly { what: string; pattern: RegExp; allowed: RegExp }[] = [
  {
    what: 'the environment',
    pattern:
      /\bprocess\s*(\?\.|\.)\s*env\b|\bprocess\s*(\?\.)?\[|\{[^{}]*\benv\b[^{}]*\}\s*=\s*process\b|\benv\b[^'"\n]*from\s*['"](node:)?process['"]/,
    allowed: /^src\/(config|cli)\//,
  },
  {
    what: 'a clock',
    pattern:
      /\bDate\s*\.\s*now\b|\bnew\s+Date\s*\(\s*\)|\bnew\s+Date\b(?!\s*\()|\bDate\s*\(\s*\)|\bperformance\s*(\?\.|\.)\s*(now|timeOrigin|mark|measure|toJSON)\b|\bperformance\s*(\?\.)?\[|\}\s*=\s*performance\b(?!\s*\.)|\bhrtime\b|\.\s*uptime\s*\(/,
    allowed: /^src\/base\/clock\.ts$/,
  },
  {
    what: 'a clock by its house',
    // The other two ask Node there what it has measured.
    pattern: /\bperformance\b|\bperf_hooks\b/,
    allowed: /^src\/(base\/clock|metrics\/runtime\/(event-loop|gc)-metrics)\.ts$/,
  },
  {
    what: 'dice',
    pattern:
      /\bMath\s*\.\s*random\b|\b(getRandomValues|randomUUID|randomBytes|randomInt|randomFill|randomFillSync|webcrypto)\b/,
    allowed: /^src\/base\/id\.ts$/,
  },
  { what: 'the console', pattern: /\bconsole\b/, allowed: /^src\/(base\/log\.ts$|cli\/)/ },
  { what: 'a context that nobody leaves', pattern: /\benterWith\b/, allowed: /^$/ },
  {
    what: 'any',
    pattern: /[:<|&(,=]\s*any\b|\bas\s+any\b|\bany\s*\[/,
    // One constraint lets every function keep its own parameter types.
    allowed: /^src\/trace\/run-in-span\.ts$/,
  },
]

const FOLDERS: ReadonlySet<Part> = new Set(['cli', 'testing', ...BELOW_START].filter((part) => part !== 'plugins'))

const BANNED_NAMES = /^(utils?|helpers?|common|misc|types?|constants?|shared|lib)$/

/** Code that runs in a browser: it has rules of its own below, and a real browser to check it. */
const VIEWER = /^src\/local-agent\/viewer\//
/** What the page may share with the agent: it needs neither Node nor the store. */
const SEARCH = /^src\/local-agent\/search\//
/** The one file of the page that may look at the agent's types, and those of which it may: they reach nothing of Node. */
const WIRE = 'src/local-agent/viewer/wire.ts'
const WIRE_TYPES = /^src\/local-agent\/(analysis\/[a-z-]+|dogstatsd\/series|logs\/log|received-span|trace-summary)$/
/** What is bundled into the page. */
const VIEWER_PACKAGES: ReadonlySet<string> = new Set(['preact', 'preact/hooks', '@preact/signals', '@dagrejs/dagre'])
/** Names and forms by which text could become code or markup, and what a page has no business with. */
const VIEWER_NEVER =
  /\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|DOMParser|eval|Function\s*\(|document\.write|console|Math\.random|importScripts|sendBeacon|WebSocket|XMLHttpRequest)\b|\brequire\s*\(|[:<(,]\s*any\b|\bas\s+any\b/

function partOf(file: string): Part {
  const [root, ...path] = file.split('/')
  if (root === 'plugins') return 'plugins'
  return path.length > 1 ? path[0]! : path[0]!.replace(/\.m?ts$/, '')
}

/** The file an import means, without its ending; undefined for a package. */
function targetOf(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const path = normalize(join(dirname(file), specifier))
    .split(sep)
    .join('/')
    .replace(/\.(?:m?js|m?ts|json)$/, '')
  const isFolder = path === 'plugins' || (path.startsWith('src/') && FOLDERS.has(path.slice(4)))
  return isFolder ? `${path}/index` : path
}

/** What the build bundles into a file, so that the package does not depend on it. */
const BUNDLED: Readonly<Record<string, string>> = { 'src/local-agent/otlp/protobuf-wire.ts': '@bufbuild/protobuf' }

const allowsPackage = (file: string, { specifier, isType }: Import, dependencies: ReadonlySet<string>): boolean => {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  if (BUNDLED[file] === name) return true
  return specifier.startsWith('node:') || dependencies.has(name) || (isType && /^(plugins|src\/bundle)\//.test(file))
}

/** Everything that a file does against the rules, in words. */
function violationsOf(file: string, source: string, dependencies: ReadonlySet<string>): string[] {
  const found: string[] = []
  const part = partOf(file)
  const allowed = ALLOWED[part]
  if (allowed === undefined) return [`${file} is in a place that no rule knows`]
  for (const given of importsOf(source)) {
    const target = targetOf(file, given.specifier)
    if (target === undefined) {
      if (!allowsPackage(file, given, dependencies))
        found.push(`${file} imports ${given.specifier}, which is no dependency`)
      // Some have no other name than with it.
      const isBare = !given.specifier.startsWith('node:') && builtinModules.includes(given.specifier)
      if (isBare) found.push(`${file} imports ${given.specifier} without node:`)
      continue
    }
    if (file === 'src/start.ts' && given.specifier === '../../package.json') continue
    if (!/^(src|plugins)\//.test(target)) {
      found.push(`${file} imports ${target}, which is not shipped`)
      continue
    }
    const other = partOf(target)
    if (other === part) continue
    const door = DOORS[`${part} → ${other}`]
    if (!allowed.includes(other)) found.push(`${file} imports ${target}: ${part} may not know ${other}`)
    else if (door !== undefined && !door.test(target))
      found.push(`${file} imports ${target}, which is not the door of ${other}`)
    else if (part === 'metrics' && other === 'trace' && !given.isType)
      found.push(`${file} loads ${target}: only its types are for metrics`)
  }
  const code = codeOf(source)
  const withStrings = codeOf(source, true)
  for (const { what, pattern, allowed: where } of RULES) {
    // Names of modules are strings, everything else that counts is not.
    const hit =
      pattern.exec(code) ??
      withStrings
        .split('\n')
        .filter((line) => /\b(from|require|import)\b/.test(line))
        .map((line) => pattern.exec(line))
        .find((match) => match !== null)
    if (hit !== undefined && hit !== null && !where.test(file)) found.push(`${file} touches ${what}: ${hit[0].trim()}`)
  }
  return [
    ...found,
    ...nameViolations(file),
    ...(/^(#![^\n]*\n)?\/\/ \S/.test(source) ? [] : [`${file} does not begin with a comment that says why it exists`]),
  ]
}

/** The same for a file of the page. JSX has apostrophes in its text, so only whole lines of imports are read. */
function viewerViolations(file: string, source: string): string[] {
  const found: string[] = []
  const imports = source.matchAll(
    /^(?:import|export)\s(?:(?:type\s)?[\w*\s,]*(?:\{[^}]*\})?[\w*\s,]*from\s)?['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]/gm,
  )
  for (const [statement, first, second] of imports) {
    const specifier = first ?? second ?? ''
    const target = targetOf(file, specifier)
    const isStyle = specifier.endsWith('.css') && /\/app\.tsx$/.test(file)
    const isAllowed =
      target === undefined
        ? VIEWER_PACKAGES.has(specifier)
        : specifier.endsWith('.css')
          ? isStyle
          : VIEWER.test(target) ||
            SEARCH.test(target) ||
            (file === WIRE && statement.startsWith('import type ') && WIRE_TYPES.test(target))
    if (!isAllowed) found.push(`${file} imports ${specifier}, which is not for the page`)
  }
  const code = source.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '')
  const hit = VIEWER_NEVER.exec(code)
  if (hit !== null) found.push(`${file} touches ${hit[0].trim()}`)
  if (/\bhttps?:\/\/(?!(127\.0\.0\.1|localhost)\b)/.test(code)) found.push(`${file} names another origin`)
  if (!/^\/\/ \S/.test(source)) found.push(`${file} does not begin with a comment that says why it exists`)
  return [...found, ...nameViolations(file)]
}

function nameViolations(file: string): string[] {
  const name = basename(file).replace(/(\.d)?\.(m?tsx?|mjs|json|html|css|svg)$/, '')
  const found = BANNED_NAMES.test(name) ? [`${file} has a name that says nothing`] : []
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) found.push(`${file} is not in kebab case`)
  for (const folder of dirname(file).split('/'))
    if (BANNED_NAMES.test(folder)) found.push(`${file} is in a folder that says nothing: ${folder}`)
  return found
}

/** Everything that is loaded, at once, when `file` is. */
function loadedBy(file: string, sources: ReadonlyMap<string, string>, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const { specifier, isType, isLazy } of importsOf(sources.get(file) ?? '')) {
    const target = isType || isLazy ? undefined : targetOf(file, specifier)
    const next =
      target === undefined ? undefined : [`${target}.ts`, `${target}/index.ts`].find((path) => sources.has(path))
    if (next !== undefined) loadedBy(next, sources, seen)
  }
  return seen
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(repoRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      relative(repoRoot, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join('/'),
    )
    .sort()
}

describe('the checker of the house rules', () => {
  const none = new Set<string>(['semver'])
  const complains = (file: string, code: string) =>
    violationsOf(file, `// Why it exists.\n${code}`, none).map((text) => text.replace(`${file} `, ''))

  const arrows: [file: string, specifier: string, isAllowed: boolean][] = [
    ['src/base/id.ts', './log', true],
    ['src/base/id.ts', '../config/config', false],
    ['src/base/id.ts', '../trace/span', false],
    ['src/config/config.ts', '../base/log', true],
    ['src/config/config.ts', '../trace/span', false],
    ['src/trace/span.ts', './scope/scope', true],
    ['src/trace/scope/scope.ts', '../context', true],
    ['src/trace/span.ts', '../config/config', false],
    ['src/trace/span.ts', '../export/exporter', false],
    ['src/trace/span.ts', '../plugin', false],
    ['src/export/encoder.ts', '../trace/chunk', true],
    ['src/export/encoder.ts', '../plugin/patcher', false],
    ['src/export/encoder.ts', '../config/config', false],
    ['src/export/encoder.ts', '../start', false],
    ['src/plugin/patcher.ts', '../trace/span', true],
    ['src/plugin/patcher.ts', '../export/exporter', false],
    ['src/plugin/loader.ts', '../../plugins', false],
    ['src/metrics/statsd.ts', '../base/log', true],
    ['src/metrics/statsd.ts', '../api/client', false],
    ['src/metrics/statsd.ts', '../trace/tracer', false],
    ['src/api/client.ts', '../trace/context', false],
    ['src/api/client.ts', '../metrics/statsd', false],
    ['src/api/client.ts', '../api-transport/exchange', true],
    ['src/metrics/statsd.ts', '../api-transport/exchange', true],
    ['src/api-transport/exchange.ts', '../metrics/statsd', false],
    ['src/api-transport/exchange.ts', '../api/client', false],
    ['src/plugin/opener.ts', '../trace/span', true],
    ['src/plugin/opener.ts', '../export/exporter', false],
    ['src/local-agent/intake.ts', '../base/tags', true],
    ['src/local-agent/intake.ts', '../trace/span', false],
    ['plugins/pg.ts', '../src/plugin', true],
    ['plugins/pg.ts', '../src/plugin/index', true],
    ['plugins/pg.ts', '../src/plugin/clients', true],
    ['plugins/pg.ts', '../src/plugin/patcher', false],
    ['plugins/pg.ts', '../src/trace/span', false],
    ['plugins/pg.ts', '../src/base/log', false],
    ['plugins/http/server.ts', './options', true],
    ['plugins/http/server.ts', '../../src/plugin', true],
    ['plugins/http/server.ts', '../../src/start', false],
    ['src/start.ts', './config/config', true],
    ['src/start.ts', '../plugins', true],
    ['src/start.ts', '../plugins/pg', false],
    ['src/start.ts', '../../package.json', true],
    ['src/trace/span.ts', '../../package.json', false],
    ['src/start.ts', './cli/dog', false],
    ['src/start.ts', './index', false],
    ['src/index.ts', './start', true],
    ['src/index.mts', './index.js', true],
    ['src/init.ts', './start', true],
    ['src/init.ts', './trace/tracer', false],
    ['src/register.ts', './init', true],
    ['src/cli/dog.ts', '../start', true],
    ['src/cli/dog.ts', '../local-agent/start-local-agent', true],
    ['src/cli/dog.ts', '../init', false],
    ['src/testing/record-spans.ts', '../start', true],
    ['src/testing/record-spans.ts', '../trace/recorder', true],
    ['src/testing/record-spans.ts', '../cli/dog', false],
    ['src/start.ts', './testing', false],
    ['src/cli/dog.ts', '../../test/support/agent', false],
    ['src/trace/span.ts', 'node:fs', true],
    ['src/trace/span.ts', 'fs', false],
    ['src/trace/span.ts', 'semver', true],
    ['src/trace/span.ts', 'semver/functions/satisfies', true],
    ['src/trace/span.ts', 'left-pad', false],
    ['plugins/pg.ts', 'pg', false],
  ]
  for (const [file, specifier, isAllowed] of arrows) {
    it(`${isAllowed ? 'lets' : 'does not let'} ${file} import ${specifier}`, () => {
      const forms = [
        `import { a } from '${specifier}'`,
        `import a, { type B } from '${specifier}'`,
        `import '${specifier}'`,
        `import * as a from "${specifier}"`,
        `import {\n  a,\n  b,\n} from '${specifier}'`,
        `export { a } from '${specifier}'`,
        `export * from '${specifier}'`,
        `const a = require('${specifier}')`,
        `function f() {\n  return require('${specifier}')\n}`,
        `const a = await import('${specifier}')`,
        `x()\n  import { a } from '${specifier}'`,
      ]
      for (const form of forms) assert.equal(complains(file, form).length > 0, !isAllowed, form)
    })
  }

  it('lets plugins and metrics use types where they may not load', () => {
    assert.deepEqual(complains('plugins/pg.ts', "import type { Client } from 'pg'"), [])
    assert.deepEqual(complains('src/metrics/collector.ts', "import type { Scope } from '../trace/scope/scope'"), [])
    assert.equal(complains('src/metrics/collector.ts', "import { Scope } from '../trace/scope/scope'").length, 1)
    assert.equal(complains('src/metrics/collector.ts', "import type { Tracer } from '../trace/tracer'").length, 1)
    assert.equal(complains('src/base/id.ts', "import type { Span } from '../trace/span'").length, 1)
    assert.equal(complains('src/base/id.ts', "let a: typeof import('../trace/span')").length, 1)
  })

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

  it('knows what a file of the page may do', () => {
    const page = (code: string, file = 'src/local-agent/viewer/trace/x.tsx') =>
      viewerViolations(file, `// Why.\n${code}`)
    for (const code of [
      "import { h } from 'preact'",
      "import { useRef } from 'preact/hooks'",
      "import { signal } from '@preact/signals'",
      "import { layout } from '@dagrejs/dagre'",
      "import { x } from '../base/route'",
      "import {\n  a,\n} from '../../search/query-text'",
      "import type { Y } from './y'",
      'const words = <p>Datadog’s, as it is</p>',
    ])
      assert.deepEqual(page(code), [], code)
    for (const code of [
      "import 'left-pad'",
      "import { x } from 'node:fs'",
      "import { x } from '../../trace-store'",
      "import type { X } from '../../trace-store'",
      "import {\n  a,\n} from '../../../base/id'",
      "export { x } from '../../reply'",
      "const x = await import('../../reply')",
      "import './x.css'",
      'element.innerHTML = text',
      '<p dangerouslySetInnerHTML={x} />',
      'eval(x)',
      'console.log(x)',
      'let a: any',
      'Math.random()',
      "fetch('https://example.com')",
    ])
      assert.equal(page(code).length, 1, code)
    assert.equal(page("import './styles/app.css'", 'src/local-agent/viewer/app.tsx').length, 0)
    assert.deepEqual(page("import type {\n  X,\n} from '../analysis/skeleton'", WIRE), [])
    for (const code of [
      "import { X } from '../analysis/skeleton'",
      "import { type X } from '../analysis/skeleton'",
      "export type { X } from '../analysis/skeleton'",
      "let x: import('../analysis/skeleton').X",
      "import type { X } from '../read-span'",
    ])
      assert.equal(page(code, WIRE).length, 1, code)
    assert.equal(page("import type { X } from '../../analysis/skeleton'").length, 1)
    assert.equal(viewerViolations('src/local-agent/viewer/x.ts', 'const a = 1').length, 1)
    assert.equal(page('', 'src/local-agent/viewer/helpers.ts').length, 1)
  })

  it('follows what is loaded at once, not what is lazy or a type', () => {
    const sources = new Map([
      ['src/init.ts', "import './start'"],
      [
        'src/start.ts',
        "import { a } from './trace/a'\nimport type { B } from './api/b'\nconst c = () => require('./cli/c')\nfunction d() {\n  return require('./metrics/d')\n}\nconst e = require('./base/e')",
      ],
      ['src/trace/a.ts', "import { type X, y } from '../base/y'"],
      ['src/base/y.ts', "import '../plugin'"],
      ['src/base/e.ts', ''],
      ['src/plugin/index.ts', ''],
      ['src/api/b.ts', ''],
      ['src/cli/c.ts', ''],
      ['src/metrics/d.ts', ''],
    ])
    assert.deepEqual([...loadedBy('src/init.ts', sources)].sort(), [
      'src/base/e.ts',
      'src/base/y.ts',
      'src/init.ts',
      'src/plugin/index.ts',
      'src/start.ts',
      'src/trace/a.ts',
    ])
  })
})

describe('the house rules', () => {
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(
    readFileSync(join(repoRoot, 'package.json'), 'utf8'),
  ) as {
    dependencies?: Record<string, string>
    peerDependencies?: Record<string, string>
  }
  const packages = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)])
  const all = [...filesBelow('src'), ...filesBelow('plugins')]
  const sources = new Map(
    all
      .filter((file) => /\.m?ts$/.test(file) && !VIEWER.test(file))
      .map((file) => [file, readFileSync(join(repoRoot, file), 'utf8')]),
  )

  it('have something to look at', () => {
    for (const file of ['src/start.ts', 'src/trace/span.ts', 'plugins/index.ts', 'plugins/pg.ts'])
      assert.ok(sources.has(file), file)
    assert.ok(importsOf(sources.get('src/start.ts')!).length > 10)
  })

  for (const [file, source] of sources) {
    it(`are kept by ${file}`, () => assert.deepEqual(violationsOf(file, source, packages), []))
  }

  const ofPage = all.filter((file) => VIEWER.test(file) && /\.tsx?$/.test(file))
  for (const file of ofPage) {
    it(`are kept by ${file}`, () => {
      assert.deepEqual(viewerViolations(file, readFileSync(join(repoRoot, file), 'utf8')), [])
    })
  }

  it('keep the page and the agent apart', () => {
    assert.ok(ofPage.length > 30)
    for (const [file, source] of sources) {
      for (const { specifier } of importsOf(source)) {
        const target = targetOf(file, specifier)
        assert.ok(target === undefined || !VIEWER.test(`${target}/`), `${file} imports ${specifier}`)
        const isPure = target !== undefined && (SEARCH.test(target) || target === 'src/base/tags')
        if (SEARCH.test(file)) assert.ok(isPure, `${file} imports ${specifier}`)
      }
    }
  })

  it('are kept by the names of all other files', () => {
    assert.deepEqual(all.filter((file) => !sources.has(file)).flatMap(nameViolations), [])
  })

  const apart: [entry: string, never: readonly Part[]][] = [
    ['src/init.ts', ['api', 'local-agent', 'metrics', 'testing', 'cli']],
    ['src/index.ts', ['api', 'local-agent', 'metrics', 'testing', 'cli']],
    ['src/metrics/index.ts', ['trace', 'config', 'start', 'plugin', 'export', 'api']],
    ['src/alone/metrics.ts', ['trace', 'start', 'plugin', 'export', 'api']],
    ['src/api/index.ts', ['trace', 'config', 'start', 'plugin', 'export', 'metrics']],
  ]
  for (const [entry, never] of apart) {
    if (!sources.has(entry)) continue
    it(`keep ${never.join(', ')} from being loaded by ${entry}`, () => {
      const loaded = [...loadedBy(entry, sources)]
      assert.deepEqual(
        loaded.filter((file) => never.includes(partOf(file))),
        [],
      )
    })
  }
})
