// prettier: an ES module behind a CommonJS command, with dynamic imports.

import type { CommandProgram } from '../program'

export const prettier: CommandProgram = {
  name: 'prettier',
  about: 'prettier: check and print, with its exit code',
  packages: { prettier: '3.10.1' },
  load: 'import',
  app: 'small-project',
  runs: (home) => [
    { args: [home.command('prettier'), '--check', 'src'], code: 1 },
    { args: [home.command('prettier'), 'src/sums.js', 'index.html'] },
  ],
  processes: 2,
}
