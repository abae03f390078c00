// json-server: a REST API over a file of JSON, on Express 4, lodash and morgan.

import { headerOf } from '../answer-differences'
import type { ServerProgram } from '../program'

const PATHS = ['GET /posts/1', 'GET /comments?postId=1', 'GET /profile']

export const jsonServer: ServerProgram = {
  name: 'json-server',
  about: 'REST API over a JSON file: all verbs, filters, pages, a log of requests',
  packages: { 'json-server': '0.17.4' },
  service: 'json-server',
  prepare(home) {
    const posts = Array.from({ length: 30 }, (_, n) => ({ id: n + 1, title: `post ${n + 1}`, views: n * 10 }))
    const comments = [{ id: 1, body: 'nice', postId: 1 }]
    home.write('db.json', JSON.stringify({ posts, comments, profile: { name: 'writer' } }))
  },
  start: (home) => ({
    args: [home.command('json-server'), '--host', '127.0.0.1', '--port', String(home.port), 'db.json'],
  }),
  async ask(asker) {
    await asker.send('GET /', { route: null })
    await asker.send('GET /posts', { resource: 'GET /posts' })
    await asker.send('GET /posts/2', { route: '/posts/:id' })
    await asker.send('GET /posts?_page=2&_limit=5&_sort=views&_order=desc')
    await asker.send('GET /posts?title_like=post%201')
    await asker.send('GET /posts/1?_embed=comments')
    await asker.send('GET /posts/1/comments')
    await asker.send('GET /posts/99')
    await asker.send('GET /nothing')
    await asker.send('POST /posts', { json: { title: 'new', views: 1 } })
    await asker.send('POST /posts', { json: { id: 1, title: 'there is one' }, errors: /middleware (create|router)$/ })
    await asker.send('POST /posts', {
      body: '{"broken"',
      headers: { 'content-type': 'application/json' },
      errors: /jsonParser$/,
    })
    await asker.send('PUT /posts/31', { json: { title: 'newer' } })
    await asker.send('PATCH /posts/31', { json: { views: 2 } })
    await asker.send('DELETE /posts/31')
    await asker.send('DELETE /posts/31')
    await asker.send('HEAD /posts')
    await asker.send('OPTIONS /posts', {
      headers: { origin: 'http://example.com', 'access-control-request-method': 'PUT' },
    })
    const etag = headerOf(await asker.send('GET /profile'), 'etag') ?? ''
    await asker.send('GET /profile', { headers: { 'if-none-match': etag } })
    await asker.send('GET /posts', { headers: { 'accept-encoding': 'gzip' } })
    await asker.send('POST /posts', { json: { title: 'x'.repeat(2_000_000) } })
    await asker.together(Array.from({ length: 7 }, () => PATHS).flat())
  },
  // morgan's length of an answer that shows a stack.
  varies: { lines: 'in any order', output: [[/(50|40)0(\S* \S+ ms) - \d+/g, '$10$2 - <length>']] },
}
