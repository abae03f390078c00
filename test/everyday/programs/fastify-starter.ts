// What `fastify generate` makes, started by fastify-cli: autoloaded plugins and routes, @fastify/sensible, pino; with a route as people add next.

import type { ServerProgram } from '../program'

export const fastifyStarter: ServerProgram = {
  name: 'fastify-starter',
  about: 'the app of fastify-cli: autoloaded routes, schemas, hooks, logs by pino',
  packages: {
    'fastify-cli': '8.0.2',
    fastify: '5.12.8',
    'fastify-plugin': '6.0.1',
    '@fastify/autoload': '6.5.0',
    '@fastify/sensible': '6.0.6',
  },
  app: 'fastify-starter',
  service: 'starter',
  prepare(home) {
    home.run('fastify', 'generate', 'starter')
    home.write('package.json', JSON.stringify({ name: 'starter' }))
    home.write('starter/routes/items/index.js', home.read('items.js'))
  },
  start: (home) => ({
    args: [
      home.command('fastify'),
      ...['start', '--log-level', 'info', '--port', String(home.port), '--address', '127.0.0.1', 'starter/app.js'],
    ],
  }),
  async ask(asker) {
    await asker.send('GET /', { route: '/' })
    await asker.send('GET /example', { route: '/example' })
    await asker.send('GET /example/', { route: '/example' })
    await asker.send('GET /items/7?detail=true', { route: '/items/:id' })
    await asker.send('GET /items/seven', { route: '/items/:id' })
    await asker.send('HEAD /items/7', { route: '/items/:id' })
    await asker.send('POST /items', { json: { name: 'bread', price: 3 }, route: '/items' })
    await asker.send('POST /items', { json: { price: 3 } })
    await asker.send('POST /items', { body: '{"name', headers: { 'content-type': 'application/json' } })
    await asker.send('POST /items', { body: '<item/>', headers: { 'content-type': 'application/xml' } })
    await asker.send('POST /items', { json: { name: 'x'.repeat(1_100_000), price: 1 } })
    await asker.send('PUT /items/7', { json: { name: 'cake', price: 4 }, route: '/items/:id' })
    await asker.send('DELETE /items/7', { route: '/items/:id' })
    await asker.send('GET /items/7/stream', { route: '/items/:id/stream' })
    await asker.send('GET /items/7/failure', { route: '/items/:id/failure' })
    await asker.send('GET /items/7/teapot', { route: '/items/:id/teapot' })
    await asker.send('GET /missing')
    await asker.send('GET /items/%zz')
    await asker.send('OPTIONS /items')
    await asker.hangUp('GET /items/7/endless')
    await asker.together(
      Array.from({ length: 20 }, (_, n) => `GET /items/${n}`),
      { route: '/items/:id' },
    )
  },
  varies: {
    lines: 'in any order',
    output: [
      [/"(time|pid|responseTime|remotePort)":[\d.]+/g, '"$1":0'],
      [/"dd":\{[^}]*\},/g, ''],
    ],
  },
}
