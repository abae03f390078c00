// jest: test files in VM contexts and in worker processes, with a require of its own.

import type { CommandProgram } from '../program'

export const jest: CommandProgram = {
  name: 'jest',
  about: 'jest: tests that pass and one that fails, in this process and in workers',
  packages: { jest: '30.5.2' },
  app: 'small-project',
  // Workers are started for more than one file.
  prepare: (home) => home.write('test/more.test.js', home.read('test/sums.test.js')),
  runs: (home) => [
    { args: [home.command('jest'), '--cacheDirectory', '.jest', '--runInBand', 'test/sums.test.js'], code: 1 },
    { args: [home.command('jest'), '--cacheDirectory', '.jest', '--maxWorkers', '2'], code: 1 },
  ],
  processes: 4,
  varies: { lines: 'in any order' },
}
