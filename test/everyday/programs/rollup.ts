// rollup: its command is CommonJS, and it loads ES modules and a native part.

import type { CommandProgram } from '../program'

export const rollup: CommandProgram = {
  name: 'rollup',
  about: 'rollup: a bundle on standard output',
  packages: { rollup: '4.68.7' },
  app: 'small-project',
  runs: (home) => [
    { args: [home.command('rollup'), 'src/add.mjs', '--format', 'cjs', '--silent'] },
    { args: [home.command('rollup'), 'src/missing.mjs', '--format', 'es'], code: 1 },
  ],
  processes: 2,
}
