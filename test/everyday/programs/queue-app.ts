// Jobs by BullMQ on Redis: added alone, late, many at once and as a flow, worked off in the same process.

import { redis } from '../../services'
import type { ServerProgram } from '../program'

export const queueApp: ServerProgram = {
  name: 'queue-app',
  about: 'BullMQ on Redis: jobs, retries, delays, flows, a worker beside Express',
  packages: { bullmq: '6.7.0', ioredis: '5.11.1', express: '5.3.0' },
  servers: { REDIS_URL: redis },
  app: 'queue-app',
  service: 'queue-app',
  start: (home) => ({ args: ['server.js'], env: { PORT: String(home.port) } }),
  async ask(asker) {
    const worked = { spans: ['bullmq.add everyday-orders', 'bullmq.processJob everyday-orders'] }
    const order = (path: string) => `POST /orders${path}`
    await asker.send(order('/now'), { json: { item: 'bread', count: 2 }, route: '/orders/now', ...worked })
    await asker.send('GET /orders/1', { route: '/orders/:id' })
    await asker.send('GET /orders/nothing', { route: '/orders/:id' })
    await asker.send(order('/later'), { json: { item: 'bread' }, route: '/orders/later', ...worked })
    await asker.send(order('/many'), { json: [{ item: 'cake' }, { item: 'bread' }], route: '/orders/many', ...worked })
    await asker.send(order('/flow'), { json: [{ item: 'cake' }, { item: 'bread' }], route: '/orders/flow', ...worked })
    await asker.send(order('/now'), {
      json: { item: 'nothing' },
      ...worked,
      errors: /^bullmq.processJob |middleware <anonymous>$/,
    })
    await asker.send(order('/now'), {
      json: { item: 'rare', attempts: 2 },
      ...worked,
      errors: /^bullmq.processJob /,
    })
    for (const count of [1, 2, 3]) await asker.send(order('/now'), { json: { item: 'rolls', count }, ...worked })
  },
  // What BullMQ waits for, moves and renews by itself.
  besides: /^redis.command /,
}
