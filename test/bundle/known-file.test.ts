// Which files a bundler's plugin changes, and into what.

import { strict as assert } from 'node:assert'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { announced, knownFile, knownPackages } from '../../src/bundle/known-file'

describe('the files that a bundle must announce', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dd-known-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  /** A file of an installed package. */
  const path = (name: string, file: string, manifest: object = { version: '1.2.3' }): string => {
    const full = join(folder, 'node_modules', name, file)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(join(folder, 'node_modules', name, 'package.json'), JSON.stringify(manifest))
    return full
  }

  const rows: [name: string, file: string, isEntry: boolean, isPatched: boolean | undefined][] = [
    ['pg', 'lib/client.js', false, true],
    ['pg', 'lib/index.js', false, undefined],
    ['pg', 'lib/index.js', true, false],
    ['@redis/client', 'dist/lib/client/socket.js', false, true],
    ['left-pad', 'index.js', true, undefined],
  ]
  for (const [name, file, isEntry, isPatched] of rows) {
    const what = isPatched === undefined ? 'nothing' : isPatched ? 'its exports' : 'that it is there'
    it(`tell of ${name}/${file}${isEntry ? ', imported by name,' : ''} ${what}`, () => {
      const known = knownFile(path(name, file), isEntry)
      assert.equal(known?.isPatched, isPatched)
      if (known !== undefined) assert.deepEqual(known.file, { name, folder: '', version: '1.2.3', file })
    })
  }

  it('are none of Node, and none of the program', () => {
    assert.ok(knownPackages.includes('pg') && !knownPackages.includes('left-pad'))
    assert.equal(knownFile(join(folder, 'lib', 'client.js'), true), undefined)
  })

  const said = (file: string, rest: string) =>
    `(globalThis[Symbol.for("dd.files")]??=[]).push({"name":"pg","folder":"","file":"${file}","version":"1.2.3"${rest}})`

  it('are told with their module where they are CommonJS', () => {
    for (const text of ['exports.a = 1 // the end', '/*\nimport a\n*/\nconst a = import("b")', '']) {
      const file = path('pg', 'lib/client.js')
      const line = said('lib/client.js', ',module:module')
      assert.equal(announced(text, file, knownFile(file, false)!), `${text}\n;${line};\n`)
    }
  })

  it('are told with what they export where they are ES modules, by their text or their package', () => {
    const es = (text: string, manifest?: object) => {
      const file = path('pg', 'lib/client.js', manifest)
      const line = said('lib/client.js', ',module:{exports:__dd_exports}')
      assert.equal(
        announced(text, file, knownFile(file, false)!),
        `${text}\nimport * as __dd_exports from "./client.js";${line};\n`,
      )
    }
    es('export const a = 1')
    es("'use strict'\n  import a from 'b'")
    es('const a = 1', { version: '1.2.3', type: 'module' })
  })

  it('are replaced by a module with variables where a plugin replaces exports', () => {
    const file = path('postgres', 'src/connection.js', { version: '3.4.9', type: 'module' })
    const text = announced('export default a', file, knownFile(file, false)!)
    assert.ok(!text.includes('export default a'))
    assert.match(
      text,
      /from "\.\/connection\.js\?dd";export \* from .*var __dd_0=__dd_exports\["default"\];export\{__dd_0 as default\}/,
    )
    assert.match(text, /setters:\{"default":\(value\)=>\{__dd_0=value\}\}\}\);\n$/)
  })
})
