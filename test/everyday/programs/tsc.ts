// tsc, the compiler of TypeScript 5: a synchronous program of one large file.

import type { CommandProgram } from '../program'

export const tsc: CommandProgram = {
  name: 'tsc',
  about: 'TypeScript compiler: a type error, declarations, a build',
  packages: { typescript: '5.9.3' },
  app: 'small-project',
  runs: (home) => [
    { args: [home.command('tsc'), '--version'] },
    { args: [home.command('tsc'), 'src/typed.ts', '--declaration', '--outDir', 'out', '--target', 'es2022'], code: 2 },
  ],
  writes: ['out/typed.js', 'out/typed.d.ts'],
  processes: 2,
}
