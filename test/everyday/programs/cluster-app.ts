// Node's cluster: workers that share a port, tell their primary something, end and crash.

import { setTimeout as pause } from 'node:timers/promises'
import type { ServerProgram } from '../program'

/** Until the primary knows that a worker is gone, and gives it no more connections. */
const CRASH_MS = 1000

export const clusterApp: ServerProgram = {
  name: 'cluster-app',
  about: "Node's cluster: three workers behind one port, one that leaves and one that crashes",
  packages: { express: '5.3.0' },
  app: 'cluster-app',
  service: 'cluster-app',
  start: (home) => ({ args: ['server.js'], env: { PORT: String(home.port) } }),
  ready: /3 listen/,
  async ask(asker) {
    await asker.send('GET /', { route: '/' })
    await asker.send('GET /told', { route: '/told' })
    const items = Array.from({ length: 20 }, (_, n) => `GET /items/${n}`)
    await asker.together(items, { route: '/items/:id' })
    await asker.together(['GET /leave'], { route: '/leave' })
    await pause(CRASH_MS)
    await asker.together(items, { route: '/items/:id' })
    await asker.together(['GET /crash'], { route: '/crash' })
    await pause(CRASH_MS)
    await asker.together(items, { route: '/items/:id' })
  },
  varies: { lines: 'in any order' },
}
