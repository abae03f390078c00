// The house rules that a compiler cannot see, held against the sources: who may import whom, where a clock, the dice, the environment and the
// console may be touched, what a file may be called and how it begins. The rules, and the tests of what checks them, are in `architecture`.

import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { nameViolations, violationsOf } from './architecture/house-rules'
import { circlesOf, loadedBy, type Part, partOf, targetOf } from './architecture/layers'
import { SEARCH, VIEWER, viewerViolations } from './architecture/page-rules'
import { importsOf } from './architecture/read-source'
import { repoRoot } from './support/repo-root'

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

  const ofPage = new Map(
    all
      .filter((file) => VIEWER.test(file) && /\.tsx?$/.test(file))
      .map((file) => [file, readFileSync(join(repoRoot, file), 'utf8')]),
  )
  for (const [file, source] of ofPage)
    it(`are kept by ${file}`, () => assert.deepEqual(viewerViolations(file, source), []))

  it('let no files load each other in a circle', () => {
    assert.deepEqual(circlesOf(new Map([...sources, ...ofPage])), [])
  })

  it('keep the page and the agent apart', () => {
    assert.ok(ofPage.size > 30)
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
