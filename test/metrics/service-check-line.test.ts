// Service checks as lines: statuses by name or number, the message last and unable to end the line or begin another field.

import { strict as assert } from 'node:assert'
import { serviceCheckLine } from '../../src/metrics/dogstatsd/service-check-line'
import { recordedClient } from './recorded-client'

describe('a service check', () => {
  it('has a status by name or number', () => {
    const { client, take } = recordedClient()
    for (const status of ['ok', 'warning', 'critical', 'unknown', 0, 1, 2, 3] as const)
      client.serviceCheck('db', status)
    assert.deepEqual(
      take().map((line) => line.slice('_sc|db|'.length)),
      ['0', '1', '2', '3', '0', '1', '2', '3'],
    )
  })

  it('has its fields in their order, the message last', () => {
    const { client, take } = recordedClient({ tags: ['a:1'], containerId: 'ci-1', prefix: 'app' })
    const options = {
      timestamp: 5.9,
      hostname: 'h|1',
      message: 'down|\nm:x',
      tags: { b: 2 },
      cardinality: 'low',
    } as const
    client.serviceCheck('db|1', 2, options)
    client.serviceCheck('db', 0, { message: '', timestamp: 0 })
    assert.deepEqual(take(), ['_sc|db_1|2|d:5|h:h_1|#b:2,a:1|c:ci-1|card:low|m:down_\\nm\\:x', '_sc|db|0|#a:1|c:ci-1'])
  })

  for (const status of [-1, 4, 1.5, '4', 'OK', 'length', null, undefined, {}]) {
    it(`has no status ${String(status)}`, () => {
      const { client } = recordedClient()
      assert.throws(() => client.serviceCheck('db', status as 0), /^TypeError: status has an invalid value/)
    })
  }

  it('has a name', () => {
    assert.throws(() => recordedClient().client.serviceCheck('', 0), /^TypeError: name is required/)
  })

  it('has a message that is cut to what fits', () => {
    const line = (maxBytes: number) => serviceCheckLine('db', 1, { message: 'é\né' }, '|#a', maxBytes)
    assert.equal(line(20), '_sc|db|1|#a|m:é\\né')
    assert.equal(line(19), '_sc|db|1|#a|m:é\\n')
    assert.equal(line(17), '_sc|db|1|#a|m:é')
    assert.equal(line(15), '_sc|db|1|#a')
    assert.equal(line(14), '_sc|db|1|#a')
    assert.equal(line(11), '_sc|db|1|#a')
    assert.equal(line(10), undefined)
  })
})
