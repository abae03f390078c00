// MariaDB for the tests: the server of DD_TEST_MARIADB_URL, an installed program or the Debian package. MySQL itself cannot be had
// from the registries, so MariaDB stands in for it unless DD_TEST_MYSQL_URL names one.

import { dirname, join } from 'node:path'
import { freePort } from '../support/free-port'
import { greet } from './greeting'
import { fromDebian, startLocalServer } from './local-server'
import { fromEnvironmentOr, type Place } from './places'
import type { RunningService, Service } from './service'
import { systemUser } from './system-user'

const host = '127.0.0.1'

/** The server speaks first; MariaDB 10 puts a version of MySQL before its own, for old replicas. */
const version = (name: string, port: number) => greet(name, port, { expect: /(?:5\.5\.5-)?(\d+\.\d+\.\d+[\w.+~-]*)\W/ })

const service = (name: string, variable: string, places: readonly Place[]): Service => ({
  name,
  start: () =>
    fromEnvironmentOr(variable, (url) => version(new URL(url).hostname, Number(new URL(url).port || 3306)), places),
})

export const mariadb = service('MariaDB', 'DD_TEST_MARIADB_URL', fromDebian('mariadbd', 'mariadb-server', launch))

/** What the drivers `mysql` and `mysql2` are tested with. */
export const mysql = process.env['DD_TEST_MYSQL_URL'] ? service('MySQL', 'DD_TEST_MYSQL_URL', []) : mariadb

async function launch(program: string, from: string): Promise<RunningService> {
  const port = await freePort()
  const make = `mariadb-install-db --no-defaults --datadir="$PWD/data" --auth-root-authentication-method=normal`
  const serve = `exec "${program}" --no-defaults --datadir="$PWD/data" --socket="$PWD/socket" --pid-file="$PWD/pid"`
  const listen = `--port=${port} --bind-address=${host} --skip-name-resolve`
  const careless =
    '--innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=16M --skip-log-bin --max-connections=200'
  return startLocalServer({
    name: 'mariadb',
    command: () => [
      '/bin/sh',
      '-c',
      `PATH="${join(dirname(program), '..', 'bin')}:$PATH"; ${make} && ${serve} ${listen} ${careless}`,
    ],
    user: process.getuid?.() === 0 ? systemUser('mysql') : undefined,
    url: `mysql://root@${host}:${port}/test`,
    from,
    version: () => version(host, port),
  })
}
