// The README's table of the versions that plugins are tested with, made from what the tests declare; `npm run test:versions` writes
// it once all of them have passed.

import type { Declared } from './library'

export const VERSIONS_MARK = 'versions'

export function versionsTable(declared: readonly Declared[]): string[] {
  const rows = new Map<string, string>()
  for (const { plugin, name, majors } of declared) {
    const releases = Object.values(majors).map((ends) => [...new Set(ends)].join(' – '))
    rows.set(`${plugin} ${name}`, `| \`${plugin}\` | ${name} | ${releases.join(', ')} |`)
  }
  return [
    '| plugin | library | oldest – newest release of each major |',
    '| --- | --- | --- |',
    ...[...rows.keys()].sort().map((key) => rows.get(key)!),
  ]
}
