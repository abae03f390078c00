// Cassandra for the tests, one node: the server of DD_TEST_CASSANDRA_URL (`cassandra://host:port`), or the jars of Maven Central.
// Its data centre is `datacenter1`, as everywhere where nobody has named another.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../support/free-port'
import { type Greeting, greet } from './greeting'
import { javaLibrary } from './java-library'
import { startLocalServer } from './local-server'
import { fromEnvironmentOr } from './places'
import type { RunningService, Service } from './service'

const host = '127.0.0.1'
const DEFAULT_PORT = 9042

/**
 * OPTIONS of the native protocol, version 4: version, flags, stream, operation, length of a body that is empty. The answer has no
 * release but that of the language: a query would take a second message, after the answer to a first.
 */
const greeting: Greeting = {
  send: Buffer.from('040000000500000000', 'hex'),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a binary protocol
  expect: /CQL_VERSION\x00\x01\x00.([\d.]+)/,
}

export const cassandra: Service = {
  name: 'Cassandra',
  start: () => fromEnvironmentOr('DD_TEST_CASSANDRA_URL', version, [['Maven Central', launch]]),
}

async function launch(): Promise<RunningService> {
  const { folder: jars, java, from } = await javaLibrary('cassandra')
  const [port, storagePort] = [await freePort(), await freePort()]
  const url = `cassandra://${host}:${port}`
  return startLocalServer({
    name: 'cassandra',
    command(folder) {
      mkdirSync(join(folder, 'tmp'))
      const settings = {
        'cassandra.config': `file://${jars}/cassandra.yaml`,
        'logback.configurationFile': `file://${jars}/logback.xml`,
        'cassandra.storagedir': folder,
        'java.io.tmpdir': join(folder, 'tmp'),
        'cassandra.native_transport_port': port,
        'cassandra.storage_port': storagePort,
      }
      const defined = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`)
      const main = 'org.apache.cassandra.service.CassandraDaemon'
      return [java, `@${jars}/jvm.args`, '-cp', `${jars}/lib/*`, ...defined, main]
    },
    // Its folder is removed anyway.
    stopSignal: 'KILL',
    url,
    from,
    version: () => version(url),
  })
}

async function version(url: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return `CQL ${await greet(hostname, Number(port || DEFAULT_PORT), greeting)}`
}
