// RabbitMQ for the tests: the server of DD_TEST_RABBITMQ_URL, an installed program or the Debian package.

import { existsSync } from 'node:fs'
import { freePort } from '../support/free-port'
import { type Greeting, greet } from './greeting'
import { fromDebian, startLocalServer } from './local-server'
import { fromEnvironmentOr } from './places'
import type { RunningService, Service } from './service'

const host = '127.0.0.1'
/** The protocol header of AMQP 0-9-1; the server answers with connection.start, which tells its version. */
const greeting: Greeting = { send: Buffer.from('AMQP\0\0\x09\x01', 'latin1'), expect: /version.....(\d+\.\d+\.\d+)/s }

/** What Debian's program in PATH starts as another user, in folders of its own. */
const DEBIAN_SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server'

/**
 * Erlang finds its peers through a daemon, epmd, that would outlive the server: this one is a child like the server and ends with
 * it. $1 is the server, a script that starts the real one, which is not asked to end: its folder is removed anyway.
 */
const withEpmd = `
export HOME="$PWD" RABBITMQ_MNESIA_BASE="$PWD/data" RABBITMQ_LOG_BASE="$PWD/log"
export RABBITMQ_ENABLED_PLUGINS_FILE="$PWD/plugins" RABBITMQ_PID_FILE="$PWD/pid"
epmd -address ${host} & epmd=$!
"$1" & server=$!
trap 'kill -KILL $(cat pid)' TERM
wait $server; wait $server; code=$?
kill $epmd
wait $epmd
exit $code
`

export const rabbitmq: Service = {
  name: 'RabbitMQ',
  start: () =>
    fromEnvironmentOr(
      'DD_TEST_RABBITMQ_URL',
      (url) => greet(new URL(url).hostname, Number(new URL(url).port || 5672), greeting),
      fromDebian('rabbitmq-server', 'rabbitmq-server', launch),
    ),
}

async function launch(program: string, from: string): Promise<RunningService> {
  const [port, distribution, epmd] = [await freePort(), await freePort(), await freePort()]
  return startLocalServer({
    name: 'rabbitmq',
    command: () => ['/bin/sh', '-c', withEpmd, 'rabbitmq', existsSync(DEBIAN_SERVER) ? DEBIAN_SERVER : program],
    env: {
      RABBITMQ_NODENAME: `dd-test-${port}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: host,
      RABBITMQ_NODE_PORT: `${port}`,
      RABBITMQ_DIST_PORT: `${distribution}`,
      ERL_EPMD_PORT: `${epmd}`,
    },
    url: `amqp://guest:guest@${host}:${port}`,
    from,
    version: () => greet(host, port, greeting),
  })
}
