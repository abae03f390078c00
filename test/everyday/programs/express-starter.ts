// What express-generator makes: Express 4, pug, morgan; with a router as people add next.

import type { ServerProgram } from '../program'

export const expressStarter: ServerProgram = {
  name: 'express-starter',
  about: 'the app of express-generator: pug pages, static files, cookies, error pages',
  packages: {
    'express-generator': '4.16.1',
    'cookie-parser': '1.4.7',
    debug: '2.6.9',
    express: '4.16.4',
    'http-errors': '1.6.3',
    morgan: '1.9.1',
    pug: '2.0.4',
  },
  app: 'express-starter',
  service: 'starter',
  prepare(home) {
    home.run('express', '--view=pug', 'starter')
    home.write('starter/routes/users.js', home.read('users.js'))
  },
  start: (home) => ({ args: ['starter/bin/www'], env: { PORT: String(home.port) } }),
  async ask(asker) {
    // What hands an error on.
    const failing = { errors: /middleware (jsonParser|router|<anonymous>)$/ }
    await asker.send('GET /', { route: '/' })
    await asker.send('GET /stylesheets/style.css', { route: null })
    await asker.send('HEAD /stylesheets/style.css', { route: null })
    await asker.send('GET /users', { route: '/users' })
    await asker.send('GET /users/7', { route: '/users/:id', headers: { cookie: 'session=abc' } })
    await asker.send('GET /users/7/avatar', { route: '/users/:id/avatar' })
    await asker.send('POST /users', { json: { name: 'Ann' } })
    await asker.send('POST /users', {
      body: 'name=Ann&age=3',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    await asker.send('PUT /users/7', { json: { name: 'Ben' } })
    await asker.send('PATCH /users/7', { json: { name: 'Ben' } })
    await asker.send('DELETE /users/7')
    await asker.send('OPTIONS /users/7')
    await asker.send('GET /users/7/failure', failing)
    await asker.send('GET /users/7/later-failure', failing)
    await asker.send('GET /users/0', failing)
    await asker.send('GET /missing', failing)
    await asker.send('POST /users', { body: '{', headers: { 'content-type': 'application/json' }, ...failing })
    await asker.send('POST /users', {
      body: 'x'.repeat(200_000),
      headers: { 'content-type': 'application/json' },
      ...failing,
    })
    await asker.send('GET /users/%zz', failing)
    await asker.hangUp('GET /users/7/stream')
    await asker.together(
      Array.from({ length: 20 }, (_, n) => `GET /users/${n + 1}`),
      { route: '/users/:id' },
    )
  },
  varies: {
    lines: 'in any order',
    // morgan's length of a page that shows a stack.
    output: [[/([45]\d\d)(\S* \S+ ms) - \d+/g, '$1$2 - <length>']],
  },
}
