// vitest: ES modules through vite's own loader, in processes and in threads.

import type { CommandProgram } from '../program'

export const vitest: CommandProgram = {
  name: 'vitest',
  about: 'vitest: tests that pass and one that fails, in processes and in threads',
  packages: { vitest: '4.1.12' },
  load: 'import',
  app: 'small-project',
  prepare: (home) => home.write('test/more.test.js', home.read('test/sums.test.js')),
  runs: (home) =>
    ['forks', 'threads'].map((pool) => ({
      args: [home.command('vitest'), 'run', '--globals', '--pool', pool],
      code: 1,
      env: { NO_COLOR: '1' },
    })),
  processes: 8,
  varies: { lines: 'in any order' },
}
