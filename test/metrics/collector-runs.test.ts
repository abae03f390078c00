// Runs of a collector: each job has one of its own, which ends with it, however it ends.

import { strict as assert } from 'node:assert'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { MAX_OPEN } from '../../src/metrics/collector/collecting'
import { DogstatsdCollector } from '../../src/metrics/collector/dogstatsd-collector'
import { RequestCollectors } from '../../src/metrics/collector/request-collectors'
import { notingSink, type Told } from '../support/vectors/play-collector'

describe('collector.run', () => {
  let told: Told[]
  let collectors: RequestCollectors

  beforeEach(() => {
    told = []
    collectors = new RequestCollectors(notingSink(told))
  })

  const lines = () =>
    told.splice(0).map(([kind, name, value, { tags }]) => `${kind} ${name} ${value} ${tags.join(',')}`.trim())

  it('gives what the function returns, after it has sent what that recorded', () => {
    const result = collectors.run((own) => {
      assert.equal(collectors.active, own)
      own.increment('m')
      collectors.active.increment('m')
      assert.deepEqual(lines(), [])
      return 'value'
    })
    assert.equal(result, 'value')
    assert.deepEqual(lines(), ['increment m 2'])
  })

  it('sends what was recorded when the function throws, and lets the very error through', () => {
    const error = new RangeError('boom')
    assert.throws(
      () =>
        collectors.run((own) => {
          own.increment('m')
          throw error
        }),
      (thrown) => thrown === error,
    )
    assert.deepEqual(lines(), ['increment m 1'])
  })

  for (const fails of [false, true]) {
    it(`waits until a promise ${fails ? 'is rejected' : 'is fulfilled'}`, async () => {
      const job = collectors.run(async (own) => {
        own.increment('m')
        await nextTurn()
        collectors.active.increment('m')
        queueMicrotask(() => collectors.active.increment('m'))
        await pause(1)
        if (fails) throw new RangeError('boom')
        return 'value'
      })
      assert.deepEqual(lines(), [])
      if (fails) await assert.rejects(job, { message: 'boom' })
      else assert.equal(await job, 'value')
      assert.deepEqual(lines(), ['increment m 3'])
    })
  }

  it('leaves a rejection unhandled that nobody handles', async () => {
    const heard: unknown[] = []
    const others = process.rawListeners('unhandledRejection') as NodeJS.UnhandledRejectionListener[]
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', (reason) => heard.push(reason))
    try {
      collectors.run(() => Promise.reject(new RangeError('nobody')))
      await nextTurn()
      await nextTurn()
    } finally {
      process.removeAllListeners('unhandledRejection')
      for (const other of others) process.on('unhandledRejection', other)
    }
    assert.deepEqual(heard.map(String), ['RangeError: nobody'])
  })

  it('keeps the methods of a thenable that is no promise, and does not start its work', async () => {
    let started = 0
    const query = {
      limit: () => query,
      // biome-ignore lint/suspicious/noThenProperty: that is what is tested
      then: (resolve: (value: string) => void) => {
        started++
        resolve('rows')
      },
    }
    const returned = collectors.run((own) => {
      own.increment('m')
      return query
    })
    assert.equal(returned.limit(), query)
    assert.equal(started, 0)
    assert.deepEqual(lines(), [])
    assert.equal(await returned, 'rows')
    assert.equal(started, 1)
    assert.deepEqual(lines(), ['increment m 1'])
  })

  it('has base tags of its own before those of the collector', () => {
    const jobs = new DogstatsdCollector(notingSink(told), { baseTags: ['svc:jobs', 'queue:none'] })
    jobs.run((own) => own.increment('m', 1, { tags: ['a:1'] }), { baseTags: { queue: 'mail' } })
    assert.deepEqual(lines(), ['increment m 1 a:1,queue:mail,svc:jobs'])
  })

  it('keeps twenty jobs apart that run at once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, job) =>
        collectors.run(
          async () => {
            for (let at = 0; at < job; at++) {
              await nextTurn()
              collectors.active.increment('steps')
            }
          },
          { baseTags: [`job:${job}`] },
        ),
      ),
    )
    const expected = Array.from({ length: 19 }, (_, at) => `increment steps ${at + 1} job:${at + 1}`)
    assert.deepEqual(lines().sort(), expected.sort())
  })

  it('sends at once what comes after the end, and does not open the job again', async () => {
    let later: Promise<void> | undefined
    collectors.run((own) => {
      later = nextTurn().then(() => {
        own.increment('kept')
        collectors.active.increment('found')
      })
    })
    assert.deepEqual(lines(), [])
    await later
    assert.deepEqual(lines(), ['increment kept 1', 'increment found 1'])
    assert.equal(collectors.active.stats().passedThrough, 2)
  })

  it('finds the collector of the job by one that was asked for outside', () => {
    const outside = collectors.active
    outside.increment('before')
    assert.deepEqual(lines(), ['increment before 1'])
    collectors.run(() => {
      outside.increment('inside')
      assert.deepEqual(lines(), [])
      outside.flush()
      assert.deepEqual(lines(), ['increment inside 1'])
      outside.end()
      outside.increment('again')
      assert.deepEqual(lines(), [])
    })
    assert.deepEqual(lines(), ['increment again 1'])
  })

  describe('inside of another', () => {
    it('becomes part of that', () => {
      collectors.run(
        (outer) => {
          outer.histogram('queries', 1)
          collectors.run(
            (inner) => {
              assert.notEqual(inner, outer)
              inner.histogram('queries', 2)
              inner.histogram('queries', 3)
              inner.gauge('g', 1)
              inner.timing('t', 4)
              inner.timing('t', 5)
              inner.set('s', 'x')
            },
            { baseTags: ['in:1'] },
          )
          collectors.run((inner) => inner.histogram('queries', 10))
          assert.equal(collectors.active, outer)
          assert.deepEqual(lines(), [])
        },
        { baseTags: ['out:1'] },
      )
      assert.deepEqual(lines(), [
        'histogram queries 11 out:1',
        'histogram queries 5 in:1,out:1',
        'gauge g 1 in:1,out:1',
        'timing t 4 in:1,out:1',
        'timing t 5 in:1,out:1',
        'set s x in:1,out:1',
      ])
      const { recorded, merged, sent, waiting } = collectors.active.stats()
      assert.deepEqual({ recorded, merged, sent, waiting }, { recorded: 8, merged: 2, sent: 6, waiting: 0 })
    })

    it('becomes part of the one that it was begun with, wherever it is called', () => {
      let outer: DogstatsdCollector | undefined
      let release = () => {}
      const job = collectors.run((own) => {
        outer = own
        return new Promise<void>((resolve) => {
          release = resolve
        })
      })
      outer?.run((inner) => inner.increment('m'))
      assert.deepEqual(lines(), [])
      release()
      return job.then(() => assert.deepEqual(lines(), ['increment m 1']))
    })

    it('is sent by itself where it is isolated', () => {
      collectors.run((outer) => {
        outer.increment('m')
        collectors.run((inner) => inner.increment('m', 2), { nested: 'isolate' })
        assert.deepEqual(lines(), ['increment m 2'])
      })
      assert.deepEqual(lines(), ['increment m 1'])
    })

    it('is sent when it ends where that has ended before', async () => {
      let inner: Promise<void> | undefined
      collectors.run(() => {
        inner = collectors.run(async (own) => {
          own.increment('m')
          await nextTurn()
          own.increment('m')
        })
      })
      assert.deepEqual(lines(), [])
      await inner
      assert.deepEqual(lines(), ['increment m 2'])
    })

    it('takes what comes after its end as part of that', async () => {
      let later: Promise<void> | undefined
      await collectors.run(async (outer) => {
        collectors.run(
          (inner) => {
            later = nextTurn().then(() => {
              inner.increment('m')
              collectors.active.increment('m')
            })
          },
          { baseTags: ['in:1'] },
        )
        await later
        assert.deepEqual(lines(), [])
        outer.increment('m')
      })
      assert.deepEqual(lines(), ['increment m 2 in:1', 'increment m 1'])
      assert.equal(collectors.active.stats().passedThrough, 0)
    })

    it('does not hide the collector of another sink, nor become part of it', () => {
      const elsewhere: Told[] = []
      const others = new RequestCollectors(notingSink(elsewhere))
      collectors.run((own) => {
        own.increment('mine')
        others.run(() => {
          others.active.increment('theirs')
          collectors.active.increment('mine')
          collectors.run(() => collectors.active.increment('mine'))
        })
        assert.deepEqual(
          elsewhere.map(([, name]) => name),
          ['theirs'],
        )
        assert.deepEqual(lines(), [])
      })
      assert.deepEqual(lines(), ['increment mine 3'])
    })
  })

  it('can be told to send what all jobs have so far, the inner ones by the outer ones', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const job = collectors.run(async (outer) => {
      outer.increment('m')
      await collectors.run(async (inner) => {
        inner.increment('m')
        await held
        inner.increment('m')
      })
    })
    collectors.flush()
    assert.deepEqual(lines(), ['increment m 2'])
    release()
    await job
    assert.deepEqual(lines(), ['increment m 1'])
  })

  it('lets the oldest job send what it has when there are too many', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const jobs = Array.from({ length: MAX_OPEN }, (_, at) =>
      collectors.run((own) => {
        own.increment('m', 1, { tags: [`job:${at}`] })
        return held
      }),
    )
    assert.deepEqual(lines(), [])
    const last = collectors.run(() => held)
    assert.deepEqual(lines(), ['increment m 1 job:0'])
    release()
    await Promise.all([...jobs, last])
    assert.equal(lines().length, MAX_OPEN - 1)
    assert.equal(collectors.active.stats().waiting, 0)
  })
})
