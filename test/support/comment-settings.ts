// How the call styles of a database's plugin are run: as usual, and once more with the comments of Database Monitoring, of which a program
// must not see anything either.

import type { PluginSetting } from '../../src'

export const withAndWithoutComments: readonly [title: string, setting: PluginSetting][] = [
  ['asked for by', true],
  ['with comments, asked for by', { dbmPropagationMode: 'full' }],
]
