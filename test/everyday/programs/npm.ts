// npm itself: `npm` under NODE_OPTIONS is the first thing that many run with dd, and it starts other Nodes.

import type { CommandProgram } from '../program'

export const npm: CommandProgram = {
  name: 'npm',
  about: 'npm: version, ls, pack, run a script, an unknown command',
  packages: { npm: '10.9.9' },
  app: 'small-project',
  prepare(home) {
    const project = JSON.parse(home.read('package.json')) as object
    home.write('package.json', JSON.stringify({ ...project, scripts: { sum: 'node src/main.js' } }))
  },
  runs: (home) =>
    [['--version'], ['ls', '--json', '--omit=dev'], ['pack', '--dry-run'], ['run', 'sum'], ['nonsense']].map(
      (args) => ({
        code: args.includes('nonsense') ? 1 : 0,
        args: [home.command('npm'), ...args, '--no-update-notifier'],
      }),
    ),
  processes: 6,
  varies: { output: [[/_logs\/[\w-]+\.log/g, '_logs/*']] },
}
