// eslint: ES modules and CommonJS together, a configuration that it imports.

import type { CommandProgram } from '../program'

export const eslint: CommandProgram = {
  name: 'eslint',
  about: 'eslint: an error found, with its exit code',
  packages: { eslint: '9.39.1' },
  app: 'small-project',
  runs: (home) => [
    { args: [home.command('eslint'), 'src'], code: 1 },
    { args: [home.command('eslint'), '--format', 'json', 'src/sums.js'] },
    { args: [home.command('eslint'), 'nothing-here'], code: 2 },
  ],
  processes: 3,
}
