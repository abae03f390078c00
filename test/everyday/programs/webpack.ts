// webpack by its command: dynamic requires, workers for minifying, a build on disk.

import type { CommandProgram } from '../program'

export const webpack: CommandProgram = {
  name: 'webpack',
  about: 'webpack: a production build with a chunk of its own',
  packages: { webpack: '5.112.2', 'webpack-cli': '6.0.1' },
  app: 'small-project',
  runs: (home) => [
    { args: [home.command('webpack'), '--mode', 'production', '--entry', './src/page.mjs', '--output-path', 'out'] },
    { args: [home.command('webpack'), '--mode', 'production', '--entry', './src/missing.js'], code: 1 },
  ],
  writes: ['out/main.js'],
  processes: 4,
}
