// Kafka for the tests, one broker without ZooKeeper: the server of DD_TEST_KAFKA_URL (`kafka://host:port`), or the jars of Maven Central.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../support/free-port'
import { type Greeting, greet } from './greeting'
import { javaLibrary } from './java-library'
import { startLocalServer } from './local-server'
import { fromEnvironmentOr } from './places'
import type { RunningService, Service } from './service'

const host = '127.0.0.1'
/** What the pom asks for: the protocol does not tell the broker's version. */
const VERSION = '3.9.1'
const CLUSTER_ID = 'ZGQtdGVzdC1rYWZrYS0wMQ'
/** ApiVersions v0: key 18, version 0, a correlation id that is text, no client id. The answer: that id, and no error. */
const greeting: Greeting = {
  send: Buffer.from('\0\0\0\x0a\0\x12\0\0ask1\xff\xff', 'latin1'),
  expect: /^....ask1(?=..)/s,
}

export const kafka: Service = {
  name: 'Kafka',
  start: () =>
    fromEnvironmentOr(
      'DD_TEST_KAFKA_URL',
      async (url) => `of ${url}${await greet(new URL(url).hostname, Number(new URL(url).port || 9092), greeting)}`,
      [['Maven Central', launch]],
    ),
}

async function launch(): Promise<RunningService> {
  const { folder: jars, java, from } = await javaLibrary('kafka')
  const [port, controllerPort] = [await freePort(), await freePort()]
  const run = `"${java}" -Xms64m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "${jars}/lib/*"`
  return startLocalServer({
    name: 'kafka',
    command(folder) {
      writeFileSync(join(folder, 'server.properties'), properties(folder, port, controllerPort))
      const format = `${run} kafka.tools.StorageTool format -t ${CLUSTER_ID} -c server.properties`
      return ['/bin/sh', '-c', `${format} && exec ${run} kafka.Kafka server.properties`]
    },
    // It would say goodbye to its only self for seconds, and its folder is removed anyway.
    stopSignal: 'KILL',
    url: `kafka://${host}:${port}`,
    from,
    version: async () => (await greet(host, port, greeting)) + VERSION,
  })
}

function properties(folder: string, port: number, controllerPort: number): string {
  return `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@${host}:${controllerPort}
listeners=PLAINTEXT://${host}:${port},CONTROLLER://${host}:${controllerPort}
controller.listener.names=CONTROLLER
log.dirs=${folder}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
num.partitions=1
`
}
