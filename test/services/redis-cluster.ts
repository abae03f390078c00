// A Redis cluster for the tests: the one that has a node at DD_TEST_REDIS_CLUSTER_URL, or six servers of an installed program or of
// the Debian package, three of them replicas. Every slot is served before it is given out.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { cleanEnv } from '../support/clean-env'
import { freePort } from '../support/free-port'
import { type Greeting, greet, untilAnswers } from './greeting'
import { fromDebian, programPath, startLocalServer } from './local-server'
import { fromEnvironmentOr } from './places'
import type { RunningService, Service } from './service'

const host = '127.0.0.1'
const NODES = 6
/** The nodes agree within two seconds; a busy machine takes longer. */
const PATIENCE_MS = 60_000
const version: Greeting = { send: 'INFO server\r\n', expect: /redis_version:(\S+)/ }
const agreed: Greeting = { send: 'CLUSTER INFO\r\n', expect: /cluster_state:(ok)[\s\S]*cluster_slots_ok:16384/ }

export const redisCluster: Service = {
  name: 'Redis cluster',
  start: () =>
    fromEnvironmentOr(
      'DD_TEST_REDIS_CLUSTER_URL',
      (url) => greet(new URL(url).hostname, Number(new URL(url).port || 6379), version),
      fromDebian('redis-server', 'redis-server', launch),
    ),
}

async function launch(program: string, from: string): Promise<RunningService> {
  const ports: number[] = []
  const nodes: RunningService[] = []
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()))
  }
  try {
    for (let node = 0; node < NODES; node++) {
      const port = await freePort()
      ports.push(port)
      nodes.push(await launchNode(program, from, port))
    }
    const addresses = ports.map((port) => `${host}:${port}`)
    const cli = programPath('redis-cli') ?? 'redis-cli'
    const create = ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes']
    await promisify(execFile)(cli, create, { env: cleanEnv(), timeout: PATIENCE_MS })
    const { signal } = new AbortController()
    await Promise.all(ports.map((port) => untilAnswers(() => greet(host, port, agreed), PATIENCE_MS, signal)))
  } catch (error) {
    await stop()
    throw error
  }
  return { ...nodes[0]!, stop }
}

async function launchNode(program: string, from: string, port: number): Promise<RunningService> {
  const busPort = await freePort()
  const common = ['--port', `${port}`, '--bind', host, '--save', '', '--appendonly', 'no']
  const cluster = ['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`, '--cluster-config-file', 'nodes.conf']
  return startLocalServer({
    name: 'redis-node',
    command: () => [program, ...common, ...cluster],
    url: `redis://${host}:${port}`,
    from,
    version: () => greet(host, port, version),
  })
}
