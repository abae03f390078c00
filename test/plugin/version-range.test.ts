// That ranges of versions are what semver takes them for: those of all plugins, and others, for versions on both sides of every limit.

import { strict as assert } from 'node:assert'
import { satisfies } from 'semver'
import { plugins } from '../../plugins'
import { isInRange } from '../../src/plugin/version-range'

const ofPlugins = plugins
  .map(({ load }) => load())
  .flatMap(({ hooks = [], channels = [] }) => [...hooks, ...channels].map(({ versions }) => versions))
  .filter((range) => range !== undefined)
const RANGES = [
  ...new Set(ofPlugins),
  ...[
    '*',
    '',
    '^1.2.3',
    '~1.2',
    '1',
    '1.x',
    '>=1',
    '<2',
    '>1 <=2',
    '>=1 <2 || >=3',
    '>=1.0.0-rc.1 <2',
    '>=01 <2',
    ' >=1 <2',
    'no range',
  ],
  ...['>=1  <2', '>=1.2.3.4 <5', '>=0 <0.0.1', '>=1234567890 <2234567890', '>=2 <1', '>=1<2', '>=1.2 <1.2.1'],
]
const AROUND = RANGES.flatMap((range) => range.match(/\d+(?:\.\d+){0,2}/g) ?? []).flatMap((limit) => {
  const [major = 0, minor = 0, patch = 0] = limit.split('.').map(Number)
  const lower =
    patch > 0 ? [major, minor, patch - 1] : minor > 0 ? [major, minor - 1, 99] : [Math.max(major - 1, 0), 99, 99]
  return [lower, [major, minor, patch], [major, minor, patch + 1], [major, minor + 1, 0], [major + 1, 0, 0]].map(
    (parts) => parts.join('.'),
  )
})
const VERSIONS = [
  ...new Set(AROUND.flatMap((version) => [version, `${version}-rc.1`])),
  ...[
    '1.2.3+build',
    'v1.2.3',
    '1.2',
    '01.2.3',
    '1.2.3-0',
    '',
    'without a version',
    ' 1.2.3',
    '1.2.3\n',
    '1234567890.0.0',
    '99999999999999999999.0.0',
  ],
]

describe('a range of versions', () => {
  it('of every plugin is one that needs no semver', () => {
    assert.ok(ofPlugins.length > 50)
    for (const range of ofPlugins) assert.match(range, /^>=\d+(\.\d+){0,2} <\d+(\.\d+){0,2}$/)
  })

  for (const range of RANGES) {
    it(`has the versions that semver finds in it: ${JSON.stringify(range)}`, () => {
      for (const version of VERSIONS) {
        assert.equal(isInRange(version, range), satisfies(version, range, { includePrerelease: true }), version)
      }
    })
  }
})
