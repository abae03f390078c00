// Memcached for the tests: the server of DD_TEST_MEMCACHED_URL, an installed program or the Debian package.

import { freePort } from '../support/free-port'
import { type Greeting, greet } from './greeting'
import { fromDebian, startLocalServer } from './local-server'
import { fromEnvironmentOr } from './places'
import type { RunningService, Service } from './service'

const host = '127.0.0.1'
const greeting: Greeting = { send: 'version\r\n', expect: /VERSION (\S+)\r\n/ }

export const memcached: Service = {
  name: 'memcached',
  start: () =>
    fromEnvironmentOr(
      'DD_TEST_MEMCACHED_URL',
      (url) => greet(new URL(url).hostname, Number(new URL(url).port || 11211), greeting),
      fromDebian('memcached', 'memcached', launch),
    ),
}

async function launch(program: string, from: string): Promise<RunningService> {
  const port = await freePort()
  // Root it refuses unless it is told whom to become.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  return startLocalServer({
    name: 'memcached',
    command: () => [program, '-l', host, '-p', `${port}`, '-U', '0', '-m', '16', ...user],
    url: `memcached://${host}:${port}`,
    from,
    version: () => greet(host, port, greeting),
  })
}
