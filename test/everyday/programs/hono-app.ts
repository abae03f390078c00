// ES modules only: Hono on Node's server, Drizzle on postgres.js.

import { postgres } from '../../services'
import type { ServerProgram } from '../program'

export const honoApp: ServerProgram = {
  name: 'hono-app',
  about: 'Hono with Drizzle on postgres.js, as ES modules: validation, streams, errors',
  packages: { hono: '4.13.19', '@hono/node-server': '1.19.19', 'drizzle-orm': '0.45.4', postgres: '3.4.9' },
  servers: { DATABASE_URL: postgres },
  load: 'import',
  app: 'hono-app',
  service: 'hono-app',
  start: (home) => ({ args: ['server.js'], env: { PORT: String(home.port) } }),
  async ask(asker) {
    const asks = (sql: string) => ({ spans: [`postgres.query ${sql}`] })
    await asker.send('GET /tasks', { ...asks('select') })
    await asker.send('GET /tasks/2', { route: '/tasks/:id{[0-9]+}', ...asks('select') })
    // What a handler throws.
    const thrown = { errors: /^(hono.middleware|postgres.query) / }
    await asker.send('GET /tasks/99', { route: '/tasks/:id{[0-9]+}', ...thrown })
    await asker.send('GET /tasks/seven')
    await asker.send('POST /tasks', { json: { title: 'wake' }, route: '/tasks', ...asks('insert') })
    await asker.send('POST /tasks', { json: { title: 'wake' }, ...thrown, ...asks('insert') })
    await asker.send('POST /tasks', { json: { name: 'no title' } })
    await asker.send('POST /tasks', { body: '{', headers: { 'content-type': 'application/json' }, ...thrown })
    await asker.send('PATCH /tasks/2', { json: { done: true }, route: '/tasks/:id', ...asks('update') })
    await asker.send('GET /count', { headers: { 'accept-encoding': 'gzip' }, route: '/count', ...asks('select count') })
    await asker.send('GET /stream', { route: '/stream', ...asks('select n') })
    await asker.send('GET /wrong', { route: '/wrong', ...thrown })
    await asker.send('HEAD /tasks')
    await asker.send('GET /missing')
    await asker.together(
      Array.from({ length: 10 }, (_, n) => `GET /tasks/${(n % 3) + 1}`),
      { route: '/tasks/:id{[0-9]+}', ...asks('select') },
    )
  },
  // Its schema is made when it starts and dropped when it ends.
  besides: /^postgres.query /,
}
