// Redis for the tests: the server of DD_TEST_REDIS_URL, an installed program or the Debian package.

import { freePort } from '../support/free-port'
import { type Greeting, greet } from './greeting'
import { fromDebian, startLocalServer } from './local-server'
import { fromEnvironmentOr } from './places'
import type { RunningService, Service } from './service'

const host = '127.0.0.1'
const greeting: Greeting = { send: 'INFO server\r\n', expect: /redis_version:(\S+)/ }

export const redis: Service = {
  name: 'Redis',
  start: () =>
    fromEnvironmentOr(
      'DD_TEST_REDIS_URL',
      (url) => greet(new URL(url).hostname, Number(new URL(url).port || 6379), greeting),
      fromDebian('redis-server', 'redis-server', launch),
    ),
}

async function launch(program: string, from: string): Promise<RunningService> {
  const port = await freePort()
  return startLocalServer({
    name: 'redis',
    command: () => [program, '--port', `${port}`, '--bind', host, '--save', '', '--appendonly', 'no'],
    url: `redis://${host}:${port}`,
    from,
    version: () => greet(host, port, greeting),
  })
}
