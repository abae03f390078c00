// The checker of who imports whom is shown made-up files, so that a rule which has stopped biting fails here and not in silence.

import { strict as assert } from 'node:assert'
import { violationsOf } from './house-rules'
import { circlesOf, loadedBy } from './layers'

describe('the checker of imports', () => {
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
    ['src/local-agent/trace-intake.ts', '../base/tags', true],
    ['src/local-agent/trace-intake.ts', '../trace/span', false],
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

  it('sees files that load each other', () => {
    const sources = new Map([
      ['src/trace/a.ts', "import { b } from './b'"],
      ['src/trace/b.ts', "import { c } from './c'\nimport type { D } from './d'"],
      ['src/trace/c.ts', "import { a } from './a'\nconst d = () => require('./d')"],
      ['src/trace/d.ts', "import { b } from './b'"],
    ])
    assert.deepEqual(circlesOf(sources), ['src/trace/a.ts → src/trace/b.ts → src/trace/c.ts → src/trace/a.ts'])
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
