// The redis plugin on a real cluster of six Redis servers: commands find their node and their request, and looking for the nodes
// leaves no trace.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { describeWith, redisCluster } from '../services'
import { describeLibrary } from '../support/library'
import { Tracing } from '../support/tracing'
import { checkRequests, commandsOf, rawOf } from './redis-command'

interface Cluster {
  connect(): Promise<unknown>
  set(key: string, value: string): Promise<unknown>
  disconnect(): Promise<void>
  on(event: 'error', listener: () => void): unknown
}

describeWith(redisCluster, 'redis on a cluster', (server) => {
  const majors = { 4: ['4.1.0', '4.7.1'], 5: ['5.0.0', '5.12.1'], 6: ['6.0.0', '6.3.1'] } as const
  describeLibrary('redis', { name: 'redis', majors }, (library) => {
    it('gives each of 20 requests its commands, and none to finding the nodes', async () => {
      const tracing = await Tracing.start({ redis: true })
      try {
        const { createCluster } = library.load<{ createCluster(options: object): Cluster }>()
        const cluster = createCluster({ rootNodes: [{ url: server().url }] })
        cluster.on('error', () => {})
        await tracer.trace('start', () => cluster.connect())
        assert.deepEqual(rawOf(await tracing.spans()), [])
        tracing.clear()
        await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            tracer.trace('request', { resource: `r${n}` }, () => cluster.set(`dd-test:${n}`, '1')),
          ),
        )
        await cluster.disconnect()
        const spans = await tracing.spans()
        checkRequests(spans, 20, (n) => [`SET dd-test:${n} 1`])
        const ports = commandsOf(spans).map(({ metrics }) => metrics['network.destination.port'])
        assert.equal(new Set(ports).size, 3)
      } finally {
        await tracing.stop()
      }
    })
  })
})
