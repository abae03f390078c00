// The queue of packets against a plain model of it, and its waiting.

import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { type Packet, PacketQueue } from '../../src/metrics/transport/packet-queue'

const packet = (bytes: number): Packet => ({ text: 'x'.repeat(bytes), bytes, lines: 1 })

describe('the queue of packets', () => {
  it('does what a list does, for any calls', () => {
    const calls = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant('shift' as const)), { maxLength: 60 })
    fc.assert(
      fc.property(calls, fc.boolean(), (given, dropsNewest) => {
        const dropped: Packet[] = []
        const whenFull = dropsNewest ? 'drop-newest' : 'drop-oldest'
        const queue = new PacketQueue({ maxWaitingPackets: 4, maxWaitingBytes: 20, whenFull }, (one) =>
          dropped.push(one),
        )
        const model: Packet[] = []
        const lost: Packet[] = []
        for (const call of given) {
          if (call === 'shift') {
            const taken = queue.shift()
            assert.equal(taken, model.shift())
            if (taken !== undefined) queue.finish()
            continue
          }
          const one = packet(call)
          queue.push(one)
          const fits = () =>
            model.length === 0 || (model.length < 4 && model.reduce((sum, { bytes }) => sum + bytes, call) <= 20)
          if (dropsNewest) (fits() ? model : lost).push(one)
          else {
            while (!fits()) lost.push(model.shift()!)
            model.push(one)
          }
        }
        assert.deepEqual([queue.size, queue.unfinished], [model.length, model.length])
        assert.deepEqual(dropped, lost)
      }),
    )
  })

  it('keeps its order beyond the places that it cleans up at once', () => {
    const queue = new PacketQueue({ maxWaitingPackets: 5000 }, () => assert.fail())
    const all = Array.from({ length: 4000 }, () => packet(1))
    const taken: (Packet | undefined)[] = []
    for (const one of all) {
      queue.push(one)
      if (queue.size > 1500) taken.push(queue.shift())
    }
    while (queue.size > 0) taken.push(queue.shift())
    assert.ok(taken.every((one, at) => one === all[at]))
    assert.deepEqual([taken.length, queue.shift()], [4000, undefined])
  })

  it('waits for what there is, and not for what comes later', async () => {
    const queue = new PacketQueue({}, () => {})
    queue.begin()
    queue.push(packet(1))
    const waiting = queue.settled(10_000)
    queue.push(packet(1))
    let isSettled = false
    void waiting.then(() => {
      isSettled = true
    })
    queue.finish()
    await Promise.resolve()
    assert.equal(isSettled, false)
    queue.finish()
    await waiting
    assert.equal(queue.unfinished, 1)
  })

  it('gives out what is not sent in time, without what came later', async () => {
    const queue = new PacketQueue({}, () => {})
    const [old, young] = [packet(1), packet(2)]
    queue.push(old)
    const taking = queue.settledOrTaken(1)
    queue.push(young)
    assert.deepEqual(await taking, [old])
    assert.equal(queue.shift(), young)
  })
})
