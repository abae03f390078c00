// The HTTP clients that programs use, each asked for what is there, moved, zipped, missing, failing, cut off and too slow.

import type { ServerProgram } from '../program'

const CLIENTS = ['axios', 'got', 'ky', 'superagent', 'nodeFetch', 'fetch', 'undici', 'followRedirects']

export const clientsApp: ServerProgram = {
  name: 'clients-app',
  about: 'axios, got, ky, superagent, node-fetch, undici, fetch: redirects, errors, time-outs',
  packages: {
    axios: '1.21.1',
    got: '14.6.5',
    ky: '1.9.1',
    superagent: '10.4.2',
    'node-fetch': '2.7.0',
    undici: '7.30.2',
    'follow-redirects': '1.16.3',
    express: '5.3.0',
  },
  app: 'clients-app',
  service: 'clients-app',
  start: (home) => ({ args: ['server.js'], env: { PORT: String(home.port) } }),
  async ask(asker) {
    const route = '/:client/:kind'
    const errors = /^(http|web).request /
    for (const client of CLIENTS) {
      const sent = { route, spans: ['http.request GET', 'web.request GET'] }
      await asker.send(`GET /${client}/items`, sent)
      await asker.send(`POST /${client}/items`, { route, spans: ['http.request POST', 'web.request POST'] })
      await asker.send(`GET /${client}/zipped`, sent)
      await asker.send(`GET /${client}/moved`, sent)
      await asker.send(`GET /${client}/missing`, { ...sent, errors })
      await asker.send(`GET /${client}/failure`, { ...sent, errors })
      await asker.send(`GET /${client}/cut`, { ...sent, errors })
      // ky takes its request back itself, which is no failure of the service.
      await asker.send(`GET /${client}/never`, client === 'ky' ? sent : { ...sent, errors })
    }
  },
}
