// mocha: an ES module entry that requires test files.

import type { CommandProgram } from '../program'

export const mocha: CommandProgram = {
  name: 'mocha',
  about: 'mocha: tests that pass and one that fails',
  packages: { mocha: '11.7.5' },
  app: 'small-project',
  runs: (home) => [
    { args: [home.command('mocha'), 'test'], code: 1 },
    { args: [home.command('mocha'), '--parallel', '--jobs', '1', '--reporter', 'json', 'test'], code: 1 },
  ],
  processes: 4,
  varies: { output: [[/"(duration|start|end)": ?[^,\n]+/g, '"$1": 0']] },
}
