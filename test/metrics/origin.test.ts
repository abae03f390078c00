// The fields that tell the Agent where a metric is from.

import { strict as assert } from 'node:assert'
import type { Container } from '../../src/base/container'
import { knownCardinality, originFields } from '../../src/metrics/dogstatsd/origin'
import { useEnvironment } from '../../src/metrics/metrics-environment'
import { recordedClient } from './recorded-client'

const container = (found: Container) => () => found

describe('the origin of metrics', () => {
  afterEach(() => useEnvironment(() => ({})))

  it('is the id of the container, else the inode of its cgroup, else nothing', () => {
    const field = (found: Container) => originFields({ isDetecting: true }, container(found))
    assert.deepEqual([field({ id: 'abc' }), field({ inode: 7 }), field({})], ['|c:ci-abc', '|c:in-7', ''])
  })

  it('is what the program says, as it says it', () => {
    assert.equal(originFields({ containerId: 'x|y', isDetecting: true }, container({ id: 'abc' })), '|c:x_y')
  })

  it('is not looked for where that is not wanted', () => {
    const find = () => {
      throw new Error('it was looked for')
    }
    assert.equal(originFields({ isDetecting: false }, find), '')
  })

  it('has the external data of the environment, without what cannot be printed', () => {
    const fields = originFields({ externalEnv: 'it-false,\n|cn-x\u200b', isDetecting: false })
    assert.equal(fields, '|e:it-false,cn-x')
  })

  it('has a cardinality that the Agent knows', () => {
    assert.deepEqual(['none', 'LOW', 'Orchestrator', 'high', 'all', '', 5, undefined].map(knownCardinality), [
      'none',
      'low',
      'orchestrator',
      'high',
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  it('is in each line, with the environment behind what the program says', () => {
    useEnvironment(() => ({
      tags: { env: 'prod', service: 'shop' },
      bareTags: ['canary'],
      externalEnv: 'pod-1',
      cardinality: 'Low',
      originDetection: false,
    }))
    const { client, take } = recordedClient({ tags: ['env:test'], originDetection: undefined, containerId: 'c1' })
    client.increment('x', 1, { tags: ['a'] })
    client.gauge('x', 1, { tags: ['a'], timestamp: 5, cardinality: 'high' })
    client.gauge('x', 2, { timestamp: 5, cardinality: 'all' as 'high' })
    const tags = 'env:test,service:shop,canary'
    assert.deepEqual(take(), [
      `x:1|c|#a,${tags}|c:c1|e:pod-1|card:low`,
      `x:1|g|#a,${tags}|c:c1|e:pod-1|T5|card:high`,
      `x:2|g|#${tags}|c:c1|e:pod-1|T5|card:low`,
    ])
    const bare = recordedClient({ environmentTags: false, originDetection: undefined })
    bare.client.increment('x')
    assert.deepEqual(bare.take(), ['x:1|c|e:pod-1|card:low'])
  })
})
