// pm2, which keeps a program running: two instances in its cluster mode, in the foreground as in a container.

import type { ServerProgram } from '../program'

export const pm2: ServerProgram = {
  name: 'pm2',
  about: 'pm2-runtime: two instances of an Express program in cluster mode, ended by a signal',
  packages: { pm2: '7.0.4', express: '5.3.0' },
  app: 'pm2-app',
  service: 'shop',
  start: (home) => ({
    args: [home.command('pm2-runtime'), 'start', 'ecosystem.config.js'],
    env: { PORT: String(home.port), PM2_HOME: home.file('.pm2'), NO_COLOR: '1' },
  }),
  ready: /App \[shop:1\] online/,
  async ask(asker) {
    await asker.send('GET /', { route: '/' })
    await asker.send('GET /missing', { route: null })
    await asker.together(
      Array.from({ length: 20 }, (_, n) => `GET /items/${n}`),
      { route: '/items/:id' },
    )
  },
  varies: {
    lines: 'in any order',
    output: [
      [/(pid|PID)[ :=]+\d+/g, '$1 *'],
      // It looks every 100 ms whether a process has ended.
      [/^.*failed to kill - retrying.*\n/gm, ''],
    ],
  },
}
