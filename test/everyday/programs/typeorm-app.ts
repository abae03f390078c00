// TypeScript without a build: tsx runs hapi and TypeORM on PostgreSQL.

import { postgres } from '../../services'
import type { ServerProgram } from '../program'

export const typeormApp: ServerProgram = {
  name: 'typeorm-app',
  about: 'TypeScript by tsx: hapi, TypeORM on PostgreSQL, decorators, transactions',
  packages: {
    typeorm: '1.1.1',
    '@hapi/boom': '10.0.1',
    '@hapi/hapi': '21.4.10',
    pg: '8.23.1',
    'reflect-metadata': '0.2.2',
    tsx: '4.23.15',
  },
  servers: { DATABASE_URL: postgres },
  app: 'typeorm-app',
  service: 'typeorm-app',
  start: (home) => ({ args: [home.command('tsx'), 'server.ts'], env: { PORT: String(home.port) } }),
  async ask(asker) {
    const asks = (sql: string) => ({ spans: [`pg.query ${sql}`] })
    const guest = { route: '/guests/{id}' }
    await asker.send('POST /guests', {
      json: { name: 'Ann', room: 1 },
      route: '/guests',
      spans: ['pg.query START TRANSACTION', 'pg.query INSERT INTO', 'pg.query COMMIT'],
    })
    await asker.send('POST /guests', { json: { name: 'Ben', room: 9 }, ...asks('ROLLBACK') })
    await asker.send('POST /guests', {
      json: { name: 'Ann', room: 1 },
      errors: /^pg.query INSERT/,
      ...asks('ROLLBACK'),
    })
    await asker.send('GET /guests', { route: '/guests', ...asks('SELECT') })
    await asker.send('GET /guests/1', { ...guest, ...asks('SELECT') })
    await asker.send('GET /guests/99', guest)
    await asker.send('GET /rooms/free', { route: '/rooms/free', ...asks('SELECT "room"') })
    await asker.send('GET /wrong', { route: '/wrong', errors: /^pg.query select nothing/ })
    await asker.send('POST /guests', { body: '{', headers: { 'content-type': 'application/json' } })
    await asker.send('DELETE /guests/1', { ...guest, ...asks('DELETE') })
    await asker.send('GET /missing')
    await asker.together(
      Array.from({ length: 10 }, (_, n) => `GET /guests/${n + 1}`),
      { ...guest, ...asks('SELECT') },
    )
  },
  // Its schema is made when it starts and dropped when it ends.
  besides: /^pg.(query|pool.acquire) /,
}
