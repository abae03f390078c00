// The README's table of the versions that plugins are tested with, made from what the tests declare; `npm run test:versions` writes
// it once all of them have passed.

import type { Declared, LibraryVersions } from './library'

export function versionsTable(declared: readonly Declared[]): string[] {
  /** A library may have a suite for each generation of its interface. */
  const majorsOf = new Map<string, LibraryVersions['majors']>()
  for (const { plugin, name, majors } of declared) {
    const key = `| \`${plugin}\` | ${name} |`
    majorsOf.set(key, { ...majorsOf.get(key), ...majors })
  }
  const rows = [...majorsOf].map(([key, majors]) => {
    const releases = Object.values(majors).map((ends) => [...new Set(ends)].join(' – '))
    return `${key} ${releases.join(', ')} |`
  })
  return ['| plugin | library | oldest – newest release of each major |', '| --- | --- | --- |', ...rows.sort()]
}
