// A Koa app with the middleware most have: router, body parser, static files, compression.

import type { ServerProgram } from '../program'

export const koaApp: ServerProgram = {
  name: 'koa-app',
  about: 'Koa with router, body parser, static files and compression',
  packages: {
    koa: '3.3.0',
    '@koa/router': '15.7.0',
    'koa-bodyparser': '4.4.1',
    'koa-compress': '5.2.2',
    'koa-static': '5.0.0',
  },
  app: 'koa-app',
  service: 'koa-app',
  start: (home) => ({ args: ['app.js'], env: { PORT: String(home.port) } }),
  async ask(asker) {
    await asker.send('GET /books', { route: '/books' })
    await asker.send('GET /books/2', { route: '/books/:id' })
    await asker.send('GET /books/99', { route: '/books/:id', errors: /^koa.middleware / })
    await asker.send('POST /books', { json: { title: 'New' }, route: '/books' })
    await asker.send('POST /books', {
      body: 'title=New',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    await asker.send('POST /books', {
      body: '{',
      headers: { 'content-type': 'application/json' },
      errors: /^koa.middleware /,
    })
    await asker.send('PUT /books/2', { json: { title: 'Newer' } })
    await asker.send('DELETE /books/2', { route: '/books/:id' })
    await asker.send('GET /long', { headers: { 'accept-encoding': 'gzip' }, route: '/long' })
    await asker.send('GET /long', { headers: { 'accept-encoding': 'br' }, route: '/long' })
    await asker.send('GET /stream', { route: '/stream' })
    await asker.send('GET /failure', { route: '/failure', errors: /^koa.middleware / })
    await asker.send('GET /hello.txt', { route: null })
    await asker.send('GET /hello.txt', { headers: { range: 'bytes=0-3' }, route: null })
    await asker.send('HEAD /books')
    await asker.send('OPTIONS /books')
    await asker.send('PATCH /books')
    await asker.send('GET /missing', { route: null })
    await asker.hangUp('GET /endless', { route: '/endless' })
    await asker.together(
      Array.from({ length: 20 }, (_, n) => `GET /books/${(n % 3) + 1}`),
      { route: '/books/:id' },
    )
  },
}
