// What runs TypeScript without a build: ts-node by hooks of require, tsx by a process of its own with hooks of both kinds.

import type { CommandProgram } from '../program'

const RUNS = [{ words: ['add', '1', '2', '3'] }, { words: ['fail'], code: 1 }]

export const tsNode: CommandProgram = {
  name: 'ts-node',
  about: 'ts-node: a program of TypeScript, one that fails',
  packages: { 'ts-node': '10.9.2', typescript: '5.9.3' },
  app: 'small-project',
  runs: (home) =>
    RUNS.map(({ words, code = 0 }) => ({ args: [home.command('ts-node'), 'typed/main.ts', ...words], code })),
  processes: 2,
}

export const tsx: CommandProgram = {
  name: 'tsx',
  about: 'tsx: a program of TypeScript, one that fails',
  packages: { tsx: '4.23.15' },
  app: 'small-project',
  runs: (home) => RUNS.map(({ words, code = 0 }) => ({ args: [home.command('tsx'), 'typed/main.ts', ...words], code })),
  processes: 6,
}
