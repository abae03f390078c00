// Sequelize on PostgreSQL, as an Express program has it.

import { postgres } from '../../services'
import type { ServerProgram } from '../program'

export const sequelizeApp: ServerProgram = {
  name: 'sequelize-app',
  about: 'Sequelize on PostgreSQL: models, joins, transactions, errors, behind Express',
  packages: { sequelize: '6.37.8', pg: '8.23.1', express: '5.3.0' },
  servers: { DATABASE_URL: postgres },
  app: 'sequelize-app',
  service: 'sequelize-app',
  start: (home) => ({ args: ['server.js'], env: { PORT: String(home.port) } }),
  async ask(asker) {
    const asks = (sql: string) => ({ spans: [`pg.query ${sql}`] })
    const failing = { errors: /^pg.query |middleware <anonymous>$/ }
    await asker.send('GET /books', { route: '/books', ...asks('SELECT "book"."id"') })
    await asker.send('GET /books/2', { route: '/books/:id', ...asks('SELECT "book"."id"') })
    await asker.send('GET /books/99', { route: '/books/:id' })
    await asker.send('GET /books/seven', { route: '/books/:id', ...failing })
    await asker.send('POST /books', {
      json: { author: 'Ben', title: 'New', price: 5 },
      route: '/books',
      spans: ['pg.query START TRANSACTION', 'pg.query INSERT INTO', 'pg.query COMMIT', 'pg.query SELECT'],
    })
    await asker.send('POST /books', { json: { author: 'Ben', title: 'Again' }, ...failing, ...asks('ROLLBACK') })
    await asker.send('POST /books', { json: { author: 'Cem', title: '' }, errors: /middleware/, ...asks('ROLLBACK') })
    await asker.send('PUT /books/2', { json: { price: 7 }, route: '/books/:id', ...asks('UPDATE') })
    await asker.send('DELETE /books/3', { route: '/books/:id', ...asks('DELETE') })
    await asker.send('GET /prices', { route: '/prices', ...asks('SELECT count') })
    await asker.send('GET /wrong', { route: '/wrong', ...failing })
    await asker.together(
      Array.from({ length: 10 }, (_, n) => `GET /books/${(n % 2) + 1}`),
      { route: '/books/:id', ...asks('SELECT') },
    )
  },
  // Its schema is made when it starts and dropped when it ends.
  besides: /^pg.query /,
}
