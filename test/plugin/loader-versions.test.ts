// The loader of plugins patches the versions of a library that a plugin knows, and no others.

import { strict as assert } from 'node:assert'
import type { Hook } from '../../src/plugin/contract'
import { collectLog } from '../support/log-lines'
import { operation } from './library'
import { enable, entry, fake, hook, isTraced, make, requireFake, traceQueries, useLoader } from './loading-fakes'

describe('the loader of plugins minds the version', () => {
  useLoader()
  const said = collectLog()

  const versions: [version: string | undefined, traced: boolean][] = [
    ['1.0.0', true],
    ['1.99.99', true],
    ['1.3.0-beta.1', true],
    ['1.2.3+build', true],
    ['0.9.9', false],
    ['2.0.0', false],
    ['2.0.0-rc.1', false],
    ['latest', false],
    ['', false],
    [undefined, false],
  ]
  for (const [version, traced] of versions) {
    it(`and ${traced ? 'patches' : 'leaves alone'} a library ${version === undefined ? 'without one' : `of "${version}"`}`, () => {
      const files = fake()
      Object.assign(files['fake/package.json']!, { version })
      enable()
      assert.equal(isTraced(requireFake(files)), traced)
      assert.equal(isTraced(requireFake(files)), traced)
      const shown = version || 'without a version'
      const line = `fake ${shown} is not supported (only >=1 <2); it is not traced`
      assert.deepEqual(said, traced ? [] : [line], 'said once')
    })
  }

  it('and says it once for a library of many files, with all ranges', () => {
    const hooks: Hook[] = [
      { ...hook, versions: '>=1 <2' },
      { ...hook, versions: '>=3 <4' },
      { ...hook, file: 'lib/index.js', versions: '>=3 <4' },
    ]
    make(entry('fake', ['fake'], { hooks }))
    enable()
    requireFake(fake('2.1.0'))
    assert.deepEqual(said, ['fake 2.1.0 is not supported (only >=1 <2 || >=3 <4); it is not traced'])
  })

  it('of the library, not only of one file that other versions are patched in', () => {
    const hooks: Hook[] = [{ ...hook, file: 'lib/index.js', versions: '<1' }, hook]
    make(entry('fake', ['fake'], { hooks }))
    enable()
    assert.ok(isTraced(requireFake()))
    assert.deepEqual(said, [])
  })

  it('that channels take over from', () => {
    const channels = [{ module: 'fake', versions: '>=2', channel: 'fake:query', operation: operation('q') as never }]
    make(entry('fake', ['fake'], { hooks: [hook], channels }))
    enable()
    requireFake(fake('2.0.0'))
    assert.deepEqual(said, [])
    requireFake(fake('0.1.0'))
    assert.deepEqual(said, ['fake 0.1.0 is not supported (only >=1 <2 || >=2); it is not traced'])
  })

  it('only where the hook names one', () => {
    make(entry('fake', ['fake'], { hooks: [{ module: 'fake', file: 'lib/client.js', patch: traceQueries }] }))
    enable()
    assert.ok(isTraced(requireFake(fake('99.0.0-x'))))
  })
})
