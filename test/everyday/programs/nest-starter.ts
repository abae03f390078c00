// A Nest application as its starter has it, in TypeScript: modules, controllers, injection, pipes, guards, interceptors, filters.

import type { ServerProgram } from '../program'

export const nestStarter: ServerProgram = {
  name: 'nest-starter',
  about: 'Nest on Express, in TypeScript: injection, pipes, guards, filters, its log',
  packages: {
    '@nestjs/core': '11.2.10',
    '@nestjs/common': '11.2.10',
    '@nestjs/platform-express': '11.2.10',
    'class-transformer': '0.5.1',
    'class-validator': '0.15.1',
    'reflect-metadata': '0.2.2',
    rxjs: '7.8.2',
    typescript: '5.9.3',
    '@types/node': '20.19.0',
  },
  app: 'nest-starter',
  service: 'nest-starter',
  prepare: (home) => home.run('tsc', '--project', '.'),
  start: (home) => ({ args: ['dist/main.js'], env: { PORT: String(home.port), NO_COLOR: '1' } }),
  async ask(asker) {
    const handled = (name: string) => ({ spans: [`nestjs.handler ${name}`] })
    await asker.send('GET /', { route: '/', ...handled('AppController.hello') })
    await asker.send('GET /cats', { route: '/cats', ...handled('CatsController.all') })
    await asker.send('GET /cats/2', { route: '/cats/:id', ...handled('CatsController.one') })
    await asker.send('GET /cats/two', { route: '/cats/:id', errors: /one$/ })
    await asker.send('GET /cats/99', { route: '/cats/:id', errors: /one$/ })
    await asker.send('POST /cats', { json: { name: 'Tom', age: 3 }, route: '/cats', ...handled('CatsController.add') })
    await asker.send('POST /cats', { json: { name: 'Tom', age: 'three', tail: true }, errors: /add$/ })
    await asker.send('POST /cats', {
      body: '{"name"',
      headers: { 'content-type': 'application/json' },
      errors: /jsonParser$/,
    })
    await asker.send('PUT /cats/2', { json: { name: 'Tim', age: 4 }, route: '/cats/:id' })
    await asker.send('PATCH /cats/2', { json: { age: 5 } })
    await asker.send('DELETE /cats/2', { headers: { authorization: 'secret' }, route: '/cats/:id' })
    await asker.send('DELETE /cats/2', { errors: /remove$/ })
    await asker.send('GET /cats/2/stream', { route: '/cats/:id/stream' })
    await asker.send('GET /cats/2/observable', { route: '/cats/:id/observable' })
    await asker.send('GET /cats/2/events', { route: '/cats/:id/events' })
    await asker.send('GET /cats/2/redirect', { route: '/cats/:id/redirect' })
    await asker.send('GET /failure', { route: '/failure', errors: /failure$/ })
    await asker.send('GET /filtered', { route: '/filtered', errors: /filtered$/ })
    await asker.send('HEAD /cats')
    await asker.send('OPTIONS /cats', {
      headers: { origin: 'http://example.com', 'access-control-request-method': 'PUT' },
    })
    await asker.send('GET /missing')
    await asker.together(
      Array.from({ length: 20 }, (_, n) => `GET /cats/${(n % 3) + 1}`),
      { route: '/cats/:id' },
    )
  },
  varies: {
    output: [
      [/\[Nest\] \d+ {2}- [^L]*LOG/g, '[Nest] LOG'],
      [/\[Nest\] \d+ {2}- .*?(AM|PM)/g, '[Nest]'],
      [/\+\d+ms/g, '+0ms'],
    ],
  },
}
