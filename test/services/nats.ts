// NATS with JetStream for the tests: the server of DD_TEST_NATS_URL, an installed program or the Debian package.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../support/free-port'
import { type Greeting, greet } from './greeting'
import { fromDebian, startLocalServer } from './local-server'
import { firstOf, fromEnvironmentOr } from './places'
import type { RunningService, Service } from './service'

const host = '127.0.0.1'
const greeting: Greeting = { expect: /^INFO \{.*"version":"([^"]+)"/ }

export const nats: Service = {
  name: 'NATS',
  start: () =>
    fromEnvironmentOr(
      'DD_TEST_NATS_URL',
      (url) => greet(new URL(url).hostname, Number(new URL(url).port || 4222), greeting),
      fromDebian('nats-server', 'nats-server', launch),
    ),
}

/** As servers before 2.2 were. */
export const natsWithoutHeaders: Service = {
  name: 'NATS without headers',
  start: () =>
    firstOf(
      fromDebian('nats-server', 'nats-server', (program, from) => launch(program, from, 'no_header_support: true')),
    ),
}

async function launch(program: string, from: string, settings = ''): Promise<RunningService> {
  const port = await freePort()
  return startLocalServer({
    name: 'nats',
    command(folder) {
      const file = join(folder, 'nats.conf')
      writeFileSync(file, settings)
      return [program, '-c', file, '-a', host, '-p', `${port}`, '-js', '-sd', folder]
    },
    url: `nats://${host}:${port}`,
    from,
    version: () => greet(host, port, greeting),
  })
}
