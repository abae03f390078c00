// Real servers for the tests. `describeWith(postgres, 'pg', (server) => …)` is a `describe` whose tests run against a
// real PostgreSQL, which is started by the first suite that needs it and shared by the rest of the run. A server that
// cannot be had is a skip that says so in the titles of its tests; in CI it is a failure, so that no change is merged
// untested because a download failed.

import { obtain, outcomes } from './obtain'
import { isMissing, type Missing, type RunningService, type Service } from './service'

export { cassandra } from './cassandra'
export { dnsmasq } from './dnsmasq'
export { elasticsearch7 } from './elasticsearch7'
export { elasticsearch8 } from './elasticsearch8'
export { kafka } from './kafka'
export { mariadb, mysql } from './mariadb'
export { memcached } from './memcached'
export { mongo } from './mongo'
export { nats, natsWithoutHeaders } from './nats'
export { obtain } from './obtain'
export { opensearch } from './opensearch'
export { pgNative } from './pg-native'
export { postgres } from './postgres'
export { rabbitmq } from './rabbitmq'
export { redis } from './redis'
export { redisCluster } from './redis-cluster'
export { redisSentinel } from './redis-sentinel'
export type { Missing, RunningService, Service } from './service'
export { traceAgent } from './trace-agent'

/** The first start of a service may install it. */
const startTimeoutMs = 600_000

/** `server()` gives the running service; it can be called in hooks and tests, not while they are being declared. */
export function describeWith(
  service: Service,
  title: string,
  declareTests: (server: () => RunningService) => void,
): Mocha.Suite {
  let running: RunningService | undefined
  return describe(title, () => {
    before(`find or start ${service.name}`, async function () {
      this.timeout(startTimeoutMs)
      const outcome = await obtain(service)
      if (isMissing(outcome)) return skipNamed(this, `no ${service.name}`, outcome.missing, outcome.isOptional)
      running = outcome
    })
    declareTests(() => {
      if (!running) throw new Error(`${service.name} is not there yet: call server() in a hook or a test`)
      return running
    })
  })
}

/** Skips the running test if the server takes one connection at a time, as PGlite does. */
export function needsConcurrency(context: Mocha.Context, server: RunningService): void {
  if (!server.concurrent) skipNamed(context, `needs several connections at a time, which ${server.from} does not take`)
}

/**
 * Skips the running test, or all tests of the suite whose `before` hook runs, and puts the reason into their titles.
 * In CI it fails instead, with the `details` that are too long for a title, unless the service is optional.
 */
export function skipNamed(context: Mocha.Context, reason: string, details?: string, isOptional = false): void {
  if (isCi() && !isOptional)
    throw new Error(`would be skipped, which CI does not accept: ${reason}${details ? `: ${details}` : ''}`)
  const runnable = context.test as (Mocha.Runnable & { type?: string }) | undefined
  const rename = (test: { title: string }): void => {
    test.title += ` (skipped: ${reason})`
  }
  if (runnable?.type === 'hook') runnable.parent?.eachTest(rename)
  else if (runnable) rename(runnable)
  context.skip()
}

/** One line per service that was asked for; empty if none was. */
export async function servicesTable(): Promise<string> {
  const rows = await Promise.all(
    [...outcomes].map(async ([{ name }, outcome]) => {
      const found = await outcome.catch((error: Error): Missing => ({ missing: String(error.message) }))
      return isMissing(found) ? [name, 'missing', found.missing] : [name, found.version, found.from]
    }),
  )
  const table = [['service', 'version', 'from'], ...rows]
  const widths = [0, 1].map((column) => Math.max(...table.map((row) => row[column]!.length)))
  const line = (row: string[]): string => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`
  return rows.length === 0 ? '' : table.map(line).join('\n')
}

export async function stopServices(): Promise<void> {
  const started = [...outcomes.values()]
  outcomes.clear()
  for (const outcome of await Promise.allSettled(started)) {
    if (outcome.status === 'fulfilled' && !isMissing(outcome.value)) await outcome.value.stop()
  }
}

function isCi(): boolean {
  return !['', '0', 'false'].includes(process.env['CI'] ?? '')
}
