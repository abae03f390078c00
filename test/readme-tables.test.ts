// That the README's tables of libraries say what the plugins and their tests say: a row for each plugin with all it patches, and the
// releases that were tested.

import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { plugins } from '../plugins'
import { declared } from './support/library'
import { tableIn } from './support/options-table'
import { repoRoot } from './support/repo-root'
import { versionsTable } from './support/versions-table'

const readme = readFileSync(join(repoRoot, 'README.md'), 'utf8')
const rowsOf = (mark: string) =>
  (tableIn(readme, mark) ?? []).slice(2).map((line) => line.split('|').map((cell) => cell.trim()))

describe('the README about plugins', () => {
  const rows = rowsOf('plugins')
  const plain = (cell: string | undefined) => cell?.replaceAll('`', '')

  it('has one row for each, and none for what does not exist', () => {
    const names = rows.map(([, name]) => plain(name))
    assert.deepEqual([...names].sort(), plugins.map(({ name }) => name).sort())
  })

  for (const entry of plugins) {
    it(`names all that ${entry.name} patches, and whether it is on`, () => {
      const { name, hooks = [], channels = [] } = entry.load()
      assert.equal(name, entry.name)
      const row = rows.find(([, cell]) => plain(cell) === name)
      const libraries = plain(row?.[2]) ?? ''
      for (const { module } of [...hooks, ...channels]) {
        assert.ok(libraries.includes(module.replace(/^node:/, '')), `${module} is not among: ${libraries}`)
      }
      assert.equal(/off unless/.test(libraries), Boolean(entry.isOffByDefault), libraries)
    })

    it(`has the plugin ${entry.name} wait for all that its hooks patch`, () => {
      const modules = new Set((entry.load().hooks ?? []).map(({ module }) => module))
      assert.deepEqual([...entry.modules].filter((module) => modules.has(module)).sort(), [...modules].sort())
    })
  }
})

describe('the README about versions', () => {
  it('has the releases that the tests of this run declare', () => {
    const rows = new Set(tableIn(readme, 'versions'))
    const missing = versionsTable(declared).filter((row) => !rows.has(row))
    assert.deepEqual(missing, [], '`npm run test:versions` writes them')
  })

  it('has only releases of plugins that there are', () => {
    const names = new Set(plugins.map(({ name }) => `\`${name}\``))
    assert.deepEqual(
      rowsOf('versions').filter(([, name]) => !names.has(name ?? '')),
      [],
    )
  })
})
