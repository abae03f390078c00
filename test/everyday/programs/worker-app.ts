// Threads by piscina: work, failures, buffers that are handed over, a request from a thread.

import type { ServerProgram } from '../program'

export const workerApp: ServerProgram = {
  name: 'worker-app',
  about: 'threads by piscina, behind Fastify: work, failures, buffers, requests from a thread',
  packages: { piscina: '5.3.2', fastify: '5.12.8' },
  app: 'worker-app',
  service: 'worker-app',
  start: (home) => ({ args: ['server.js'], env: { PORT: String(home.port) } }),
  async ask(asker) {
    await asker.send('GET /primes/100000', { route: '/primes/:below' })
    await asker.send('GET /upper?text=quiet%20words', { route: '/upper' })
    await asker.send('GET /asked', { route: '/asked' })
    await asker.send('GET /failure', { route: '/failure' })
    await asker.send('GET /exit', { route: '/exit' })
    await asker.send('GET /cancelled', { route: '/cancelled' })
    await asker.send('GET /streamed', { route: '/streamed' })
    await asker.together(
      Array.from({ length: 20 }, (_, n) => `GET /primes/${n * 100}`),
      { route: '/primes/:below' },
    )
  },
  // A thread knows nothing of the request that gave it work.
  besides: /^(http.request GET|fastify.request GET \/primes\/:below$)/,
}
