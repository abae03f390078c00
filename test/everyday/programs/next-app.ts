// Next.js: pages and an API of its App Router, built and started by its command.

import type { ServerProgram } from '../program'

export const nextApp: ServerProgram = {
  name: 'next-app',
  about: 'Next.js: static and rendered pages, an API, a page that fails',
  packages: { next: '16.4.6', react: '19.2.4', 'react-dom': '19.2.4' },
  app: 'next-app',
  service: 'next-app',
  prepare: (home) => home.once('.next', () => home.run('next', 'build', '--webpack')),
  start: (home) => ({
    args: [home.command('next'), 'start', '--hostname', '127.0.0.1', '--port', String(home.port)],
    env: { NEXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1' },
  }),
  ready: /Ready in/,
  async ask(asker) {
    await asker.send('GET /')
    await asker.send('GET /', { headers: { rsc: '1' } })
    await asker.send('GET /hello.txt')
    await asker.send('GET /api/items/7')
    await asker.send('GET /api/items/0')
    await asker.send('PUT /api/items/7', { json: { title: 'Newer' } })
    await asker.send('DELETE /api/items/7')
    await asker.send('GET /items/7', { spans: ['http.request GET', 'web.request GET'] })
    await asker.send('GET /items/0', { errors: /^http.request GET/ })
    await asker.send('GET /broken')
    await asker.send('GET /missing')
    await asker.together(Array.from({ length: 10 }, (_, n) => `GET /api/items/${n + 1}`))
  },
}
