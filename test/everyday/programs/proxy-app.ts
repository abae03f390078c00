// A gateway on http-proxy-middleware and http-proxy: what comes back is the service's answer, and its spans are below the proxy's.

import type { ServerProgram } from '../program'

export const proxyApp: ServerProgram = {
  name: 'proxy-app',
  about: 'gateway by http-proxy-middleware and http-proxy: bodies, errors, an upgrade',
  packages: { 'http-proxy-middleware': '3.0.10', 'http-proxy': '1.18.1', express: '5.3.0' },
  app: 'proxy-app',
  service: 'proxy-app',
  start: (home) => ({ args: ['server.js'], env: { PORT: String(home.port) } }),
  async ask(asker) {
    const through = (method: string) => ({ spans: [`http.request ${method}`, `web.request ${method}`] })
    for (const path of ['/api', '/plain']) {
      await asker.send(`GET ${path}/items?page=2`, through('GET'))
      await asker.send(`POST ${path}/items`, { json: { name: 'bread' }, ...through('POST') })
      await asker.send(`PUT ${path}/items/7`, { body: Buffer.alloc(500_000, 'x'), ...through('PUT') })
      await asker.send(`DELETE ${path}/items/7`, through('DELETE'))
      await asker.send(`HEAD ${path}/items`, through('HEAD'))
      await asker.send(`GET ${path}/fail`, { errors: /^web.request GET/, ...through('GET') })
      await asker.send(`GET ${path}/cut`, { errors: /^(http|web).request GET/, spans: ['http.request GET'] })
      await asker.together(
        Array.from({ length: 10 }, (_, n) => `GET ${path}/items/${n}`),
        through('GET'),
      )
    }
    await asker.send('GET /away/items', { errors: /^http.request GET/, spans: ['http.request GET'] })
    await asker.send('GET /missing')
    await asker.raw(
      'an upgrade through the proxy',
      'GET /items HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nsaid and echoed',
      /said and echoed$/,
    )
  },
  besides: /^http.request GET/,
}
