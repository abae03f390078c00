// vite: an ES module, esbuild in a process of its own, rollup with a native part.

import type { CommandProgram } from '../program'

export const vite: CommandProgram = {
  name: 'vite',
  about: 'vite build: a page, its script and a chunk',
  packages: { vite: '6.4.6' },
  load: 'import',
  app: 'small-project',
  runs: (home) => [
    { args: [home.command('vite'), '--version'] },
    { args: [home.command('vite'), 'build', '--minify', 'esbuild', '--target', 'es2022'] },
  ],
  writes: ['dist/index.html'],
  processes: 3,
}
